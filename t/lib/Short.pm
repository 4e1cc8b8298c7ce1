# SPDX-License-Identifier: Apache-2.0
# Short: how tests of many small definitions write them, and read answers.
#
#   '<update module="M">' . record('id', 'n=@new') . where('name') . '</update>'
#   names('return', 'id', 'n')     # <return><field name="id"/>...</return>
#   is_told $got, '422 INVALID_VALUE email', 'what';
package Short;
use v5.36;
use Exporter 'import';
use Test::More;

our @EXPORT = qw(fields record where names told is_told);

# A word binds the field to the parameter of its name, name=x to x.
sub fields ($element, @words) {
    my $text = join '', map { my ($name, $value) = split /=/, $_, 2;
        $value //= "\@$name"; qq{<field name="$name" value="$value"/>} } @words;
    return "<$element>$text</$element>";
}
sub record (@words) { fields('record', @words) }
sub where (@words)  { fields('where', @words) }
sub names ($element, @words) {
    return "<$element>" . join('', map { qq{<field name="$_"/>} } @words) . "</$element>";
}

# An answer as "200 updated", "422 INVALID_VALUE email".
sub told ($got) {
    my $json = length $got->body ? $got->json : undef;
    my $code = ref $json eq 'HASH' ? $json->{code} : undef;
    my @fields = map { $_->{pointer} =~ s{^/}{}r } @{ $code ? $json->{errors} // [] : [] };
    return join ' ', $got->status, $code // $got->header('X-Outcome') // (), @fields;
}
sub is_told ($got, $want, $what) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is told($got), $want, $what or diag $got->body;
}

1;
