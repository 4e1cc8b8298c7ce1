#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Conditional requests: what GET of one record says in ETag is what If-Match of
# PUT and DELETE takes, whatever the definitions show; no update is lost.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start;
my $db = $on->db;
my $v = '/restapi/vtap/api';

sub doc ($name, $rest) { Served::document($name, $rest) }
my $where = '<where><field name="id" value="@id"/></where>';
$db->run(<<'SQL');
CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(80), count INT NOT NULL DEFAULT 0,
    weight FLOAT, at TIMESTAMP(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6));
INSERT INTO notes (id, text) VALUES (1, 'one'), (2, 'two');
CREATE TABLE parts (id INT PRIMARY KEY, name VARCHAR(20) CHARACTER SET latin1);
CREATE TABLE part_sizes (part_id INT PRIMARY KEY, size FLOAT, unit VARCHAR(9) COLLATE utf8mb4_bin);
INSERT INTO parts VALUES (1, 'bolt');
SQL
$db->ctl_ok('module', 'import', 'notes', '--name', 'Notes');
like $db->ctl_ok('module', 'export', 'Notes'), qr/^<module name="Notes" label="Notes" version="at">/,
    'a column that the server changes with each change is imported as the version';
$db->ctl_ok('module', 'apply', Served::files(<<'XML'));
<module name="Parts"><table name="parts" key="id"/><table name="part_sizes" key="part_id"/>
  <key made="caller" type="integer"/><field name="name" type="string" length="20"/>
  <field name="size" table="part_sizes" type="double" float="true"/>
  <field name="unit" table="part_sizes" type="string" length="9"/></module>
XML
my $bad = $db->ctl('module', 'apply', Served::files('<module name="Bad" version="seen">'
    . '<table name="people" key="id"/><key type="integer"/><field name="seen" type="datetime"/></module>'));
like $bad->{err}, qr/:1:1: version of <module>: 'seen' is neither a whole number nor a date-time with 6 digits/,
    'a date-time of whole seconds is no version';
$on->publish(
    doc('Brief', qq(<api path="brief/{id}"><select module="People" one="true">
        <record><field name="name"/><field name="org_id.name" as="org"/></record>$where</select></api>)),
    doc('Age', qq(<api path="age/{id}" method="patch"><update module="People"><record>
        <field name="age" value="\@age"/></record>$where</update></api>)),
    doc('Only New', qq(<api path="only" method="put"><upsert module="Notes"><record>
        <field name="text" value="\@text"/><field name="count" value="\@count"/></record>
        <where><field name="text" value="\@text"/></where></upsert></api>)),
    doc('Both', qq(<api path="both/{id}" method="post"><update module="People"><record>
        <field name="age" value="\@age"/></record>$where</update><create module="Orgs"><record>
        <field name="name" value="\@name"/></record></create></api>)),
    doc('Part', qq(<api path="parts/{id}"><select module="Parts" one="true"><record>
        <field name="name"/></record>$where</select></api>)),
    doc('Set Part', qq(<api path="parts/{id}" method="put"><update module="Parts"><record>
        <field name="name" value="\@name"/></record>$where</update></api>)),
    doc('Note', qq(<api path="notes/{id}"><select module="Notes" one="true"><record>
        <field name="text"/></record>$where</select></api>)),
    doc('Count', qq(<api path="notes/{id}" method="put"><update module="Notes"><record>
        <field name="count" value="\@count"/></record>$where</update></api>)));

sub tag ($path) { $on->get($path)->header('ETag') }
sub with ($match, @more) { (headers => [ 'If-Match' => $match, @more ]) }
sub age ($id = 1) { $db->value("SELECT age FROM people WHERE id = $id") }
sub code ($got) { $got->status . ' ' . eval { $got->json->{code} } }
my $failed = '412 PRECONDITION_FAILED';

# ---- update

my $tag = tag('/api/people/1');
my ($part) = $tag =~ /^"(\w{16})\./ or die $tag;
like tag('/api/brief/1'), qr/^"\Q$part\E\./, 'whatever is shown, the part of the record is the same';
isnt tag('/api/brief/1'), $tag, '  and the whole is not';
like tag("$v/people/1"), qr/^"\Q$part\E\./, '  in the other profile too';
is $on->call(PUT => '/api/people/1', json => { age => 1 }, with($tag))->status, 200, 'If-Match: PUT';
is code($on->call(PUT => '/api/people/1', json => { age => 2 }, with($tag))), $failed, '  not again';
is age(), 1, '  nothing is written';
like $on->call(PUT => '/api/people/1', json => { age => 2 }, with($tag))->json->{detail},
    qr/changed meanwhile/, '  a readable text';
isnt substr(tag('/api/people/1'), 0, 18), substr($tag, 0, 18), '  its part is another now';
is $on->call(PATCH => '/api/age/1', json => { age => 3 }, with(tag('/api/brief/1')))->status, 200,
    'the tag of one definition for another';
