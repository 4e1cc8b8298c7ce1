#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Readers who take their time: they hold some connections, for a while.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;
use Time::HiRes qw(sleep);

my $on = Served->start(workers => 24, conf => <<'END');
APIDesignerPool min=0 keep=4 max=4 acquire=1
APIDesignerStatementTimeout 8
<Location "/api">
    APIDesignerMaxRows 1000000
</Location>
END
my ($web, $db) = ($on->web, $on->db);
$db->run('CREATE TABLE long_one (id INT PRIMARY KEY, note VARCHAR(60) NOT NULL);
    INSERT INTO long_one SELECT seq, REPEAT("x", 60) FROM ' . $db->series(1, 300_000));
$db->ctl_ok('module', 'apply', Served::files(<<'XML'));
<module name="Long">
  <table name="long_one" key="id"/>
  <key made="caller" type="integer" bits="64"/>
  <field name="note" type="string"/>
</module>
XML
$on->publish('<api name="Long" path="long"><select module="Long"><limit max="1000000"/></select></api>');

$db->run(q{INSERT INTO people (name) SELECT CONCAT('long', REPEAT('y', 76)) FROM } . $db->series(1, 900));

$on->publish('<api name="Years" path="years" method="patch"><update module="People"><record><field name="age" value="@age"/></record>'
    . '<where><field name="name" value="@name" condition="startswith"/></where><return><field name="name"/></return></update></api>');

sub slow {
    my $client = $web->connect;
    $client->send(Rig::Client::request_text(GET => '/api/long', $web->port, basic => [ 'ann', $on->key('ann') ]));
    $client->take(1000) or die 'no answer';
    return $client;
}
my @slow = map { slow() } 1 .. 3;
my $got = $on->get('/api/long');
is $got->status, 503, 'three of four connections are being read from: a fourth long answer';
is $got->header('Retry-After'), 1, '  may come again';
is $got->header('Link'), undef, '  with nothing of the other answer';
like $got->json->{detail}, qr/ask for fewer records/, '  or smaller';
is $on->get('/api/people/1')->status, 200, 'short ones are answered';
$got = $on->call(PATCH => '/api/years', json => { name => 'long', age => 7 });
is $got->status, 200, 'and so is a write, however long its answer';
cmp_ok length $got->body, '>', 70_000, '  which is sent in pieces';
$web->mark;
Rig->until(30, 'the slow ones to be over',
    sub { (() = $web->errors =~ /broken off.*was not read in time/g) >= 3 });
pass 'they are broken off in the end';
$got = $on->get('/api/long');
is $got->status, 200, 'a reader who reads';
is((() = $got->body =~ /"id":/g), 300_000, '  gets all');
my ($all) = $on->get('/apidesigner/metrics')->body =~ /_db_connections\{.*\} (\d+)/;
cmp_ok $all, '<=', 4, 'no connection is lost';

# ---- a record that was made and cannot be seen

$db->run(q{CREATE TABLE ghosts (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), deleted INT NOT NULL DEFAULT 0);
    CREATE TABLE ghosts_more (ghost_id INT PRIMARY KEY, b VARCHAR(20))});
$db->run('CREATE TRIGGER gone BEFORE INSERT ON ghosts FOR EACH ROW SET NEW.deleted = 1');
$db->ctl_ok('module', 'apply', Served::files(<<'XML'));
<module name="Ghosts">
  <table name="ghosts" key="id"/>
  <table name="ghosts_more" key="ghost_id"/>
  <softdelete column="deleted" value="1" live="0"/>
  <field name="name" type="string" length="20"/>
  <field name="b" table="ghosts_more" type="string" length="20"/>
</module>
XML
$on->publish('<api name="Ghost" path="ghost" method="post"><create module="Ghosts"><record>'
    . '<field name="name" value="@name"/></record><return><field name="id"/></return></create></api>');
is $on->call(POST => '/api/ghost', json => { name => 'x' })->body, '{}', 'an answer is JSON all the same';
is $on->call(POST => '/restapi/vtap/api/ghost', json => { name => 'x' })->body, '{"success":true,"result":{}}',
    '  in profile vtiger';

is Rig::reports(), '', 'no report of a sanitizer';
done_testing;
