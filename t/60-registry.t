#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The registry: what is published is in force, what changed alone is read, what
# is broken keeps nothing else from serving
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IPC::Open2;
use Rig;
use Test::More;
use Time::HiRes qw(sleep time);

my $db = Rig->database;
$db->run(<<'SQL');
CREATE TABLE people (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(80) NOT NULL, email VARCHAR(100)) ENGINE=InnoDB;
CREATE TABLE towns (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(80) NOT NULL) ENGINE=InnoDB;
SQL
my $init = $db->ctl_ok('init');
like $init, qr/^password: \S{43}$/m, 'a database to begin with';

my $dir = Rig->directory;
sub file ($name, $text) { Rig::spew("$dir/$name.xml", $text); "$dir/$name.xml" }
sub module ($name, $table, @fields) {
    return file($name, qq(<module name="$name"><table name="$table" key="id"/>\n)
        . qq(<key type="integer" bits="32" unsigned="true"/>)
        . join('', map { qq(<field name="$_" type="string" length="80"/>\n) } @fields)
        . "</module>\n");
}
sub api ($name, $path, $record, $more = '') {
    return file($name, qq(<api method="get" name="$name" path="$path">)
        . qq(<select module="People"><record>$record</record>$more</select></api>\n));
}
my $by_id = '<where><field name="id" value="@id"/></where>';

# A registry in a process of its own; an answer and the notices before it.
my ($pid, $in, $out, @notices);
sub ask (@words) {
    local $SIG{ALRM} = sub { die "no answer to @words\n" };
    alarm 60;
    print $out join("\t", @words), "\n";
    while (defined(my $line = readline $in)) {
        chomp $line;
        alarm 0;
        return $line unless $line =~ s/^notice: //;
        push @notices, $line;
    }
    die "the registry ended at @words\n";
}
sub begin ($milliseconds = 50) {
    local $ENV{APIDESIGNER_DATABASE} = $db->url;
    $pid = open2($in, $out, "$Rig::BUILD/t/unit/test_registry_line");
    $out->autoflush(1);
    @notices = ();
    return ask('open', $milliseconds);
}
sub finish { close $out; close $in; waitpid $pid, 0; return $? }
sub fresh { sleep 0.12; return ask('lease') }

# ---- what is there at the beginning

$db->ctl_ok('module', 'apply', module('People', 'people', 'name', 'email'),
            module('Towns', 'towns', 'name'));
$db->ctl_ok('apply', api('All', 'people', '<field name="name"/>'),
            api('Person', 'people/{id}', '<field name="name"/>', $by_id),
            api('Best', 'people/best', '<field name="name"/>'));
is begin(), 'opened', 'it opens';
is ask('lease'), 'leased', 'a snapshot is there';
is ask('stats'), '3 definitions, 0 broken, 2 modules, 1 users', 'with all of it';
is ask('names'), 'All|Best|Person', 'sorted by name';
is ask('route', 'api', 'get', 'people'), 'All 1 live compiled [get]', 'a path';
is ask('route', 'api', 'get', 'people/17'), 'Person 1 live compiled [get] 17', 'a template';
is ask('route', 'api', 'get', 'people/best'), 'Best 1 live compiled [get]',
    'an exact path beats it';
is ask('route', 'api', 'put', 'people/17'), 'nothing [get]', 'another method: those known';
is ask('route', 'api', 'get', 'People'), 'nothing []', 'case matters';
is ask('route', 'api', 'get', 'people/1/2'), 'nothing []', 'as many segments';
is ask('route', 'api', 'get', 'people/{}'), 'Person 1 live compiled [get] {}',
    'braces in a request are a value';
is ask('route', 'webhook', 'get', 'people'), 'nothing []', 'of its kind alone';

# ---- templates: literal first

$db->ctl_ok('apply', file('A', '<api name="A" path="{x}/b/{y}">' . <<'XML'),
<select module="People"><where><field name="name" value="@x"/>
<field name="email" value="@y"/></where></select></api>
XML
    file('B', '<api name="B" path="a/{x}/c">' . <<'XML'));
<select module="People"><where><field name="name" value="@x"/></where></select></api>
XML
fresh();
is ask('route', 'api', 'get', 'a/b/c'), 'B 1 live compiled [get] b',
    'the earlier literal segment wins';
