#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Prefer: dry-run: everything runs, nothing stays, and the answer tells what
# would have been done.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start;
my $db = $on->db;
my $v = '/restapi/vtap/api';
$db->ctl_ok('user', 'add', 'dora', '--role', 'designer');
my @dora = (basic => [ dora => Served::secret($db->ctl_ok('user', 'key', 'dora')) ]);
$db->run(<<'SQL');
CREATE TABLE logs (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(80)) ENGINE=MyISAM;
CREATE TABLE `odd``name` (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(80)) ENGINE=InnoDB;
SQL
$db->ctl_ok('module', 'import', 'logs', '--name', 'Logs');
$db->ctl_ok('module', 'import', 'odd`name', '--name', 'Odd');
sub writer ($module) {
    return Served::document("Add $module", qq(<api method="post"><create module="$module"><record>
        <field name="text" value="\@text"/></record></create></api>));
}
$on->publish(writer('Logs'), writer('Odd'),
    Served::document('Logs', '<api><select module="Logs"/></api>'),
    Served::document('Both', <<'XML'));
<api method="post"><create module="Orgs" as="org"><record><field name="name" value="@org"/></record></create>
<create module="People"><record><field name="name" value="@name"/><field name="org_id" value="@org.id"/>
</record></create></api>
XML

sub state { join ' ', map { $db->value("SELECT CONCAT(COUNT(*), '/', COALESCE(MAX(id), 0)) FROM $_") }
    qw(people orgs apid_update apid_replay) }
my @dry = (headers => [ Prefer => 'dry-run' ]);
sub dry ($method, $path, %want) { $on->call($method, $path, @dora, @dry, %want) }
sub code ($got) { $got->status . ' ' . eval { $got->json->{code} } }
my $before = state();

# ---- create

my $got = dry(POST => '/api/people', json => { name => 'Dry', age => 5 });
is $got->status, 200, 'a create';
is $got->header('Preference-Applied'), 'dry-run', '  Preference-Applied';
is $got->header('Cache-Control'), 'no-store', '  nobody keeps it';
is $got->header('API-Version'), 1, '  the version';
is $got->header('Location'), undef, '  no Location';
my $said = $got->json;
is join(' ', sort keys %$said), 'answer changes outcome statements status', '  what it tells';
is "$said->{outcome} $said->{status}", 'inserted 201', '  outcome and status';
is "$said->{answer}{name} $said->{answer}{age}", 'Dry 5', '  the answer';
is_deeply $said->{changes}, [ { record => $said->{answer}{id}, operation => 'create', changes => [
    { field => 'name', old => undef, new => 'Dry' }, { field => 'age', old => undef, new => '5' } ] } ],
    '  the changes';
like $said->{statements}[0]{sql}, qr/^INSERT INTO `people` \(`name`, `age`\) VALUES \(\?, \?\)$/, '  the statement';
is_deeply $said->{statements}[0]{binds}, [ 'Dry', 5 ], '  its binds';
is $said->{statements}[0]{explain}, undef, '  which is not explained';
is scalar(grep { $_->{sql} =~ /apid_/ } @{ $said->{statements} }), 0, '  none of ours';
is state(), $before, 'nothing stays, no history either';

# ---- update, unchanged, upsert, delete

$said = dry(PUT => '/api/people/1', json => { age => 77, note => 'line' })->json;
is "$said->{outcome} $said->{status}", 'updated 200', 'an update';
is $said->{answer}[0]{age}, 77, '  the answer';
is_deeply $said->{changes}, [ { record => '7x1', operation => 'update', changes => [
    { field => 'age', old => '-7', new => '77' }, { field => 'note', old => "line\nnext", new => 'line' } ] } ],
    '  before and after';
my ($lock) = grep { $_->{sql} =~ / FOR UPDATE$/ } @{ $said->{statements} };
is_deeply $lock->{binds}, [ 1, 1001 ], '  the lock and its binds';
is "$lock->{explain}[0]{table} $lock->{explain}[0]{type} $lock->{explain}[0]{key}", 't0 const PRIMARY',
    '  how it is run';
is dry(PUT => '/api/people/1', json => { age => -7 })->json->{outcome}, 'unchanged', 'what is so already';
$said = dry(PUT => '/api/people', json => { email => 'ann@a.example', name => 'A' })->json;
is "$said->{outcome} $said->{changes}[0]{record}", 'updated 7x1', 'an upsert that finds';
$said = dry(PUT => '/api/people', json => { email => 'new@a.example', name => 'A' })->json;
is "$said->{outcome} $said->{status}", 'inserted 201', '  that creates';
$said = dry(DELETE => '/api/people/2')->json;
is "$said->{outcome} $said->{status}", 'deleted 204', 'a delete';
is $said->{answer}, undef, '  has no answer';
is $said->{statements}[0]{explain}[0]{key}, 'PRIMARY', '  the lock is explained before the record is gone';
is_deeply $said->{changes}, [ { record => '7x2', operation => 'delete', changes => [
    { field => 'name', old => 'Bob', new => undef } ] } ], '  but a record';
$said = dry(POST => '/api/Both', json => { org => 'Dry Ltd', name => 'Both' })->json;
is join(' ', map { "$_->{operation} $_->{changes}[0]{new}" } @{ $said->{changes} }), 'create Dry Ltd create Both',
    'a script of two';
ok !(grep { !defined $_->{record} } @{ $said->{changes} }), '  both have an id';
is state(), $before, 'nothing stays';

# ---- reads

