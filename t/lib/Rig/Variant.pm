# SPDX-License-Identifier: Apache-2.0
# Rig::Variant: the tests once more, with another build or under another
# program; each test file is one test here.
#
#   my $build = Rig::Variant->build('asan', '--enable-asan');
#   Rig::Variant->repeat([ Rig::Variant->units ], { APID_BUILD => $build });
package Rig::Variant;
use v5.36;
use Fcntl qw(:flock);
use File::Basename qw(basename dirname);
use File::Path qw(make_path);
use Test::More;

# What a build reads. Directories are made, files are links: a tree of links
# can be configured though the source tree is configured itself.
my @files = qw(configure configure.ac aclocal.m4 Makefile.am Makefile.in
    build-aux/* conf/* sql/* sql/demo/*/* mod_apidesigner/*.[ch1] mod_apidesigner/*.inc
    t/unit/*.[ch]);

sub link_files ($dir) {
    for my $file (map { glob "$Rig::SOURCE/$_" } @files) {
        my $link = "$dir/" . substr $file, 1 + length $Rig::SOURCE;
        next if -l $link || -d $file;
        make_path(dirname($link));
        symlink $file, $link or die "$link: $!";
    }
}

sub run_in ($dir, @command) {
    my $ran = Rig->run({ timeout => 600 }, 'env', "--chdir=$dir", @command);
    return if $ran->{code} == 0;
    my $told = substr "$ran->{out}$ran->{err}", -4000;
    die "@command in $dir: exit $ran->{code}\n$told";
}

# Builds everything, the unit tests too; gives the build tree. One test at a
# time builds there.
sub build ($class, $name, @flags) {
    my $dir = "$Rig::BUILD/var/$name";
    make_path($dir);
    open my $lock, '>', "$dir/.lock" or die "$dir: $!";
    flock $lock, LOCK_EX;
    link_files($dir);
    my $configured = -M "$dir/config.status";
    run_in($dir, './configure', '--quiet', '--disable-maintainer-mode',
           @flags, 'CFLAGS=-O1 -g')
        if !defined $configured || $configured > -M "$Rig::SOURCE/configure";
    run_in($dir, 'make', '--quiet', '--jobs=2', $_) for qw(all check-programs);
    return $dir;
}

# The test files of a pattern such as "5*"; the unit tests among them.
sub tests ($class, @patterns) { sort map { glob "$Rig::SOURCE/t/$_.t" } @patterns }

sub units ($class, @patterns) {
    return grep { Rig::slurp($_) =~ m{lib/unit} } $class->tests(@patterns);
}

# Runs each file with env; what a failed one printed is shown.
sub repeat ($class, $files, $env) {
    ok scalar @$files, 'there is something to repeat';
    for my $file (@$files) {
        my $shell = Rig::slurp($file) =~ m{^#!/bin/sh};
        my $ran = Rig->run({ env => $env, timeout => 900 },
                           $shell ? 'sh' : $^X, $file);
        ok $ran->{code} == 0, basename($file)
            or diag "exit $ran->{code}\n$ran->{out}$ran->{err}";
    }
    done_testing;
}

1;
