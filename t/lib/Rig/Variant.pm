# SPDX-License-Identifier: Apache-2.0
# Rig::Variant: the tests once more, with another build or under another
# program; each test file is one test here.
#
#   my $build = Rig::Variant->build('asan', [], '--enable-asan');
#   Rig::Variant->repeat([ Rig::Variant->units ], { APID_BUILD => $build });
#   Rig::Variant->repeat($files, $env, 3)    # three files at a time
package Rig::Variant;
use v5.36;
use Fcntl qw(:flock);
use File::Basename qw(basename dirname);
use File::Path qw(make_path);
use Test::More;

# What a build reads. Directories are made, files are links: a tree of links
# can be configured though the source tree is configured itself.
my @files = qw(configure configure.ac aclocal.m4 Makefile.am Makefile.in
    build-aux/* conf/* conf/*/* sql/* sql/demo/*/* mod_apidesigner/*.[ch1] mod_apidesigner/*.inc
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

# What a unit test's file runs, as make knows it.
sub program ($file) { Rig::slurp($file) =~ m{lib/unit\S* (\w+)} ? "t/unit/$1" : () }

# Builds the programs of these unit tests, or everything; gives the build
# tree. One test at a time builds there, and gives way to tests that wait for
# answers. libtool in /bin/sh costs half of what it does in bash.
sub build ($class, $name, $units, @flags) {
    my $dir = "$Rig::BUILD/var/$name";
    make_path($dir);
    open my $lock, '>', "$dir/.lock" or die "$dir: $!";
    flock $lock, LOCK_EX;
    link_files($dir);
    my $configured = -M "$dir/config.status";
    run_in($dir, 'CONFIG_SHELL=/bin/sh', './configure', '--quiet', '--disable-maintainer-mode',
           'CFLAGS=-O1 -g', @flags)
        if !defined $configured || $configured > -M "$Rig::SOURCE/configure";
    my @make = ('nice', 'make', '--quiet', '--jobs=2');
    my @only = @$units ? 'check_PROGRAMS=' . join ' ', map { program($_) } @$units : ();
    run_in($dir, @make, 'all') unless @only;
    run_in($dir, @make, 'check-programs', @only);
    return $dir;
}

# The test files of a pattern such as "5*"; the unit tests among them.
sub tests ($class, @patterns) { sort map { glob "$Rig::SOURCE/t/$_.t" } @patterns }

sub units ($class, @patterns) {
    return grep { Rig::slurp($_) =~ m{lib/unit} } $class->tests(@patterns);
}

# Begins a test file in a process of its own; gives its pid. One that is not
# finished after 15 minutes is ended.
sub begin ($file, $env, $output) {
    my @command = (Rig::slurp($file) =~ m{^#!/bin/sh} ? 'sh' : $^X, $file);
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    alarm 900;
    %ENV = (%ENV, %$env);
    open STDOUT, '>', $output;
    open STDERR, '>&', \*STDOUT;
    exec { $command[0] } @command or POSIX::_exit(127);
}

# Runs each file with env, so many at once; what a failed one printed is shown.
sub repeat ($class, $files, $env, $at_once = 1) {
    ok scalar @$files, 'there is something to repeat';
    my ($dir, @left, %file) = (Rig->directory, @$files);
    while (@left || %file) {
        while (@left && keys %file < $at_once) {
            my $file = shift @left;
            $file{ begin($file, $env, "$dir/" . basename($file)) } = $file;
        }
        my $name = basename(delete $file{ waitpid -1, 0 } // next);
        ok $? == 0, $name or diag "status $?\n" . Rig::slurp("$dir/$name");
    }
    done_testing;
}

1;
