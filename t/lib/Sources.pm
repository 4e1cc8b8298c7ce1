# SPDX-License-Identifier: Apache-2.0
# Sources: the C sources as the guards read them. Every place is kept: what is
# taken out of a text (comments, strings, directives) leaves its newlines.
#
#   Sources->files('*.h')        # paths of mod_apidesigner, sorted
#   Sources->text($path)         # as it is
#   Sources->code($path)         # without comments and directives; strings ""
#   Sources->functions($path)    # { name, line, lines, parameters, nesting }
#   Sources->prototypes($path)   # { name, line, text, parameters, comment }
#   Sources->place($path)        # its name in messages
#   Sources->none($what, @wrong) # a test that nothing is wrong; shows all that is
package Sources;
use v5.36;
use Rig;
use Test::More ();

sub directory { "$Rig::SOURCE/mod_apidesigner" }

# What make makes is no source.
sub built {
    my ($list) = Rig::slurp("$Rig::SOURCE/Makefile.am")
        =~ /^BUILT_SOURCES\s*=((?:[^\n]*\\\n)*[^\n]*)/m;
    return map { ("$Rig::SOURCE/$_" => 1) } split ' ', $list // '';
}

sub files ($class, @patterns) {
    my ($from, %built) = (directory(), built());
    return grep { !$built{$_} } sort map { glob "$from/$_" }
        @patterns ? @patterns : ('*.c', '*.h');
}

sub place ($class, $path) { $path =~ s{^\Q$Rig::SOURCE\E/}{}r }

sub text ($class, $path) { Rig::slurp($path) }

sub none ($class, $what, @wrong) {
    Test::More::ok(!@wrong, $what) or Test::More::diag(join "\n", @wrong);
}

sub newlines ($text) { $text =~ s/[^\n]+//gr }

# Comments become blanks, strings "" and characters ' '.
sub strip ($text) {
    return $text =~ s{
        ( /\*.*?\*/ | //[^\n]* ) | ("(?:[^"\\\n]|\\.)*") | ('(?:[^'\\\n]|\\.)*')
    }{ defined $1 ? ' ' . newlines($1) : defined $2 ? '""' : q(' ') }gsxer;
}

# Directives are blanked, their continued lines too.
sub no_directives ($text) {
    return $text =~ s{^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*}{newlines($&)}gmer;
}

sub code ($class, $path) { no_directives(strip($class->text($path))) }

sub line_at ($text, $at) { 1 + (substr($text, 0, $at) =~ tr/\n//) }

# The parameters of "type name(a, b)": how many are between the parentheses
# that follow the name.
sub count_parameters ($list) {
    return 0 if $list =~ /^\s*(?:void)?\s*$/;
    1 while $list =~ s/\([^()]*\)//;
    return 1 + ($list =~ tr/,//);
}

my $parens = qr/(?<list>\((?:[^()]++|(?&list))*\))/;

# ---- nesting: how deep statements that choose or repeat stand in each other

sub tokens ($body) { $body =~ /[A-Za-z_]\w*|[{}();:?]|[^\sA-Za-z_{}();:?]+/g }

sub skip_parens ($t) {
    my $open = 0;
    do {
        my $token = shift @$t // return;
        $open++ if $token eq '(';
        $open-- if $token eq ')';
    } while ($open);
}

sub skip_expression ($t) {
    my $open = 0;
    while (defined(my $token = shift @$t)) {
        $open++ if $token =~ /^[({]$/;
        $open-- if $token =~ /^[)}]$/;
        return if $token eq ';' && $open <= 0;
    }
}

sub max (@numbers) { (sort { $b <=> $a } @numbers)[0] // 0 }

sub block_depth ($t, $level) {
    my $deepest = $level;
    while (@$t && $t->[0] ne '}') {
        $deepest = max($deepest, statement_depth($t, $level));
    }
    shift @$t;
    return $deepest;
}

sub statement_depth ($t, $level) {
    my $first = shift @$t // return $level;
    return block_depth($t, $level) if $first eq '{';
    return $level if $first eq ';';
    if ($first =~ /^(?:if|for|while|switch)$/) {
        skip_parens($t);
        my $inner = statement_depth($t, $level + 1);
        return $inner unless $first eq 'if' && ($t->[0] // '') eq 'else';
        shift @$t;
        my $on = ($t->[0] // '') eq 'if' ? $level : $level + 1;
        return max($inner, statement_depth($t, $on));
    }
    if ($first eq 'do') {
        my $inner = statement_depth($t, $level + 1);
        skip_expression($t);
        return $inner;
    }
    if ($first =~ /^(?:case|default)$/) {
        1 while @$t && shift(@$t) ne ':';
        return $level;
    }
    unshift @$t, $first;
    skip_expression($t);
    return $level;
}

# Functions begin with a "{" and end with a "}" at the left edge.
sub functions ($class, $path) {
    my $code = $class->code($path);
    my @found;
    while ($code =~ /^(?<head>[A-Za-z_][^;{}]*?\b(?<name>\w+)\s*$parens[^;{}()]*)\n\{
                      \n(?<body>.*?)^\}/gmsx) {
        my ($head, $name, $body, $list) = @+{qw(head name body list)};
        my $line = line_at($code, $-[0]);
        my @tokens = tokens("$body}");
        push @found, { name => $name, line => $line,
                       lines => ("$head\n{\n$body}" =~ tr/\n//) + 1,
                       parameters => count_parameters(substr $list, 1, -1),
                       nesting => block_depth(\@tokens, 0) };
    }
    return @found;
}

# Declarations of functions in a header; comment is true when its paragraph
# (what stands together without an empty line) begins with a contract.
sub prototypes ($class, $path) {
    my $raw  = $class->text($path);
    my $code = $class->code($path);
    my @raw  = split /\n/, $raw;
    my @found;
    while ($code =~ /^(?!typedef|struct|enum|static)
                      (?<text>[A-Za-z_][\w\s*]*?\b(?<name>\w+)\s*$parens[^;{}]*;)/gmx) {
        my ($text, $name, $list) = @+{qw(text name list)};
        my $line = line_at($code, $-[0]);
        my $top = $line - 1;
        $top-- while $top > 0 && $raw[$top - 1] =~ /\S/;
        push @found, { name => $name, line => $line, text => $text,
                       parameters => count_parameters(substr $list, 1, -1),
                       comment => scalar $raw[$top] =~ m{^/\*\*} };
    }
    return @found;
}

1;
