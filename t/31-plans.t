#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Golden plans: what every good definition of t/vadl compiles to is its .plan
# file. APID_GOLDEN=1 writes the files anew, to be read before they are kept.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $dir = "$Rig::SOURCE/t/vadl";

# Statements whose '?' are not as many as the binds below them.
sub unbound ($text) {
    my @parts = grep { /^  [A-Z]/ } split /^(?=  \S|\S)/m, $text;
    return grep { my $n = () = /^    \d+: /mg; my ($sql) = /^(.*)/; ($sql =~ tr/?//) != $n } @parts;
}

for my $file (sort glob "$dir/[0-9]*.xml") {
    my $plan = $file =~ s/\.xml$/.plan/r;
    my $got = Rig->run({}, "$Rig::BUILD/apidesignerctl", 'plan', $file, '--modules', "$dir/modules");
    my $text = $got->{out} =~ s/\b1970-01-01 00:00:00\b/NOW/gr =~ s/\b1970-01-01\b/TODAY/gr;
    Rig::spew($plan, $text) if $ENV{APID_GOLDEN};
    is $text, Rig::slurp($plan), $plan =~ s{.*/}{}r;
    is_deeply [ unbound($text) ], [], '  every ? has its bind';
}
done_testing;
