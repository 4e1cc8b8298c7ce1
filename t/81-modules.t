#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Modules over tables as they are found: import, and a record that spans
# several tables with a shared sequence
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $db = Rig->database;
$db->ctl_ok('init');
my $dir = Rig->directory;
sub file ($name, $text) { Rig::spew("$dir/$name.xml", $text); "$dir/$name.xml" }

# ---- import

# MySQL has no UUID. What it has is a unique index over an expression, which is
# unique in no fields.
my ($uuid, $lower) = $db->is_mysql ? ('', ', UNIQUE KEY of_lower (i8, (LOWER(vc)))') : ('u UUID,', '');
$db->run(<<"SQL");
CREATE TABLE parents (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, title VARCHAR(50) NOT NULL UNIQUE);
CREATE TABLE every_type (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    vc VARCHAR(40) NOT NULL, ch CHAR(2), tt TINYTEXT, lt LONGTEXT,
    i8 TINYINT, i8u TINYINT UNSIGNED, i16 SMALLINT, i24 MEDIUMINT, i32 INT, i64 BIGINT UNSIGNED,
    flag TINYINT(1) NOT NULL DEFAULT 0, b1 BIT(1), b5 BIT(5),
    de DECIMAL(12,2) NOT NULL DEFAULT 0, fl FLOAT, dbl DOUBLE,
    d DATE, dt DATETIME(3), ts TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    t TIME, y YEAR, e ENUM('a','it''s','<b>','b\\\\c','') NOT NULL, s SET('x','y'), j JSON,
    bin VARBINARY(16), bl BLOB, $uuid g GEOMETRY,
    gen INT AS (i8 + 1) STORED, gv INT AS (i8 + 2) VIRTUAL,
    parent_id INT UNSIGNED, mail_address VARCHAR(80) COMMENT 'E-mail & more',
    UNIQUE KEY uq_mail (mail_address), UNIQUE KEY both_of (vc, ch),
    FOREIGN KEY (parent_id) REFERENCES parents (id)$lower);
CREATE TABLE pairs (a INT, b VARCHAR(10), c INT, PRIMARY KEY (a, b));
CREATE TABLE no_key (a INT, id INT);
CREATE TABLE auto_pair (m INT, n INT AUTO_INCREMENT, PRIMARY KEY (m, n), KEY (n));
CREATE TABLE key_again (num INT PRIMARY KEY, x INT, UNIQUE KEY pair (num, x));
CREATE VIEW a_view AS SELECT vc FROM every_type;
CREATE TABLE by_caller (code VARCHAR(20) PRIMARY KEY, `odd ``name"` INT);
SQL
is $db->ctl_ok('module', 'import', 'parents', '--name', 'Parents'),
    "name: Parents\noutcome: created\n\ngrants:\n"
    . "  GRANT SELECT, INSERT, UPDATE, DELETE ON `parents` TO apidesigner\@localhost;\n", 'module import';
is $db->ctl_ok('module', 'export', 'Parents'), <<'XML', 'what it wrote';
<module name="Parents" label="Parents">
  <table name="parents" key="id"/>
  <key made="auto" type="integer" bits="32" unsigned="true"/>
  <field name="title" label="Title" column="title" type="string" length="50" nullable="false" mandatory="true"/>
  <unique index="title" fields="title"/>
</module>
XML
$db->ctl_ok('module', 'import', $_)
    for qw(every_type pairs no_key auto_pair key_again a_view by_caller);
