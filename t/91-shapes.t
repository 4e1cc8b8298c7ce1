#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Shapes: sizes, nesting, names and contracts of the C sources
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Sources;
use Test::More;

my %most = (median => 13, p95 => 50, function => 80, file => 600, nesting => 3,
            parameters => 5, columns => 80);
my $forbidden = qr/(?:^|_)(?:free|init|new|do|process|util|misc|common)(?:_|$)/;

my @files = Sources->files;
my @units = glob "$Rig::SOURCE/t/unit/*.[ch]";
my @functions = map { my $path = $_;
    map { { %$_, path => $path, place => Sources->place($path) . ":$_->{line}: $_->{name}" } }
        Sources->functions($path) } @files;
my @headers = map { my $path = $_;
    map { { %$_, place => Sources->place($path) . ":$_->{line}: $_->{name}",
            err => scalar $path =~ m{/apid_err\.h$} } }
        Sources->prototypes($path) } Sources->files('*.h');

cmp_ok scalar @functions, '>', 500, 'functions are found';
cmp_ok scalar @headers, '>', 100, 'prototypes are found';

# Places of lines that a pattern finds.
sub lines_with ($path, $text, $pattern) {
    my ($n, @found) = 0;
    for my $line (split /\n/, $text) {
        $n++;
        push @found, Sources->place($path) . ":$n: $line" if $line =~ $pattern;
    }
    return @found;
}

# None of the functions (or prototypes) has more of it than it may.
sub at_most ($what, @list) {
    my @wrong = map { "$_->{place}: $_->{$what}" } grep { $_->{$what} > $most{$what} } @list;
    is_deeply \@wrong, [], "$what: at most $most{$what}";
}

my @lengths = sort { $a <=> $b } map { $_->{lines} } @functions;
my ($median, $p95) = map { $lengths[ $_ * $#lengths ] } 0.5, 0.95;
cmp_ok $median, '<=', $most{median}, "median length of a function ($median lines)";
cmp_ok $p95, '<=', $most{p95}, "95th percentile ($p95 lines)";
Sources->none("no function over $most{function} lines",
    map { "$_->{place}: $_->{lines} lines" }
            grep { $_->{lines} > $most{function} } @functions);
at_most('nesting', @functions);
at_most('parameters', @functions, @headers);

is_deeply [ map { my $n = () = Sources->text($_) =~ /\n/g;
                  $n > $most{file} ? Sources->place($_) . ": $n lines" : () } @files, @units ],
    [], "no file over $most{file} lines";
Sources->none("no line over $most{columns} columns",
    map { lines_with($_, Sources->text($_), qr/^.{81}/) } @files, @units);
Sources->none('no tabs, no blanks at the end of a line',
    map { lines_with($_, Sources->text($_), qr/\t|[ ]$/) } @files, @units);
Sources->none('no goto',
    map { lines_with($_, Sources->code($_), qr/\bgoto\b/) } @files, @units);
Sources->none('nothing left to do',
    map { lines_with($_, Sources->text($_), qr/\b(?:TODO|FIXME|XXX|HACK)\b/) }
            @files, @units);
Sources->none('no code that is switched off',
    map { lines_with($_, Sources->text($_), qr{^#\s*if\s+0\b}) } @files, @units);
Sources->none('no function is named free, init, new, do, process, util, misc or common',
    map { "$_->{place}" } grep { $_->{name} =~ $forbidden } @functions, @headers);

my $first = qr{\A/\* SPDX-License-Identifier: Apache-2\.0 \*/\n/\*\n \* (\S.*?)\n \*/\n}s;
Sources->none('a file begins with its licence and a paragraph',
    map { Sources->place($_) } grep { Sources->text($_) !~ $first } @files, @units);

Sources->none('every public prototype has a contract above it',
    map { $_->{place} } grep { !$_->{comment} } @headers);
Sources->none('what can fail is APID_CHECKED',
    map { $_->{place} }
            grep { $_->{text} =~ /\bapid_err_t \*\w+\(/ && $_->{text} !~ /\bAPID_CHECKED\b/
                   && !($_->{err} && $_->{name} =~ /^apid_err_(?:because|field|about|at|join)$/) }
            @headers);
Sources->none('every header is guarded',
    map { Sources->place($_) } grep { Sources->text($_) !~ /^#ifndef (\w+_H)\n#define \1$/m }
            Sources->files('*.h'));

# The measures themselves, on a text whose measures are known.
my $sample = Rig->directory . '/sample.c';
Rig::spew($sample, <<'C');
static int walk(const char *text, int (*each)(int a, int b),
                int n)
{
    /* if (x) { if (y) { */
    for (int i = 0; i < n; i++)
        if (text[i] == '{') {
            while (each(i, 0))
                n--;
        }
        else if (text[i] == '"')
            continue;
        else
            switch (i) {
            case 1: { return 2; }
            default:
                break;
            }
    return 0;
}
C
is_deeply [ Sources->functions($sample) ],
    [ { name => 'walk', line => 1, lines => 19, parameters => 3, nesting => 3 } ],
    'a sample is measured right';

done_testing;
