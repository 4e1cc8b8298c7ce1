# SPDX-License-Identifier: Apache-2.0
# What we serve is looked for in no file system: strace sees each call that
# names a file, also one whose result nobody asks for.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $trace = Rig->directory . '/calls';
my $on = Served->start(under => [ qw(strace -D -f -q -e trace=%file -o), $trace ]);

# The calls that name a file while code runs. What httpd looks for itself is the
# mark of where it begins and where it ends: strace has written all before it.
my $marks = 0;
sub look_for ($name) {
    $on->get("/$name", basic => 0);
    Rig->until(30, "httpd to look for $name", sub { Rig::slurp($trace) =~ m{/\Q$name\E"} });
}
sub calls ($code) {
    my ($begin, $end) = map { "$_$marks.txt" } 'begin', 'end';
    $marks++;
    look_for($begin);
    $code->();
    look_for($end);
    my ($between) = Rig::slurp($trace) =~ m{.*/\Q$begin\E"[^\n]*\n(.*?)[^\n]*/\Q$end\E"}s;
    return grep { /\(.*"[^"]/ } split /\n/, $between;
}

my @token = (basic => 0, headers => [ Token => $on->token('Hook') ]);
my %request = (
    'a select' => sub { $on->get('/api/orgs')->status },
    'a path of several parts' => sub { $on->get('/api/people/7x1')->status },
    'a create' => sub { $on->call(POST => '/api/people', json => { name => 'New' })->status },
    'profile vtiger' => sub { $on->get('/restapi/vtap/api/orgs')->status },
    'a webhook' => sub { $on->call(POST => '/hooks/Hook', @token, json => { name => 'H' })->status },
    'an unknown path' => sub { $on->get('/api/nothing/here')->status },
    'no credentials' => sub { $on->get('/api/orgs', basic => 0)->status },
    'health' => sub { $on->get('/apidesigner/health', basic => 0)->status },
    'metrics' => sub { $on->get('/apidesigner/metrics', basic => 0)->status },
);
cmp_ok scalar calls(sub { $on->get('/static.txt', basic => 0) }), '>', 0, 'strace sees a static file';
for my $what (sort keys %request) {
    $request{$what}->() for 1 .. 2;    # a connection to the database is there
    is_deeply [ calls(sub { ok $request{$what}->(), $what }) ], [], '  names no file';
}
done_testing;