my $u = $uuid && qq(\n  <field name="u" label="U" column="u" type="uuid"/>);
is $db->ctl_ok('module', 'export', 'every_type'), <<"XML", 'a column of every type';
<module name="every_type" label="Every Type">
  <table name="every_type" key="id"/>
  <key made="auto" type="integer" bits="64"/>
  <field name="vc" label="Vc" column="vc" type="string" length="40" nullable="false" mandatory="true"/>
  <field name="ch" label="Ch" column="ch" type="string" length="2"/>
  <field name="tt" label="Tt" column="tt" type="text"/>
  <field name="lt" label="Lt" column="lt" type="text"/>
  <field name="i8" label="I8" column="i8" type="integer" bits="8"/>
  <field name="i8u" label="I8u" column="i8u" type="integer" bits="8" unsigned="true"/>
  <field name="i16" label="I16" column="i16" type="integer" bits="16"/>
  <field name="i24" label="I24" column="i24" type="integer" bits="24"/>
  <field name="i32" label="I32" column="i32" type="integer" bits="32"/>
  <field name="i64" label="I64" column="i64" type="integer" unsigned="true"/>
  <field name="flag" label="Flag" column="flag" type="boolean" nullable="false"/>
  <field name="b1" label="B1" column="b1" type="boolean"/>
  <field name="b5" label="B5" column="b5" type="bit" bits="5"/>
  <field name="de" label="De" column="de" type="decimal" precision="12" scale="2" nullable="false"/>
  <field name="fl" label="Fl" column="fl" type="double" float="true"/>
  <field name="dbl" label="Dbl" column="dbl" type="double"/>
  <field name="d" label="D" column="d" type="date"/>
  <field name="dt" label="Dt" column="dt" type="datetime" fsp="3"/>
  <field name="ts" label="Ts" column="ts" type="datetime" nullable="false" readonly="true"/>
  <field name="t" label="T" column="t" type="time"/>
  <field name="y" label="Y" column="y" type="year"/>
  <field name="e" label="E" column="e" type="picklist" nullable="false" mandatory="true">
    <value>a</value>
    <value>it&apos;s</value>
    <value>&lt;b&gt;</value>
    <value>b\\c</value>
  </field>
  <field name="s" label="S" column="s" type="multipicklist" set="true">
    <value>x</value>
    <value>y</value>
  </field>
  <field name="j" label="J" column="j" type="json"/>
  <field name="bin" label="Bin" column="bin" type="binary" length="16"/>
  <field name="bl" label="Bl" column="bl" type="binary"/>$u
  <!-- column g has the type geometry -->
  <field name="gen" label="Gen" column="gen" type="integer" bits="32" readonly="true"/>
  <field name="gv" label="Gv" column="gv" type="integer" bits="32" readonly="true"/>
  <field name="parent_id" label="Parent Id" column="parent_id" type="reference" refers="Parents" bits="32" unsigned="true"/>
  <field name="mail_address" label="E-mail &amp; more" column="mail_address" type="string" length="80"/>
  <unique index="both_of" fields="vc,ch"/>
  <unique index="uq_mail" fields="mail_address"/>
</module>
XML
$db->run('CREATE TABLE rounded (id INT AUTO_INCREMENT PRIMARY KEY, f FLOAT(7,2), d DOUBLE(9,0), wide DOUBLE(99,2))');
$db->ctl_ok('module', 'import', 'rounded');
is_deeply [ $db->ctl_ok('module', 'export', 'rounded') =~ /(type="double".*)/g ],
    [ 'type="double" precision="7" scale="2" float="true"/>', 'type="double" precision="9" scale="0"/>', 'type="double"/>' ],
    'what the server rounds to';
is $db->ctl_ok('module', 'export', 'pairs'), <<'XML', 'a composite key';
<module name="pairs" label="Pairs">
  <table name="pairs" key="a,b"/>
  <key made="caller" types="integer,string"/>
  <field name="a" label="A" column="a" type="integer" bits="32" nullable="false" readonly="true"/>
  <field name="b" label="B" column="b" type="string" length="10" nullable="false" readonly="true"/>
  <field name="c" label="C" column="c" type="integer" bits="32"/>
</module>
XML
is $db->ctl_ok('module', 'export', 'no_key'), <<'XML', 'no key';
<module name="no_key" label="No Key" readonly="true">
  <table name="no_key"/>
  <field name="a" label="A" column="a" type="integer" bits="32"/>
  <field name="row_id" label="Id" column="id" type="integer" bits="32"/>
