#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# make distcheck: the release tarball builds, passes its tests, installs and
# uninstalls from a tree that may not be written to
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

# A test of units and one of servers are enough there: all of them run here.
# That compiler and xz do their best is not needed either.
my $some = 't/10-err.t t/70-http.t';
delete $ENV{$_} for qw(MAKEFLAGS MAKELEVEL APID_BUILD APID_SOURCE);
my $ran = Rig->run({ timeout => 600, env => { XZ_OPT => '-0' } }, 'nice', 'make', '-C', $Rig::BUILD, 'distcheck',
    'AM_MAKEFLAGS=--jobs=2', 'DISTCHECK_CONFIGURE_FLAGS=CFLAGS=-O0',
    "TESTS_RUN=$some", 'check_PROGRAMS=t/unit/test_err', 'NODE_TOOLS=');
is $ran->{code}, 0, 'make distcheck'
    or diag substr "$ran->{out}$ran->{err}", -6000;
my ($tarball) = $ran->{out} =~ /^(mod_apidesigner-[\d.]+\.tar\.xz)$/m;
ok $tarball && -s "$Rig::BUILD/$tarball", 'there is a tarball';

# What is in it: all that is under version control but what only the
# repository needs.
my $listed = Rig->run({}, 'tar', '-tf', "$Rig::BUILD/$tarball")->{out};
my %packed = map { s{^[^/]+/}{}r => 1 } split /\n/, $listed;
my @tracked = -e "$Rig::SOURCE/.git"
    ? split /\n/, Rig->run({}, 'git', '-c', 'safe.directory=*', '-C',
                           $Rig::SOURCE, 'ls-files')->{out}
    : qw(quickstart configure README mod_apidesigner/README t/README);
cmp_ok scalar @tracked, '>=', 5, 'there are files to look for';
is_deeply [ grep { !$packed{$_} && $_ ne '.gitignore' } @tracked ], [],
    'all tracked files are packed';
is_deeply [ grep { /\.(?:o|lo|la|so|key)$|node_modules|(?:^|\/)var\// }
            sort keys %packed ], [], 'nothing built is';
unlink "$Rig::BUILD/$tarball";
done_testing;