is ask('route', 'api', 'get', 'z/b/c'), 'A 1 live compiled [get] z c', 'two parts';
is ask('route', 'api', 'get', '{}/b/c'), 'A 1 live compiled [get] {} c', 'and braces';
$db->ctl_ok('drop', $_) for 'A', 'B';

# ---- a change is in force, and alone

$db->ctl_ok('apply', api('All', 'people', '<field name="email"/>'));
fresh();
is ask('route', 'api', 'get', 'people'), 'All 2 live compiled [get]', 'a new version is live';
is ask('edition', 'All', 1), '1 published compiled', 'the old one is answered when asked for';
is ask('edition', 'All', 7), 'no edition', 'one that never was is not';
is ask('names'), 'All|Best|Person', 'what was dropped is gone';
is ask('route', 'api', 'get', 'z/b/c'), 'nothing []', 'with its path';

$db->ctl_ok('rollback', 'All', 1);
$db->ctl_ok('deprecate', 'All', 2, '--sunset', '2030-01-01');
fresh();
is ask('edition', 'All', 0), '1 live compiled', 'rolled back';
is ask('edition', 'All', 2), '2 deprecated compiled', 'deprecated';
$db->ctl_ok('retire', 'All', 2);
$db->ctl_ok('deactivate', 'Best');
fresh();
is ask('edition', 'All', 2), '2 retired without plan', 'retired';
is ask('entry', 'Best'), 'inactive, owner admin, 0 tokens', 'deactivated';

# ---- a path goes from one to another in one step

$db->ctl_ok('apply', api('Best', 'people/top', '<field name="name"/>'));
$db->ctl_ok('apply', api('Top', 'people/best', '<field name="name"/>'));
fresh();
is ask('route', 'api', 'get', 'people/best'), 'Top 1 live compiled [get]', 'a path changed hands';
is ask('route', 'api', 'get', 'people/top'), 'Best 2 live compiled [get]', 'both ways';
$db->ctl_ok('drop', 'Top');

# ---- a version that is called otherwise than the live one

sub changed ($name, $path, $method = 'get') {
    return file($name, qq(<api name="$name" path="$path" method="$method"><select module="People"/></api>));
}
$db->ctl_ok('apply', changed('V', 'v/{a}', 'post'), changed('W', 'w/x'), changed('X', 'x/{a}'));
$db->ctl_ok('apply', changed('V', 'v/{b}', 'put'), changed('W', 'w/y'), changed('X', 'x/{b}'));
$db->ctl_ok('apply', changed('W', 'w/z'), changed('Y', 'w/{a}'), changed('Z', 'w/y'));
fresh();
is ask('route', 'api', 'post', 'v/1', 1), 'V 1 published compiled [post] v/{a} 1', 'by its own method';
is ask('route', 'api', 'put', 'v/1', 1), 'V, elsewhere [post]', '  not by that of the live one';
is ask('route', 'api', 'put', 'v/1', 2), 'V 2 live compiled [put] v/{b} 1', '  which has a number too';
is ask('route', 'api', 'post', 'v/1'), 'nothing [put]', '  and is found without one';
is ask('route', 'api', 'get', 'x/1', 1), 'X 1 published compiled [get] x/{a} 1', 'other names of parts';
is ask('route', 'api', 'get', 'w/x', 1), 'W 1 published compiled [get] w/x', 'by its own path';
is ask('route', 'api', 'get', 'w/x'), 'Y 1 live compiled [get] x', '  where another one is live';
is ask('route', 'api', 'get', 'w/y', 2), 'W 2 published compiled [get] w/y', 'a path of two definitions';
is ask('route', 'api', 'get', 'w/y', 1), 'Z 1 live compiled [get] w/y', '  each by its versions';
is ask('route', 'api', 'get', 'w/y', 3), 'Z, elsewhere []', '  that either has';
$db->ctl_ok('apply', changed('Z', 'w/zz'), changed('A', 'w/y'));
$db->ctl_ok('apply', changed('A', 'w/a'));
fresh();
is ask('route', 'api', 'get', 'w/y', 1), 'A 1 published compiled [get] w/y',
    'of two that are not live there, the first by name';