</module>
XML
like $db->ctl_ok('module', 'export', 'auto_pair'), qr/<key made="caller" types="integer,integer"\/>/,
    'AUTO_INCREMENT in a composite key';
like $db->ctl_ok('module', 'export', 'key_again'), qr/<unique index="pair" fields="id,x"\/>/,
    'a unique index that covers the key';
like $db->ctl_ok('module', 'export', 'a_view'), qr/readonly="true">\n  <table name="a_view"\/>\n/, 'a view';
like $db->ctl_ok('module', 'export', 'by_caller'), qr/<key made="caller" type="string" length="20"\/>\n.*column="odd `name&quot;"/,
    'a key that callers send, an odd name';
is $db->ctl('module', 'import', 'nothing')->{err},
    "apidesignerctl: there is no table 'nothing' in the database\n", 'no such table';
is $db->ctl_ok('module', 'import', 'parents', '--name', 'Parents'),
    "name: Parents\noutcome: unchanged\n", 'again';

# What is unique, by the database or by the document; what a document names that is not there.
sub notes ($module) {
    my $shown = Rig->json($db->ctl_ok('--json', 'module', 'show', $module));
    return { map { $_->{name} => join ',', @{ $_->{notes} } } @{ $shown->{fields} } };
}
sub warnings ($module) {
    return [ map { [ @$_{qw(field text fix)} ] } @{ Rig->json($db->ctl_ok('--json', 'module', 'warnings', $module)) } ];
}
is notes('every_type')->{mail_address}, 'unique', 'module show: a unique index of an imported table';
is notes('every_type')->{vc}, 'mandatory', '  but of one over several columns';
$db->run('CREATE TABLE tags (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(20), lang VARCHAR(5), code INT,
    ref INT, UNIQUE KEY uq_word (word), UNIQUE KEY code (code), UNIQUE KEY uq_pair (lang, code))');
sub tags (@more) {
    Rig::spew("$dir/Tags.xml", join "\n", '<module name="Tags"><table name="tags" key="id"/><key bits="32"/>',
        (map { qq(<field name="$_" type="string" length="20"/>) } qw(word lang)),
        '<field name="code" type="integer" bits="32"/>', @more, '</module>');
    $db->ctl_ok('module', 'apply', "$dir/Tags.xml");
}
tags('<field name="ref" type="reference" refers="Nothing" bits="32"/>', '<unique index="uq_ref" fields="ref"/>');
is_deeply notes('Tags'), { id => 'read-only,unique', word => 'unique', lang => '', code => 'unique', ref => 'unique' },
    'what no document says';
is_deeply warnings('Tags'), [
    [ ref => "there is no module 'Nothing' to refer to: none of its fields can be asked for",
      "Make that module, or take the reference out of the module's document." ],
    [ undef, "the unique index 'uq_pair' is not in the module's document: a duplicate is refused, and no field named",
      'Add <unique index="uq_pair" fields="lang,code"/> to it.' ],
    [ undef, "the unique index 'uq_word' is not in the module's document: a duplicate is refused, and no field named",
      'Add <unique index="uq_word" fields="word"/> to it.' ],
    [ ref => "there is no unique index 'uq_ref' over `ref`: nothing keeps two records from being the same there",
      "ALTER TABLE `tags` ADD UNIQUE KEY `uq_ref` (`ref`); or take it out of the module's document." ],
], 'module warnings: references and unique indexes that are not there, or not named';
tags('<unique index="uq_pair" fields="lang,code"/>', '<unique index="uq_word" fields="lang"/>');
is_deeply [ map { $_->[1] } @{ warnings('Tags') } ],
    [ "there is no unique index 'uq_word' over `lang`: nothing keeps two records from being the same there" ],
    '  or over other columns';
