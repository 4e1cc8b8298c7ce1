#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Every definition of t/vadl: the good ones check, the bad ones are told all
# that is wrong with them, as their .err file says.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $dir = "$Rig::SOURCE/t/vadl";
my $ctl = "$Rig::BUILD/apidesignerctl";

sub check ($file) {
    return Rig->run({}, $ctl, 'check', $file, '--modules', "$dir/modules");
}

for my $file (sort glob "$dir/[0-9]*.xml") {
    my $got = check($file);
    is $got->{code}, 0, $file =~ s{.*/}{}r or diag $got->{out} . $got->{err};
}
for my $file (sort glob "$dir/bad-*.xml") {
    my $name = $file =~ s{.*/}{}r;
    my $want = Rig::slurp($file =~ s/\.xml$/.err/r);
    my $got = check($file);
    is $got->{code}, 1, "$name is refused";
    is $got->{err} =~ s/^\Q$file\E://mgr, $want, '  with all that is wrong';
}
done_testing;