$db->ctl_ok('retire', 'A', 1);
fresh();
is ask('route', 'api', 'get', 'w/y', 1), 'Z 1 published compiled [get] w/y', '  that answers';
$db->ctl_ok('drop', 'Z');
fresh();
is ask('route', 'api', 'get', 'w/y', 1), 'A 1 retired without plan [get] w/y', '  or did';
$db->ctl_ok('rollback', 'W', 1);
fresh();
is ask('route', 'api', 'get', 'w/x', 1), 'W 1 live compiled [get] w/x', 'it is live again';
is ask('route', 'api', 'get', 'w/z', 3), 'W 3 published compiled [get] w/z', '  and the other is not';
$db->ctl_ok('drop', $_) for 'A', 'V' .. 'Y';
fresh();
is ask('route', 'api', 'post', 'v/1', 1), 'nothing []', 'dropped, with all its paths';

# ---- who answers one record

fresh();
is ask('reader', 'People'), 'no reader', 'none of them answers one record';
$db->ctl_ok('apply', file('Read', '<api name="Read" path="person/{key}"><select '
    . 'module="People" one="true"><where><field name="id" value="@key"/></where>'
    . '</select></api>'));
fresh();
is ask('reader', 'People'), 'Read', 'one does';
is ask('reader', 'Towns'), 'no reader', 'of its module';

# ---- users, their groups, webhooks and their owners

my $key = Rig->json($db->ctl_ok('--json', 'user', 'add', 'ann', '--id', '17x5'))->{key};
$db->ctl_ok('group', 'add', $_) for 'sales', 'board';
$db->ctl_ok('user', 'groups', 'ann', 'sales,board');
$db->ctl_ok('user', 'add', 'bob', '--role', 'viewer');
my $hook = file('Hook', '<webhook name="Hook"><select module="People"/></webhook>');
$db->ctl_ok('--as', 'ann', 'apply', $hook);
$db->ctl_ok('token', 'Hook');
fresh();
is ask('user', 'ann', $key), '17x5 caller right key board sales', 'a user with two groups';
is ask('user', 'bob', $key), '3 viewer wrong key everyone', 'another';
is ask('user', 'eve', $key), 'no user', 'and no other';
is ask('entry', 'Hook'), 'active, owner ann, 1 tokens', 'a webhook acts as who applied it';
is ask('route', 'webhook', 'delete', 'Hook'), 'Hook 1 live compiled [get]',
    'whatever the method';
$db->ctl_ok('user', 'disable', 'ann');
$db->ctl_ok('token', 'Hook', '--keep', 1);
fresh();
is ask('user', 'ann', $key), '17x5 caller wrong key disabled board sales', 'no key fits who is disabled';
is ask('entry', 'Hook'), 'active, owner ann (disabled), 2 tokens', 'the webhook knows it';
$db->ctl_ok('owner', 'Hook', 'bob');
fresh();
is ask('entry', 'Hook'), 'active, owner bob, 2 tokens', 'another owner';

# ---- broken: a module changed, a column gone

is_deeply \@notices, [], 'nothing to be said so far';
$db->ctl_ok('module', 'apply', module('People', 'people', 'name'));
$db->ctl_ok('apply', file('Town', '<api name="Town"><select module="Towns"/></api>'));
$db->ctl_ok('rollback', 'All', 1);
fresh();
is ask('edition', 'All', 1), '1 live compiled', 'what does not name it serves';
$db->ctl_ok('module', 'apply', module('People', 'people', 'name', 'email'));
$db->ctl_ok('apply', api('Mail', 'mail', '<field name="email"/>'));
fresh();
is ask('edition', 'Mail', 0), '1 live compiled', 'a definition that names the field';
like $db->ctl_ok('module', 'apply', module('People', 'people', 'name')),
    qr/^Mail +API broken$/m, 'the tool says what a module breaks';
fresh();
is ask('edition', 'Mail', 0), '1 live without plan', 'it is marked';
is ask('edition', 'All', 0), '1 live compiled', 'others serve';
is ask('stats'), '7 definitions, 1 broken, 2 modules, 3 users', 'and counted';
is_deeply [ splice @notices ], ["'Mail' version 1 is broken: line 1: unknown field 'email' in People"],
    'said once';
$db->ctl_ok('module', 'apply', module('People', 'people', 'name', 'email'));
fresh();
is ask('edition', 'Mail', 0), '1 live compiled', 'it works again with its field';
finish();