tags('<unique index="uq_pair" fields="lang,code"/>', '<unique index="uq_word" fields="word"/>');
is_deeply warnings('Tags'), [], '  once mended';
$db->run('ALTER TABLE tags ADD COLUMN place POINT NOT NULL, ADD COLUMN twice INT AS (code * 2) STORED, ADD COLUMN made INT NOT NULL DEFAULT 1');
is_deeply warnings('Tags'), [ [ undef, 'no record can be created: `tags`.`place` has no default, and no field or constant gives it a value',
    "Add one to the module's document, or: ALTER TABLE `tags` ALTER COLUMN `place` SET DEFAULT ...;" ] ], 'a column that a create must give';
$db->run('CREATE TRIGGER tags_place BEFORE INSERT ON tags FOR EACH ROW SET NEW.place = POINT(0, 0)');
is_deeply warnings('Tags'), [], '  unless a trigger does';
$db->run("ALTER TABLE tags ADD COLUMN kind ENUM('a', 'b') NOT NULL, ADD COLUMN gone INT NOT NULL, ADD COLUMN seen INT NOT NULL");
$db->run('DROP TRIGGER tags_place; ALTER TABLE tags DROP COLUMN place');
tags('<unique index="uq_pair" fields="lang,code"/>', '<unique index="uq_word" fields="word"/>',
    '<softdelete column="gone" value="1" live="0"/>', '<constant column="seen" value="1" on="update"/>');
is_deeply [ map { $_->[1] } @{ warnings('Tags') } ],
    [ 'no record can be created: `tags`.`seen` has no default, and no field or constant gives it a value' ],
    '  nor of the mark of what is deleted, nor an ENUM, which has its first value; but of a constant of updates';
$db->run('CREATE VIEW tag_sum AS SELECT ref AS tag, COUNT(*) AS n FROM tags GROUP BY ref; ALTER TABLE tags ALTER seen SET DEFAULT 1');
sub sums ($readonly) {
    Rig::spew("$dir/Sums.xml", '<module name="Sums"><table name="tags" key="id"/><table name="tag_sum" key="tag" required="false"/>'
        . '<key made="auto" bits="32"/><field name="word" type="string" length="20"/>'
        . qq(<field name="n" table="tag_sum" type="integer" readonly="$readonly"/></module>));
    return $db->ctl('module', 'apply', "$dir/Sums.xml")->{err};
}
like sums('false'), qr/table `tag_sum` is a view that the database cannot write to/, 'a view of sums that is written to';
is sums('true'), '', '  is taken where an update only reads it';
is_deeply [ grep { /view/ } map { $_->[1] } @{ warnings('Sums') } ],
    [ 'no record can be created: table `tag_sum` is a view that the database cannot write to' ], '  and told';
$db->ctl_ok('module', 'drop', 'Sums');
$db->run('DROP VIEW tag_sum');

is_deeply warnings('key_again'), [], '  also where they cover the key';

# As a later version of this program may find what an earlier one stored.
$db->run(q{UPDATE apid_module SET document = CONCAT('<module name="', name, '"><odd/></module>')
    WHERE name IN ('auto_pair', 'key_again')});
like $db->ctl('module', 'drop', 'Tags')->{err}, qr/\A(auto_pair|key_again):1:\d+: .*'odd'.*\n\1:.* needs a <table>\n\z/,
    'while modules cannot be read nobody knows what uses others';
is Rig->json($db->ctl_ok('--json', 'module', 'drop', $_))->{outcome}, 'dropped',
    "$_: modules that cannot be read can be dropped" for qw(auto_pair key_again);

# MySQL would tell for a day how many rows there once were.
sub rows_of ($table) {
    my ($found) = grep { $_->{name} eq $table } @{ Rig->json($db->ctl_ok('--json', 'table', 'list')) };
    return $found->{rows};
}
is rows_of('pairs'), 0, 'no rows';
$db->run(q{INSERT INTO pairs VALUES (1, 'a', 1), (1, 'b', 2), (2, 'a', 3)});
is rows_of('pairs'), 3, 'as many as there are by now';

