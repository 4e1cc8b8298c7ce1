#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Faults of the database in the middle of load: every acknowledged write is
# there with its history, none is half there, every error is JSON and in time,
# static files keep being served, and service returns within 5 s.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;
use Time::HiRes qw(sleep time);

my $db = Rig->database(args => ['--max-connections=60']);
$db->ctl_ok('init', '--admin', 'admin');
$db->run(<<'SQL');
CREATE TABLE notes (
  id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
  code VARCHAR(40) NOT NULL UNIQUE,
  text VARCHAR(200)
) ENGINE=InnoDB;
SQL
$db->ctl_ok('module', 'import', 'notes', '--name', 'Notes');
my $dir = Rig->directory;
Rig::spew("$dir/Add.xml", <<'XML');
<api method="post" name="Add"><create module="Notes">
  <record><field name="code" value="@code"/><field name="text" value="@text"/></record>
</create></api>
XML
Rig::spew("$dir/Get.xml", <<'XML');
<api name="Get"><select module="Notes" one="true">
  <where><field name="code" value="@code"/></where>
</select></api>
XML
Rig::spew("$dir/Change.xml", <<'XML');
<api method="post" name="Change"><update module="Notes">
  <record><field name="text" value="@text"/></record>
  <where><field name="code" value="@code"/></where>
</update></api>
XML
$db->ctl_ok('apply', map { "$dir/$_.xml" } qw(Add Get Change));
$db->ctl_ok('user', 'add', 'ann', '--role', 'caller');
my ($key) = $db->ctl_ok('user', 'key', 'ann') =~ /(\S{43})/;
my @ann = (basic => ['ann', $key]);
my $web = Rig->apache(database => $db, workers => 24, conf => <<'CONF');
APIDesignerPool min=0 keep=4 max=6 ttl=60 acquire=1 waiters=4
APIDesignerStatementTimeout 2
MaxKeepAliveRequests 0
CONF

