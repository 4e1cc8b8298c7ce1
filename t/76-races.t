#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Races: clients that write the same record at once, and publishing under
# load. Nothing is lost, doubled or answered with an error.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;
use Time::HiRes qw(sleep);

my $db = Rig->database;
$db->ctl_ok('init', '--admin', 'admin');
$db->run(<<'SQL');
CREATE TABLE people (
  id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(80) NOT NULL UNIQUE,
  nick VARCHAR(80),
  visits INT NOT NULL DEFAULT 0,
  KEY (nick)
) ENGINE=InnoDB;
SQL
$db->ctl_ok('module', 'import', 'people', '--name', 'People');

my $dir = Rig->directory;
sub apply ($name, $text, @words) {
    Rig::spew("$dir/$name.xml", $text);
    return $db->ctl_ok('apply', "$dir/$name.xml", @words);
}
apply('Visit', <<'XML');
<api method="post" name="Visit"><upsert module="People">
  <record><field name="email" value="@email"/><field name="nick" value="@nick"/></record>
  <where><field name="email" value="@email"/></where>
</upsert></api>
XML
apply('Nick', <<'XML');
<api method="post" name="Nick"><upsert module="People">
  <record><field name="email" value="@email"/><field name="nick" value="@nick"/></record>
  <where><field name="nick" value="@nick"/></where>
</upsert></api>
XML
apply('Set', <<'XML');
<api method="post" name="Set"><update module="People">
  <record><field name="visits" value="@visits"/></record>
  <where><field name="email" value="@email"/><field name="visits" value="@was"/></where>
</update></api>
XML
apply('One', <<'XML');
<api name="One"><select module="People" one="true">
  <record><field name="email"/><field name="visits"/></record>
  <where><field name="email" value="@email"/></where>
</select></api>
XML
$db->ctl_ok('user', 'add', 'ann', '--role', 'caller');
my ($key) = $db->ctl_ok('user', 'key', 'ann') =~ /(\S{43})/;
my @ann = (basic => ['ann', $key]);
my $web = Rig->apache(database => $db, workers => 16, children => 2, conf => "MaxKeepAliveRequests 0\n");

subtest 'eight clients upsert one new key' => sub {
    for my $round (1 .. 10) {
        my @answers = Rig->parallel(8, sub ($i) {
            my $got = $web->request(POST => '/api/Visit', @ann,
                json => { email => "new$round\@example.com", nick => "n$i" });
            return [ $got->status, $got->header('X-Outcome'), $got->body ];
        });
        my @bad = grep { $_->[0] !~ /^20[01]$/ } @answers;
        is_deeply \@bad, [], "round $round: no error";
        is scalar(grep { $_->[0] == 201 } @answers), 1, "round $round: one of them created it";
    }
    is $db->value('SELECT COUNT(*) FROM people'), 10, 'one record a round';
    is $db->value(q{SELECT COUNT(*) FROM apid_update WHERE operation = 'create'}), 10, 'one creation a round';
};

subtest 'eight clients upsert one new key that is not unique' => sub {
    for my $round (1 .. 5) {
        my @answers = Rig->parallel(8, sub ($i) {
            my $got = $web->request(POST => '/api/Nick', @ann,
                json => { email => "nick$round-$i\@example.com", nick => "same$round" });
            return $got->status;
        });
        is_deeply [ grep { $_ !~ /^20[01]$/ } @answers ], [], "round $round: no error";
        is $db->value("SELECT COUNT(*) FROM people WHERE nick = 'same$round'"), 1, "round $round: one record";
    }
};

subtest 'updates that name what they expect are not lost' => sub {
    my @won = Rig->parallel(6, sub ($i) {
        my $kept = $web->connect;
        my $won = 0;
        for (1 .. 60) {
            my $now = $kept->request(GET => '/api/One?email=new1@example.com', @ann)->json->{visits};
            my $got = $kept->request(POST => '/api/Set', @ann,
                json => { email => 'new1@example.com', was => $now, visits => $now + 1 });
            die 'status ' . $got->status . $got->body unless $got->status == 200;
            $won++ if @{ $got->json };
        }
        return $won;
    });
    my $sum = 0;
    $sum += $_ for @won;
    is $db->value(q{SELECT visits FROM people WHERE email = 'new1@example.com'}), $sum,
        "each of $sum acknowledged increments is there";
    cmp_ok $sum, '>', 60, 'and there were many';
};

# What a sanitizer finds, it finds in fewer of them.
my $versions = $ENV{APID_ASAN} ? 50 : 200;
subtest "$versions versions published under load" => sub {
    my ($publisher, @clients) = Rig->parallel(5, sub ($i) {
        if ($i == 0) {
            for my $n (1 .. $versions) {
                apply("One", <<"XML");
<api name="One"><description>$n</description><select module="People" one="true">
  <record><field name="email"/><field name="visits"/></record>
  <where><field name="email" value="\@email"/></where>
</select></api>
XML
            }
            return $versions;
        }
        my ($kept, %seen, $calls) = ($web->connect);
        my $end = time + 100;
        until (-e "$dir/stop" || time > $end) {
            my $got = $kept->request(GET => '/api/One?email=new1@example.com', @ann);
            $seen{ $got->status }++;
            $calls++;
            sleep 0.01;
            last if ($got->header('API-Version') // 0) > $versions;
        }
        return \%seen;
    });
    is $publisher, $versions, 'published';
    for my $seen (@clients) {
        is_deeply [ keys %$seen ], [200], "a client's " . ($seen->{200} // 0) . ' requests all went well';
    }
    my $got = Rig->until(2, 'the last version', sub {
        my $a = $web->get('/api/One?email=new1@example.com', @ann);
        $a->header('API-Version') > $versions && $a;
    });
    is $got->status, 200, 'the last version is in force';
};

# Requests that are complete at the same moment; gives their statuses.
sub at_once ($n, $path) {
    my $text = Rig::Client::request_text(GET => $path, $web->port, @ann);
    my @clients = map { $web->connect } 1 .. $n;
    $_->send(substr $text, 0, -2) for @clients;
    sleep 0.2;
    $_->send("\r\n") for @clients;
    return map { $_->answer('GET')->status } @clients;
}

subtest 'what is revoked while nobody asks' => sub {
    for my $round (1 .. 6) {
        is join(' ', at_once(24, '/api/One?email=new1@example.com')), '200 ' x 23 . '200', "round $round: served";
        $db->ctl_ok('deactivate', 'One');
        sleep 1;
        is join(' ', at_once(24, '/api/One?email=new1@example.com')), '404 ' x 23 . '404', '  is not served again';
        $db->ctl_ok('activate', 'One');
        sleep 0.5;
    }
};

is Rig::reports(), '', 'no report of a sanitizer';
done_testing;