# ---- a CRM whose record spans seven tables, with one sequence for all modules

$db->run(<<'SQL');
CREATE TABLE entity_seq (id INT NOT NULL);
INSERT INTO entity_seq VALUES (41);
CREATE TABLE entity (crmid INT NOT NULL PRIMARY KEY, creatorid INT NOT NULL DEFAULT 0,
    ownerid INT NOT NULL DEFAULT 0, modifiedby INT NOT NULL DEFAULT 0, setype VARCHAR(100),
    description MEDIUMTEXT, createdtime DATETIME NOT NULL, modifiedtime DATETIME NOT NULL,
    deleted INT(1) NOT NULL DEFAULT 0, label VARCHAR(255), source VARCHAR(100));
CREATE TABLE person (personid INT NOT NULL PRIMARY KEY, person_no VARCHAR(100) NOT NULL DEFAULT '',
    firmid INT, firstname VARCHAR(40), lastname VARCHAR(80) NOT NULL, email VARCHAR(100),
    FOREIGN KEY (personid) REFERENCES entity (crmid) ON DELETE CASCADE);
CREATE TABLE person_address (addressid INT NOT NULL PRIMARY KEY, city VARCHAR(40),
    FOREIGN KEY (addressid) REFERENCES person (personid) ON DELETE CASCADE);
CREATE TABLE person_sub (subid INT NOT NULL PRIMARY KEY, birthday DATE, leadsource VARCHAR(200),
    FOREIGN KEY (subid) REFERENCES person (personid) ON DELETE CASCADE);
CREATE TABLE person_custom (personid INT NOT NULL PRIMARY KEY, cf_851 VARCHAR(100),
    FOREIGN KEY (personid) REFERENCES person (personid) ON DELETE CASCADE);
CREATE TABLE customer (customerid INT NOT NULL PRIMARY KEY, portal VARCHAR(3), support_end DATE,
    FOREIGN KEY (customerid) REFERENCES person (personid) ON DELETE CASCADE);
CREATE TABLE starred (recordid INT NOT NULL PRIMARY KEY, starred VARCHAR(3),
    FOREIGN KEY (recordid) REFERENCES entity (crmid) ON DELETE CASCADE);
CREATE TABLE firm (firmid INT NOT NULL PRIMARY KEY, firmname VARCHAR(100) NOT NULL);
-- a record of another module, one that is deleted, one whose detail rows are missing
INSERT INTO entity (crmid, setype, createdtime, modifiedtime, deleted) VALUES
    (5, 'Firms', '2020-01-01', '2020-01-01', 0), (6, 'People', '2020-01-01', '2020-01-01', 1),
    (7, 'People', '2020-01-01', '2020-01-01', 0), (8, 'People', '2020-01-01', '2020-01-01', 0);
INSERT INTO firm VALUES (5, 'Acme');
INSERT INTO person (personid, lastname) VALUES (6, 'Gone'), (7, 'Scarred');
SQL
my $spine = '<table name="entity" key="crmid"/>';
my $made  = '<key made="sequence" table="entity_seq" column="id" type="integer" bits="32"/>';
sub constants ($type) {
    return qq(<constant column="setype" value="$type" on="create" filter="true"/>) . <<'XML';
  <constant column="creatorid" value="@user.id" on="create"/>
  <constant column="modifiedby" value="@user.id" on="both"/>
  <constant column="source" value="WEBSERVICE" on="create"/>
  <constant column="createdtime" value="@now" on="create"/>
  <constant column="modifiedtime" value="@now" on="both"/>
  <softdelete column="deleted" value="1" live="0"/>
  <field name="assigned_user_id" label="Assigned To" column="ownerid" type="owner" basetype="integer"/>
  <field name="createdtime" label="Created" type="datetime" readonly="true"/>
  <field name="modifiedtime" label="Modified" type="datetime" readonly="true"/>
  <field name="description" label="Description" type="text"/>
XML
}
my $attributes = 'owner="assigned_user_id" created="createdtime" modified="modifiedtime"';
$db->ctl_ok('module', 'apply', file('Firms', <<XML), file('People', <<XML));
<module name="Firms" prefix="11x" $attributes>
  $spine <table name="firm" key="firmid" required="true"/>
  $made ${\ constants('Firms') }
  <field name="firmname" type="string" length="100" table="firm" nullable="false" mandatory="true"/>