# A module that cannot be read, as an older program may have left it.
$db->run('UPDATE apid_revision SET value = value + 1');
$db->run(q(INSERT INTO apid_module (name, document, changed_by, changed_at, revision)
    SELECT 'Odd', '<module name="Odd">\n<tabel/></module>', 'x', UTC_TIMESTAMP(6), value FROM apid_revision));
begin();
like ask('lease'), qr/^leased$/, 'a module that cannot be read keeps nothing from serving';
is ask('stats'), '7 definitions, 0 broken, 2 modules, 3 users', 'it is not there';
like $notices[0], qr/^module 'Odd' is broken: line 2: /, 'it is told';
like $db->ctl('check', $hook)->{err}, qr/^Odd:2:1: /, 'the tool tells of it too';
is $db->ctl('module', 'drop', 'Odd')->{code}, 0, 'and can drop it';
finish();

# The schema is compared when a registry opens, and every ten seconds.
$db->run('ALTER TABLE people RENAME COLUMN email TO mail');
$db->run('ALTER TABLE towns RENAME COLUMN id TO town_id');
begin();
ask('lease');
is ask('edition', 'Mail', 0), '1 live without plan', 'a column is gone: marked';
is ask('edition', 'Town', 0), '1 live without plan', 'a key is gone: marked';
is ask('edition', 'Best', 0), '2 live compiled', 'others serve';
is ask('route', 'webhook', 'get', 'Hook'), 'Hook 1 live without plan [get]',
    'a select of all fields is marked too';
is_deeply [ sort splice @notices ], [
    (map { "'$_' version 1 is broken: line 1: field 'email' of People does not work: there is no "
            . 'column `people`.`email` in the database' } qw(Hook Mail Read)),
    "'Town' version 1 is broken: line 1: module 'Towns' does not work: there is no column `towns`.`id` "
        . 'in the database',
    "field 'email' of module 'People' does not work: there is no column `people`.`email` in the database",
    "module 'Towns' does not work: there is no column `towns`.`id` in the database" ], 'said, each once';
is ask('back', 3600), 'put back', 'the clock is put back by an hour';
$db->run('ALTER TABLE people RENAME COLUMN mail TO email');
Rig->until(30, 'the look at the schema', sub {
    sleep 0.2;
    ask('lease');
    ask('edition', 'Mail', 0) eq '1 live compiled';
});
pass 'it serves again when the column is back';
is ask('back', 3600), 'put back', 'by another one';
$db->ctl_ok('deactivate', 'Person');
Rig->until(30, 'the deactivation', sub { sleep 0.1; ask('lease'); ask('entry', 'Person') =~ /^inactive/ });
pass 'what changes is in force, whatever the clock said before';
$db->ctl_ok('activate', 'Person');

# ---- the database away

$db->signal('KILL');
my @waits = map { my $start = time; ask('lease'); sleep 0.06; time - $start } 1 .. 10;
is ask('route', 'api', 'get', 'people'), 'All 1 live compiled [get]', 'the last snapshot serves';
like ask('stats'), qr/, stale$/, 'and is known to be old';
cmp_ok scalar(grep { $_ > 0.2 } @waits), '<=', 5, 'few requests meet the connect';
my @told = grep { /^definitions cannot be read, the last ones serve: / } @notices;
is scalar @told, 1, 'told once';
$db->again;
$db->ctl_ok('activate', 'Best');
Rig->until(5, 'the database', sub { ask('lease'); sleep 0.1; ask('stats') !~ /stale/ });
is ask('entry', 'Best'), 'active, owner admin, 0 tokens', 'in force within 5 s of its return';
is $notices[-1], 'definitions can be read again', 'told';
finish();

$db->stop;
like begin(), qr/^opened$/, 'a registry opens without a database';
like ask('lease'), qr/^DATABASE_UNAVAILABLE: /, 'but leases nothing';
like $notices[0], qr/^definitions cannot be read, none are there: .*no server answers there: /,
    'told, with what is to be done';
$db->again;
Rig->until(5, 'the database', sub { sleep 0.1; ask('lease') eq 'leased' });
like ask('stats'), qr/^7 definitions/, 'it catches up';

# ---- threads lease while others publish