is $on->call(PATCH => '/api/age/1', json => { age => 4 },
    with('"x", "' . 'a' x 16 . '.b" , ' . tag('/api/brief/1')))->status, 200, 'one of a list';
is $on->call(PATCH => '/api/age/1', json => { age => 5 }, with('*'))->status, 200, '*';
is code($on->call(PATCH => '/api/age/1', json => { age => 6 }, with($_))), $failed, "not $_"
    for '"x"', '""', 'x', '"', 'W/' . tag('/api/brief/1'), '"' . substr(tag('/api/brief/1'), 1, 16) . '"';
is $on->call(PATCH => '/api/age/1', json => { age => 6 },
    with(tag('/api/brief/1') =~ s/"$/-gzip"/r))->status, 200, 'the tag of a compressed answer';
$tag = tag('/api/people/1');
$on->call(PUT => '/api/people/1', json => { age => 6 }, with($tag));
is tag('/api/people/1'), $tag, 'what changes nothing leaves the tag';
$db->run('UPDATE people SET photo = 0x0102 WHERE id = 1');
is code($on->call(PATCH => '/api/age/1', json => { age => 7 }, with($tag))), $failed,
    'a change by somebody else, of a field that is not written';
is code($on->call(PATCH => '/api/age/999', json => { age => 7 }, with($tag))), '404 RECORD_NOT_FOUND',
    'what would be 404 is 404';
is code($on->call(PATCH => '/api/age/1', json => { age => 'x' }, with('"x"'))), '422 INVALID_VALUE', '  422 too';
is $on->get('/api/people/1', headers => [ "If-$_" => 'Mon, 01 Jan 2001 00:00:00 GMT' ])->status, 200,
    "If-$_ is ignored" for qw(Unmodified-Since Modified-Since);

# ---- profile vtiger

my $got = $on->call(PUT => "$v/people/1", json => { age => 8 }, with($tag));
is $got->status . $got->json->{error}{code}, '412PRECONDITION_FAILED', 'profile vtiger: 412';
is $on->call(PUT => "$v/people/1", json => { age => 8 }, with(tag("$v/people/1")))->status, 200, '  and 200';

# ---- delete

$tag = tag('/api/people/12');
$on->call(PATCH => '/api/age/12', json => { age => 1 });
is code($on->call(DELETE => '/api/people/12', with($tag))), $failed, 'DELETE of what changed';
is $on->call(DELETE => '/api/people/12', with(tag('/api/people/12')))->status, 204, '  of what did not';
is $on->get('/api/people/12')->status, 404, '  it is gone';

# ---- several rows, several operations, upsert, create

my ($ten, $eleven) = map { tag("/api/people/$_") } 10, 11;
sub ages ($n, @match) { $on->call(PATCH => '/api/ages', json => { name => 'P1', age => $n }, with(@match)) }
is code(ages(20, $ten)), $failed, 'every record must be named';
is age(10), 10, '  none is changed';
is ages(20, "$ten, $eleven")->status, 200, '  all are';
is code($on->call(PATCH => '/api/ages', json => { name => 'nobody', age => 1 }, with('*'))), $failed,
    '* is none of no record';
$tag = tag('/api/people/1');
is $on->call(POST => '/api/both/1', json => { age => 11, name => 'New' }, with($tag))->status, 201,
    'a script: the first that changes records';
is code($on->call(POST => '/api/both/1', json => { age => 12, name => 'Newer' }, with($tag))), $failed, '  once';
is $db->value('SELECT COUNT(*) FROM orgs WHERE name LIKE "New%"'), 1, '  all or nothing';
is code($on->call(POST => '/api/people', json => { name => 'x' }, with($_))), $failed,
    "no record is there before a create: $_" for '*', '"x"';
my @new = (headers => [ 'If-None-Match' => '*' ]);
is $on->call(PUT => '/api/only', json => { text => 'nut', count => 1 }, @new)->status, 201,
    'If-None-Match: *: an upsert creates';
is code($on->call(PUT => '/api/only', json => { text => 'nut', count => 2 }, @new)), $failed, '  and changes nothing';
is code($on->call(PUT => '/api/only', json => { text => 'nail', count => 2 }, with('*'))), $failed,
    'If-Match: *: it changes';
is $on->call(PUT => '/api/only', json => { text => 'nut', count => 2 }, with('*'))->status, 200, '  only';

# ---- GET

is $on->get('/api/people/1', with(tag('/api/people/1')))->status, 200, 'If-Match on GET';
is code($on->get('/api/people/1', with('"x"'))), $failed, '  of something else';
is $on->get('/api/orgs', headers => [ 'If-None-Match' => tag('/api/orgs') ])->status, 304, 'a list';
$tag = tag('/api/brief/1');
$db->run(q{UPDATE orgs SET name = 'Acme Ltd' WHERE id = 1});
is $on->get('/api/brief/1', headers => [ 'If-None-Match' => $tag ])->status, 200,
    'what a reference leads to changed: not 304';
