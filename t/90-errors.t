#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Errors: every message of the layers that read (documents, forms, URLs of
# databases) is expected somewhere: in a .err file, or in a test.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Sources;
use Test::More;

my @files = Sources->files(qw(apid_api.c apid_cond.c apid_plan.c apid_plan_names.c apid_module*.c
                              apid_vadl*.c apid_xml*.c apid_form.c apid_dsn.c));
my $raise = qr/\b(?:apid_err_raise|apid_compile_(?:error|missing)|apid_xml_(?:complain|refuse)
                   |refuse)\s*\(/x;
my $string = qr/"(?:[^"\\\n]|\\.)*"/;

# Strings of C that stand together, as one text; macros between them are a %s.
sub strings ($code) {
    $code =~ s{/\*.*?\*/}{}gs;
    $code =~ s/'"'/0/g;
    my @texts;
    while ($code =~ /($string(?:\s*(?:[A-Z_]+\s*)?$string)*)/g) {
        push @texts, join '', map { /^"/ ? s/^"|"$//gr =~ s/\\(["\\])/$1/gr : /_FMT$/ ? 'd' : '%s' }
            $1 =~ /$string|\w+/g;
    }
    return @texts;
}

# The messages of a file: texts of calls that raise, of a sentence's length.
sub messages ($path) {
    my $code = Sources->text($path);
    my @found;
    while ($code =~ /$raise((?:$string|'(?:\\.|[^'])'|[^"';])*);/g) {
        push @found, grep { length s/%\w+//gr > 12 && /\w \w/ } strings($1);
    }
    return @found;
}

# A format as a pattern: what it puts in is some text.
sub pattern ($format) {
    my @parts = split /%(?:[-+0]*[\d*]*(?:\.[\d*]+)?l*[a-z])/, $format, -1;
    my $text = join '.+?', map { quotemeta s/%%/%/gr } @parts;
    return qr/$text/;
}

# Texts of files, each made a list of lines or strings.
sub texts ($files, $split) {
    return map { $split->(Rig::slurp($_)) } grep { $_ ne "$FindBin::Bin/$FindBin::Script" }
        glob "$Rig::SOURCE/t/$files";
}

my @expected = (texts('vadl/*.err', sub ($text) { split /\n/, $text }),
                texts('unit/*.[ch]', \&strings),
                texts('*.t', sub ($text) { $text =~ s/\\(\W)/$1/gr }));

my $n = 0;
for my $path (@files) {
    my @messages = messages($path);
    $n += @messages;
    Sources->none(Sources->place($path) . ': every error is expected somewhere', grep {
        my $pattern = pattern($_);
        !grep { $_ =~ $pattern } @expected;
    } @messages);
}
cmp_ok $n, '>', 100, "messages are found ($n)";
done_testing;