$db->ctl_ok('module', 'apply', file('Towns', <<'XML'));
<module name="Towns"><table name="towns" key="town_id"/><key type="integer"/>
<field name="name" type="string" length="80"/></module>
XML
sleep 0.1;
print $out "threads\tpeople\n";
for my $i (1 .. 20) {
    $db->ctl_ok('apply', api('All', 'people', '<field name="name"/>',
                             qq(<limit max="$i"/>)));
    $db->ctl_ok('module', 'apply', file('Towns', <<"XML")) if $i % 5 == 0;
<module name="Towns" label="Towns $i"><table name="towns" key="town_id"/>
<key type="integer"/><field name="name" type="string" length="80"/></module>
XML
}
my $threads = readline $in;
$threads = readline $in while $threads =~ /^notice/;
is $threads, "0 failures\n", 'four threads always find a compiled definition';
is finish(), 0, 'it closes cleanly';

# ---- 100,000 definitions

$db->run('CREATE VIEW bulk_numbers AS SELECT seq FROM ' . $db->series(1, 100_000));
$db->run(<<'SQL');
UPDATE apid_revision SET value = value + 1;
SET @document = (SELECT v.document FROM apid_version v JOIN apid_definition d
    ON d.id = v.definition_id AND v.version = d.live_version WHERE d.name = 'Person');
INSERT INTO apid_definition (name, kind, method, path, route, module, live_version, revision)
    SELECT CONCAT('Bulk ', seq), 'api', 'get', CONCAT('bulk/', seq, '/{id}'),
        CONCAT('bulk/', seq, '/{}'), 'People', 1, (SELECT value FROM apid_revision)
    FROM bulk_numbers;
INSERT INTO apid_version (definition_id, version, document, published_by, published_at)
    SELECT id, 1, REPLACE(REPLACE(@document, 'name="Person"', CONCAT('name="', name, '"')),
        'path="people/{id}"', CONCAT('path="', path, '"')), 'bulk', UTC_TIMESTAMP(6)
    FROM apid_definition WHERE name LIKE 'Bulk %';
SQL
# What a step costs is counted, since how long it takes is up to what else runs:
# rows that the database read, and the registry's own seconds of a processor.
sub reads {
    my $sum = 0;
    $sum += $_->{Value} for $db->rows(q(SHOW GLOBAL STATUS LIKE 'Handler_read%'));
    return $sum;
}
sub seconds {
    my (undef, $user, $system) = (split ' ', Rig::slurp("/proc/$pid/stat"))[12 .. 14];
    return ($user + $system) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}
sub memory { my ($kb) = Rig::slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m; $kb / 1024 }
my $read = reads();
begin();
ask('lease');
$read = reads() - $read;
cmp_ok $read, '<', 10 * 100_000, "100,000 definitions are $read reads";
cmp_ok seconds(), '<', 20, sprintf '%.1f s', seconds();
cmp_ok memory(), '<', 400, sprintf '%.0f MB', memory();
is ask('route', 'api', 'get', 'bulk/77777/5'), 'Bulk 77777 1 live compiled [get] 5',
    'one of them';
my $many = ask('lookups', 100_000, 'people');
my $before = memory();
my $spent;
for my $i (1 .. 10) {
    $db->ctl_ok('apply', api('Best', 'people/top', '<field name="name"/>',
                             qq(<limit max="$i"/>)));
    ($read, $spent) = (reads(), seconds());
    fresh();
    ($read, $spent) = (reads() - $read, seconds() - $spent);
}
cmp_ok $read, '<', 1000, "a publish among them is $read reads";
cmp_ok $spent, '<', 2, sprintf '%.2f s', $spent;
is ask('edition', 'Best', 0), '12 live compiled', 'ten publishes later';
cmp_ok memory() - $before, '<', 40, sprintf 'memory does not grow (%.1f MB)', memory() - $before;
finish();

$db->run('DELETE v FROM apid_version v JOIN apid_definition d ON d.id = v.definition_id '
    . 'WHERE d.name LIKE "Bulk %"');
$db->run('DELETE FROM apid_definition WHERE name LIKE "Bulk %"');
begin();
ask('lease');
my $few = ask('lookups', 100_000, 'people');
cmp_ok $many, '<', 3 * $few + 500, "a look-up among many: $many ns, among few: $few ns";
finish();
done_testing;