</module>
XML
<module name="People" prefix="12x" $attributes>
  $spine
  <table name="person" key="personid" required="true"/>
  <table name="person_address" key="addressid"/>
  <table name="person_sub" key="subid"/>
  <table name="person_custom" key="personid"/>
  <table name="customer" key="customerid"/>
  <table name="starred" key="recordid"/>
  $made ${\ constants('People') }
  <field name="firstname" type="string" length="40" table="person"/>
  <field name="lastname" type="string" length="80" table="person" nullable="false" mandatory="true"/>
  <field name="email" type="email" length="100" table="person"/>
  <field name="firm" type="reference" refers="Firms" column="firmid" table="person"/>
  <field name="city" type="string" length="40" table="person_address"/>
  <field name="birthday" type="date" table="person_sub"/>
  <field name="cf_851" type="string" length="100" table="person_custom"/>
  <field name="portal" type="boolean" table="customer" basetype="string"/>
  <field name="starred" type="string" length="3" table="starred"/>
</module>
XML
my $fields = join '', map { qq(<field name="$_" value="\@$_"/>) }
    qw(lastname firstname email firm city birthday cf_851 portal starred assigned_user_id);
my $where = '<where><field name="id" value="@id"/></where>';
$db->ctl_ok('apply',
    file('Create', qq(<api name="Create" method="post"><create module="People"><record>$fields)
        . '</record></create></api>'),
    file('Change', qq(<api name="Change" method="put" path="people/{id}"><update module="People">)
        . qq(<record>$fields</record>$where</update></api>)),
    file('Read', qq(<api name="Read" path="people/{id}"><select module="People" one="true">)
        . qq(<record><field name="id"/><field name="lastname"/><field name="firm.firmname" as="firm"/>)
        . qq(<field name="city"/><field name="birthday"/><field name="cf_851"/><field name="portal"/></record>$where</select></api>)),
    file('Remove', qq(<api name="Remove" method="delete" path="people/{id}"><delete module="People">)
        . qq($where</delete></api>)),
    file('All', '<api name="All" path="people"><select module="People"><record>'
        . '<field name="lastname"/></record></select></api>'));
my $user = Rig->json($db->ctl_ok('--json', 'user', 'add', 'ann', '--id', '19'));
my $web = Rig->apache(database => $db);
sub call ($method, $path, %more) {
    return $web->request($method, $path, basic => [ 'ann', $user->{key} ], %more);
}

my $created = call(POST => '/api/Create', json => { lastname => 'Lovelace', firstname => 'Ada',
    email => 'ada@example.com', firm => '11x5', city => 'London', birthday => '1815-12-10',
    cf_851 => 'ours', starred => '1', assigned_user_id => '19' });
is $created->status, 201, 'a record over seven tables is created' or diag $created->body;
is $created->json->{id}, '12x42', 'its id is the next of the sequence, with the prefix';
is $created->header('location'), '/api/people/12x42', 'where it can be read';
is $db->value('SELECT id FROM entity_seq'), 42, 'the sequence went on by one';
my $row = $db->row('SELECT e.*, p.*, a.city, s.birthday, c.cf_851, k.portal, r.starred '
    . 'FROM entity e JOIN person p ON p.personid = e.crmid JOIN person_address a ON a.addressid = e.crmid '
    . 'JOIN person_sub s ON s.subid = e.crmid JOIN person_custom c ON c.personid = e.crmid '
    . 'JOIN customer k ON k.customerid = e.crmid JOIN starred r ON r.recordid = e.crmid WHERE crmid = 42');
