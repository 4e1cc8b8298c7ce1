#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# A script of the console's tests that dies after its plan fails its test: how
# Node ended is how the test ends.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Console;
use Test::More;

my $dir = Rig->directory;

# What a script prints that has that last line, and how it ended.
sub follow ($last) {
    Rig::spew("$dir/script.mjs", "console.log('ok 1 - it was');\nconsole.log('1..1');\n$last\n");
    open my $out, '>', \my $text;
    my $old = select $out;
    my $status = Console::follow("$dir/script.mjs", {});
    select $old;
    return ($text, $status);
}

is_deeply [ follow('') ], [ "ok 1 - it was\n1..1\n", 0 ], 'all that is printed, and that all went well';
my ($text, $status) = follow("setTimeout(() => { throw new Error('too late'); });");
like $text, qr/^1\.\.1\n.*too late/ms, 'what is said after the plan';
is $status, 1, 'an error after the plan';
is +(follow('process.exitCode = 3;'))[1], 3, 'any exit status';
is +(follow("process.kill(process.pid, 'SIGTERM');"))[1], 143, 'a signal';

done_testing;