is $on->call(PATCH => '/api/age/1', json => { age => 13 }, with($tag))->status, 200,
    '  but the record did not: If-Match holds';

# ---- further tables, further character sets, FLOAT; the version column

$tag = tag('/api/parts/1');
$db->run('INSERT INTO part_sizes VALUES (1, 0.1, "m")');
isnt tag('/api/parts/1'), $tag, 'a row in a further table';
$tag = tag('/api/parts/1');
$db->run('UPDATE part_sizes SET size = 0.10000001');
isnt tag('/api/parts/1'), $tag, 'a FLOAT that reads alike';
is $on->call(PUT => '/api/parts/1', json => { name => 'screw' }, with(tag('/api/parts/1')))->status, 200, 'written';
$tag = tag('/api/notes/1');
is $on->call(PUT => '/api/notes/1', json => { count => 1 }, with($tag))->status, 200, 'the version column';
is code($on->call(PUT => '/api/notes/1', json => { count => 2 }, with($tag))), $failed, '  once';
like $db->ctl_ok('plan', Served::files(doc('Note', "<api><select module=\"Notes\" one=\"true\"><record>
    <field name=\"text\"/></record>$where</select></api>"))), qr/SELECT t0\.`text`, t0\.`at` FROM/, '  is all that is read';

# ---- fields that are hidden from a user

$db->ctl_ok('group', 'add', 'blind');
$db->ctl_ok('group', 'right', 'blind', 'People', '--allow', 'read,update', '--hidden', 'email,note');
$db->ctl_ok('user', 'groups', 'bob+c@d.example', 'blind');
$on->settle;
my @bob = (basic => [ 'bob+c@d.example', $on->key('bob+c@d.example') ]);
$tag = $on->get('/api/people/3', @bob)->header('ETag');
is substr($tag, 0, 17), substr(tag('/api/people/3'), 0, 17), 'a user who does not see all has the same tag';
is $on->call(PATCH => '/api/age/3', @bob, json => { age => 30 }, with($tag))->status, 200, '  and changes by it';
$tag = $on->get('/api/people/3', @bob)->header('ETag');
$db->run(q{UPDATE people SET email = 'hidden@a.example' WHERE id = 3});
is code($on->call(PATCH => '/api/age/3', @bob, json => { age => 31 }, with($tag))), $failed,
    '  but not over a change that is not seen';

# ---- races

for my $round (1 .. 5) {
    my $same = tag('/api/notes/2');
    my @got = Rig->parallel(8, sub ($i) {
        $on->call(PUT => '/api/notes/2', json => { count => $round * 10 + $i }, with($same))->status });
    is join(' ', sort @got), '200' . ' 412' x 7, "eight clients with one tag: one wins ($round)";
}
my @added = Rig->parallel(4, sub ($i) {
    my $done = 0;
    for (1 .. 200) {
        last if $done == 5;
        my $read = $on->get('/api/people/2');
        my $age = $read->json->{age} // 0;
        $done++ if $on->call(PATCH => '/api/age/2', json => { age => $age + 1 },
            with($read->header('ETag')))->status == 200;
    }
    return $done;
});
is_deeply \@added, [ 5, 5, 5, 5 ], 'four clients that read, add and write five times each';
is age(2), 20, '  no update is lost';

# ---- a column that is gone, of which those definitions say nothing

sub when_served ($call) {
    my $got;
    Rig->until(5, 'the look at the schema', sub { ($got = $call->())->status != 500 });
    return $got;
}
my @old = (tag('/api/brief/3'), tag('/api/notes/1'));
$db->run('ALTER TABLE people DROP COLUMN wakes; ALTER TABLE notes DROP COLUMN at');
$got = when_served(sub { $on->get('/api/brief/3') });
is $got->body, '{"name":"P3","org":"Bolt"}', 'GET of others goes on';
$tag = $got->header('ETag');
isnt $tag, $old[0], '  its tag is made of what there is';
is $on->get('/api/brief/3', headers => [ 'If-None-Match' => $tag ])->status, 304, '  and is the same again';
is code($on->call(PATCH => '/api/age/3', json => { age => 40 }, with($old[0]))), $failed, '  the old one fails';
is $on->call(PATCH => '/api/age/3', json => { age => 40 }, with($tag))->status, 200, '  the new one does';
is $on->call(DELETE => '/api/people/11', with(tag('/api/brief/11')))->status, 204, '  DELETE goes on';
is $on->get('/api/people/3')->status, 500, '  what answers all fields does not';
$tag = when_served(sub { $on->get('/api/notes/1') })->header('ETag');
isnt $tag, $old[1], 'without its version, a record is told by its fields';
is $on->call(PUT => '/api/notes/1', json => { count => 7 }, with($tag))->status, 200, '  which If-Match takes';
is code($on->call(PUT => '/api/notes/1', json => { count => 8 }, with($tag))), $failed, '  once';

is Rig::reports(), '', 'no report of a sanitizer';
done_testing;