is_deeply { map { $_ => $row->{$_} } qw(setype creatorid modifiedby ownerid source deleted lastname
        firmid city birthday cf_851 portal starred) },
    { setype => 'People', creatorid => 19, modifiedby => 19, ownerid => 19, source => 'WEBSERVICE',
      deleted => 0, lastname => 'Lovelace', firmid => 5, city => 'London', birthday => '1815-12-10',
      cf_851 => 'ours', portal => undef, starred => 1 }, 'every table has its row, constants are set';
is $row->{createdtime}, $row->{modifiedtime}, 'created and modified are now';

is_deeply call(GET => '/api/people/12x42')->json, { id => '12x42', lastname => 'Lovelace',
    firm => 'Acme', city => 'London', birthday => '1815-12-10', cf_851 => 'ours', portal => undef }, 'it is read back';
is_deeply [ map { $_->{lastname} } @{ call(GET => '/api/people')->json } ], [ 'Scarred', 'Lovelace' ],
    'neither deleted records nor those of other modules are there';
is call(GET => '/api/people/12x7')->json->{city}, undef, 'a missing detail row reads as NULL';
is call(GET => "/api/people/12x$_")->status, 404, "record $_ is no person" for 5, 6, 8;
is call(GET => '/api/people/11x42')->json->{code}, 'INVALID_ID_ATTRIBUTE', 'nor is an id of another module';

# A boolean in a column of text.
my $yes = Rig->json('true');
is call(PUT => '/api/people/12x42', json => { portal => $yes })->json->[0]{portal}, $yes,
    'a boolean in a column of text';
is $db->value('SELECT portal FROM customer WHERE customerid = 42'), '1', '  is "1" there';
is call(PUT => '/api/people/12x42', json => { portal => '1' })->header('x-outcome'), 'unchanged',
    '  the same again';
is call(GET => '/restapi/vtap/api/people/12x42')->json->{result}{portal}, '1', '  in profile vtiger';
for my $case ([ 'off', Rig->json('false') ], [ '', undef ], [ 'odd', 'odd' ]) {
    $db->run("UPDATE customer SET portal = '$case->[0]' WHERE customerid = 42");
    is call(GET => '/api/people/12x42')->json->{portal}, $case->[1], "  '$case->[0]' is read";
}

$db->run('UPDATE entity SET modifiedtime = "2020-01-01"');
is call(PUT => '/api/people/12x42', json => { city => 'Paris' })->status, 200, 'an update of a joined table';
is $db->value('SELECT city FROM person_address WHERE addressid = 42'), 'Paris', 'is made there';
isnt $db->value('SELECT modifiedtime FROM entity WHERE crmid = 42'), '2020-01-01 00:00:00',
    'and the record is modified now';
is call(PUT => '/api/people/12x7', json => { city => 'Rome' })->status, 200, 'a detail row is missing';
is $db->value('SELECT city FROM person_address WHERE addressid = 7'), 'Rome', 'and is made';

is call(DELETE => '/api/people/12x42')->status, 204, 'a delete';
is $db->value('SELECT CONCAT(deleted, ":", COUNT(city)) FROM entity, person_address WHERE crmid = 42 '
    . 'AND addressid = 42'), '1:1', 'marks the record, and keeps its rows';
is call(GET => '/api/people/12x42')->status, 404, 'it is gone for callers';
is_deeply [ map { $_->{operation} } @{ Rig->json($db->ctl_ok('--json', 'updates', 'People', '12x42')) } ],
    [ 'delete', 'update', 'update', 'create' ], 'its history stays';

my @ids = Rig->parallel(8, sub ($i) {
    return [ map { call(POST => '/api/Create', json => { lastname => "P$i$_" })->json->{id} } 1 .. 5 ];
});
my %once = map { $_ => 1 } map { @$_ } @ids;
is scalar keys %once, 40, 'forty creates of eight clients: forty ids';
is $db->value('SELECT id FROM entity_seq'), 82, 'none was skipped';
done_testing;