$said = dry(GET => '/api/people?page=2')->json;
is "$said->{outcome} $said->{status} " . @{ $said->{answer} }, 'rows 200 5', 'a select';
like $said->{statements}[0]{sql}, qr/^SELECT t0\.`id`, t0\.`name` FROM `people` t0 ORDER BY t0\.`id` LIMIT \? OFFSET \?$/,
    '  its statement';
is $said->{statements}[0]{explain}[0]{table}, 't0', '  explained';
is_deeply $said->{changes}, [], '  changes nothing';
is dry(GET => '/api/Logs')->status, 200, '  of a table without transactions too';
is dry(GET => '/api/people/1')->header('ETag'), undef, 'one: no tag';

# ---- errors are what they would be

is code(dry(POST => '/api/people', json => { age => 'x' })), '422 MANDATORY_FIELDS_MISSING', 'missing';
is code(dry(POST => '/api/people', json => { name => 'x', email => 'ann@a.example' })), '409 DUPLICATE_RECORD_FOUND',
    'a duplicate';
is code(dry(PUT => '/api/people/999', json => { age => 1 })), '404 RECORD_NOT_FOUND', 'none';
$got = dry(PUT => '/api/people/1', json => { age => 1 }, headers => [ @{ $dry[1] }, 'If-Match' => '"x"' ]);
is code($got), '412 PRECONDITION_FAILED', 'If-Match';
is $got->header('Preference-Applied'), 'dry-run', '  an error tells that it was dry';

# ---- profile vtiger, Idempotency-Key, ways to write the preference

$said = dry(POST => "$v/people", json => { name => 'Vt' })->json;
is "$said->{status} $said->{answer}{result}{name}", '200 Vt', 'profile vtiger';
my @keyed = (headers => [ @{ $dry[1] }, 'Idempotency-Key' => 'dry' ]);
dry(POST => '/api/people', json => { name => 'Keyed' }, @keyed) for 1, 2;
is state(), $before, 'a key is not used up';
for my $prefer ('DRY-RUN', 'return=minimal, dry-run', 'dry-run; why="to see"', 'a,, dry-run=1 ,b') {
    $got = $on->call(POST => '/api/people', @dora, json => { name => 'x' }, headers => [ Prefer => $prefer ]);
    is $got->header('Preference-Applied'), 'dry-run', "Prefer: $prefer";
}
is state(), $before, '  nothing stays';
for my $prefer ('dry-running', 'return=dry-run', 'x; dry-run') {
    $got = $on->call(POST => '/api/people', @dora, json => { name => 'x' }, headers => [ Prefer => $prefer ]);
    is $got->status . ($got->header('Preference-Applied') // ''), 201, "not Prefer: $prefer";
}

# ---- what the user may not read

$db->ctl_ok('group', 'add', 'blind');
$db->ctl_ok('group', 'right', 'blind', 'People', '--allow', 'create,read,update,delete', '--hidden', 'age');
$db->ctl_ok(qw(user groups dora blind));
$on->settle;
$said = dry(DELETE => '/api/people/3')->json;
is_deeply [ map { $_->{field} } @{ $said->{changes}[0]{changes} } ], [ 'name', 'org_id' ],
    'a hidden field is left out of the changes';

$db->run("CREATE TABLE memos (id INT PRIMARY KEY, text VARCHAR(80), owner INT); INSERT INTO memos VALUES (1, 'theirs', 999)");
$db->ctl_ok('module', 'apply', Served::files('<module name="Memos" owner="owner"><table name="memos" key="id"/>'
    . '<field name="text" type="string"/><field name="owner" type="owner"/></module>'));
$db->ctl_ok('group', 'add', $_) for qw(menders keepers);
$db->ctl_ok(qw(group right menders Memos --allow update));
$db->ctl_ok(qw(group right keepers Memos --allow read --scope own));
$db->ctl_ok(qw(user groups dora), 'menders,keepers');
$on->publish(Served::document('Mend', '<api method="put" path="memos/{id}"><update module="Memos"><record>'
    . '<field name="id" value="@id"/><field name="text" value="@text"/></record></update></api>'));
$said = dry(PUT => '/api/memos/1', json => { text => 'mine' })->json;
is $said->{outcome}, 'updated', 'who may change what is not hers';
is_deeply $said->{changes}[0]{changes}, [], '  is not told what it was';
$db->ctl_ok(qw(user groups dora everyone));
$on->settle;

# ---- who may, and where

$before = state();
$got = $on->call(POST => '/api/people', @dry, json => { name => 'x' });
is code($got), '403 ACCESS_DENIED', 'a caller may not';
like $got->json->{detail}, qr/role designer/, '  and is told who may';
$db->ctl_ok(qw(user role dora viewer));
$on->settle;
is code(dry(POST => '/api/people', json => { name => 'x' })), '403 ACCESS_DENIED', 'nor a viewer';
$db->ctl_ok(qw(user role dora designer));
$on->settle;
is code($on->call(POST => '/hooks/Hook', basic => 0, json => { name => 'x' },
    headers => [ @{ $dry[1] }, Token => $on->token('Hook') ])), '403 ACCESS_DENIED', 'nor who has a token only';
$got = dry(POST => '/api/Add Logs' =~ s/ /%20/r, json => { text => 'x' });
is code($got), '409 CONFLICT', 'a table without transactions';
like $got->json->{detail}, qr/^A table of Logs has no transactions/, '  is named by its module';
is $db->value('SELECT COUNT(*) FROM logs'), 0, '  nothing is written';
is dry(POST => '/api/Add%20Odd', json => { text => 'x' })->status, 200, 'a table with an odd name';
is state(), $before, 'nothing stays';

is Rig::reports(), '', 'no report of a sanitizer';
done_testing;
