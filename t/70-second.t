# SPDX-License-Identifier: Apache-2.0
# What is published, and what becomes of users and keys, is in force on every
# process within a second, as APIDesignerReload is by default. Each process is
# asked just before the change and a second after it, so what a loaded machine
# adds makes no process look later.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;
use Time::HiRes qw(sleep time);

my $on = Served->start(reload => '', mpm => 'event', workers => 4, children => 3,
                       conf => "KeepAliveTimeout 60\nMaxKeepAliveRequests 0\n");
my ($web, $db) = ($on->web, $on->db);

# One kept connection to each process, by its pid.
my %to;
Rig->until(60, 'a connection to each process', sub {
    my $client = $web->connect;
    my ($pid) = $client->request(GET => '/apidesigner/metrics')->body =~ /pid="(\d+)"/;
    $to{$pid} = $client;
    return keys %to == 3;
});

# What all processes answer to the same request, each once.
sub answers ($key, $what = \&status) {
    my @basic = (basic => [ 'ann', $key ]);
    my %got = map { $what->($_->request(GET => '/api/orgs', @basic)) => 1 } values %to;
    return join ' ', sort keys %got;
}
sub status ($answer) { $answer->status }
sub version ($answer) { $answer->header('API-Version') // $answer->status }

sub a_second_after ($change) {
    $change->();
    my $end = time + 1;
    sleep 0.02 while time < $end;
}

my $key = $on->key('ann');
is answers($key, \&version), 1, 'three processes serve a version';
a_second_after(sub { $db->ctl_ok('apply', Served::files(
    '<api name="Orgs" path="orgs"><select module="Orgs"><limit max="1"/></select></api>')) });
is answers($key, \&version), 2, '  a second after another was published, each serves that';

is answers($key), 200, 'a key is good';
my $new;
a_second_after(sub { $new = Served::secret($db->ctl_ok('user', 'key', 'ann')) });
is answers($key), 401, '  a second after it was changed, the old one is not';
is answers($new), 200, '  and the new one is';

a_second_after(sub { $db->ctl_ok('user', 'disable', 'ann') });
is answers($new), 401, '  a second after the user was disabled, nor is that';
done_testing;