# A client that adds notes for so many seconds: what was acknowledged, what was
# refused how, and the longest wait.
sub add_notes ($name, $seconds) {
    my (@acknowledged, %refused, $kept);
    my ($longest, $n, $end) = (0, 0, time + $seconds);
    while (time < $end) {
        my $code = "$name-" . $n++;
        $kept //= $web->connect;
        my $got = $kept->request(POST => '/api/Add', @ann, json => { code => $code, text => 'x' x 50 });
        $longest = $got->seconds if $got->seconds > $longest;
        if ($got->status == 201) { push @acknowledged, $code; sleep 0.002 }
        else {
            my $code = eval { $got->json->{code} } // 'no JSON: ' . $got->body;
            $refused{ $got->status . " $code" }++;
            sleep 0.02;
        }
        undef $kept if ($got->header('Connection') // '') =~ /close/i;
    }
    return { acknowledged => \@acknowledged, refused => \%refused, longest => $longest };
}

# Load of four writers and one reader of static files, with a fault after one
# second.
sub load_with ($name, $seconds, $fault) {
    my @got = Rig->parallel(6, sub ($i) {
        if ($i == 0) { sleep 1; return $fault->() // 1 }
        return add_notes("$name-$i", $seconds) if $i < 5;
        my ($longest, $bad, $end) = (0, 0, time + $seconds);
        while (time < $end) {
            my $got = $web->get('/static.txt');
            $bad++ if $got->status != 200;
            $longest = $got->seconds if $got->seconds > $longest;
            sleep 0.01;
        }
        return { bad => $bad, longest => $longest };
    });
    shift @got;
    return @got;
}

sub is_whole ($what, @clients) {
    my %there = map { $_->{code} => 1 } $db->rows('SELECT code FROM notes');
    my @lost = grep { !$there{$_} } map { @{ $_->{acknowledged} } } @clients;
    is_deeply \@lost, [], "$what: every acknowledged write is there";
    my $record = q{SELECT CAST(record AS UNSIGNED) FROM apid_update WHERE module = 'Notes'};
    is $db->value("SELECT COUNT(*) FROM notes WHERE id NOT IN ($record AND operation = 'create')"),
        0, "$what: each with its history";
    is $db->value("SELECT COUNT(*) FROM apid_update WHERE module = 'Notes'"
        . ' AND CAST(record AS UNSIGNED) NOT IN (SELECT id FROM notes)'), 0, "$what: no history without its record";
    cmp_ok scalar(map { @{ $_->{acknowledged} } } @clients), '>', 0, "$what: some were acknowledged";
    my %refused;
    for my $client (@clients) { $refused{$_}++ for keys %{ $client->{refused} } }
    is_deeply [ grep { !/^50[34] (DATABASE_UNAVAILABLE|QUERY_TIMEOUT)$/ } keys %refused ], [],
        "$what: refusals are 503 or 504 in JSON";
}

sub recovers ($what) {
    my $start = time;
    my $got = eval { Rig->until(5, 'service', sub {
        my $a = $web->request(POST => '/api/Add', @ann, json => { code => "after-$what", text => 'x' });
        $a->status == 201 && $a;
    }) };
    ok $got, "$what: service is back within 5 s";
}

subtest 'a server killed and started again' => sub {
    my $pid = fork // die "fork: $!";
    my $file = "$dir/kill.json";
    if (!$pid) {
        my @clients = Rig->parallel(5, sub ($i) {
            return add_notes("kill-$i", 6) if $i;
            my ($longest, $bad, $end) = (0, 0, time + 6);
            while (time < $end) {
                my $got = $web->get('/static.txt');
                $bad++ if $got->status != 200;
                $longest = $got->seconds if $got->seconds > $longest;
                sleep 0.01;
            }
            return { bad => $bad, longest => $longest };
        });
        Rig::spew($file, Rig->to_json(\@clients));
        POSIX::_exit(0);
    }
    sleep 1.5;
    $db->signal('KILL');
    sleep 1;
    $db->again;
    recovers('kill');
    waitpid $pid, 0;
    my ($static, @clients) = @{ Rig->json(Rig::slurp($file)) };
    is_whole('kill -9', @clients);
    is $static->{bad}, 0, 'kill -9: static files were served';
    cmp_ok $static->{longest}, '<', 2, 'kill -9: without waiting';
};

subtest 'a server that stops answering' => sub {
    my ($one, $two, $three, $four, $static) = load_with('stop', 8, sub {
        $db->signal('STOP');
        sleep 4;
        $db->signal('CONT');
        1;
    });
    is_whole('SIGSTOP', $one, $two, $three, $four);
    is $static->{bad}, 0, 'SIGSTOP: static files were served';
    cmp_ok $static->{longest}, '<', 2, 'SIGSTOP: without waiting for the database';
    cmp_ok $_->{longest}, '<', 6, 'SIGSTOP: a refusal came within the timeouts' for $one, $two, $three, $four;
    recovers('stop');
};

subtest 'connections killed by an administrator' => sub {
    my ($one, $two, $three, $four) = load_with('admin', 4, sub {
        for (1 .. 20) {
            my @ids = map { $_->{id} } $db->rows('SELECT id FROM information_schema.processlist'
                . q{ WHERE command <> 'Daemon' AND id <> CONNECTION_ID()});
            eval { $db->run("KILL CONNECTION $_") } for @ids;
            sleep 0.1;
        }
        1;
    });
    is_whole('KILL CONNECTION', $one, $two, $three, $four);
    recovers('killed connections');
};

subtest 'max_connections reached by others' => sub {
    $db->run('SET GLOBAL max_connections = 10');
    my ($one, $two, $three, $four) = load_with('many', 4, sub {
        my @sleepers = map { my $p = fork; if (!$p) { open STDERR, '>', '/dev/null'; exec $db->command, '-e', 'SELECT SLEEP(2)' } $p } 1 .. 10;
        sleep 2;
        waitpid $_, 0 for @sleepers;
        1;
    });
    $db->run('SET GLOBAL max_connections = 60');
    is_whole('max_connections', $one, $two, $three, $four);
    recovers('max_connections');
};

subtest 'a lock held by somebody else' => sub {
    $web->request(POST => '/api/Add', @ann, json => { code => 'held', text => 'x' });
    my ($held, $got, $other) = Rig->parallel(3, sub ($i) {
        if ($i == 0) {
            $db->run(q{BEGIN; SELECT * FROM notes WHERE code = 'held' FOR UPDATE; SELECT SLEEP(5); COMMIT});
            return 1;
        }
        sleep 0.7;
        my $a = $web->request(POST => '/api/Change', @ann,
            json => { code => $i == 1 ? 'held' : 'after-kill', text => 'new' });
        return { status => $a->status, code => scalar eval { $a->json->{code} }, seconds => $a->seconds,
                 retry => scalar $a->header('Retry-After') };
    });
    like $got->{status}, qr/^50[34]$/, 'the writer that waits is refused';
    cmp_ok $got->{seconds}, '<', 4, 'within the statement timeout';
    ok $got->{status} == 504 || $got->{retry}, '503 says when to come again';
    is $other->{status}, 200, 'a writer of another row is not held up';
    is $db->value(q{SELECT text FROM notes WHERE code = 'held'}), 'x', 'nothing was written';
    recovers('lock');
};

is Rig::reports(), '', 'no report of a sanitizer';
done_testing;
