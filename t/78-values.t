#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Values on their way: from one operation to the next, into the history, and
# back to where they were read. All over HTTP, on a real server.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Short;
use Test::More;
binmode $_, ':utf8' for map { Test::More->builder->$_ } qw(output failure_output);

my $db = Rig->database(args => [ '--log-bin', '--server-id=1' ]);
$db->ctl_ok('init', '--admin', 'admin');
$db->ctl_ok('user', 'add', 'ann', '--role', 'caller');
my ($key) = $db->ctl_ok('user', 'key', 'ann') =~ /(\S{43})/;
my $web = Rig->apache(database => $db);
my $maria = $db->value('SELECT VERSION()') =~ /MariaDB/;

sub module ($name, $text) {
    $db->ctl_ok('module', 'apply', Served::files(qq{<module name="$name">$text</module>}));
}

# Publishes definitions, name => operations, and waits until they are in force.
sub publish (%definitions) {
    $db->ctl_ok('apply', Served::files(map { qq{<api name="$_" method="post">$definitions{$_}</api>} }
                                       keys %definitions));
    select undef, undef, undef, 0.3;
}

sub call ($name, $parameters = {}, $below = '/api') {
    return $web->request(POST => "$below/$name", basic => [ 'ann', $key ],
        ref $parameters ? (json => $parameters)
            : (body => $parameters, headers => [ 'Content-Type' => 'application/json' ]));
}

sub history ($module) {
    return $db->value("SELECT COUNT(*) FROM apid_update WHERE module = '$module'");
}
# What the last entry says of a field: [ old, new ].
sub last_change ($module, $field) {
    my $changes = Rig->json($db->value("SELECT changes FROM apid_update WHERE module = '$module'"
        . ' ORDER BY id DESC LIMIT 1'));
    return [ map { @$_{qw(old new)} } grep { $_->{field} eq $field } @$changes ];
}

# ---- a result as a value

my @every = qw(text long js bin num big dec dbl flt yes bits day at clock year pick many days org);
$db->run(q{CREATE TABLE orgs (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20));
    INSERT INTO orgs VALUES (1, 'one'), (2, 'two')});
my $columns = q{(id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(40), `long` TEXT, js JSON,
    bin VARBINARY(100), num INT, big BIGINT UNSIGNED, `dec` DECIMAL(30,10), dbl DOUBLE, flt FLOAT,
    yes TINYINT(1), bits BIT(10), day DATE, at DATETIME(6), clock TIME(3), `year` YEAR,
    pick ENUM('a','b'), many VARCHAR(100), days SET('mon','tue','wed'), org INT UNSIGNED)};
$db->run("CREATE TABLE tasks $columns; CREATE TABLE copies $columns");
my $fields = q{<field name="text" type="string" length="40"/><field name="long" type="text"/>
    <field name="js" type="json"/><field name="bin" type="binary" length="100"/>
    <field name="num" type="integer" bits="32"/><field name="big" type="integer" unsigned="true"/>
    <field name="dec" type="decimal" precision="30" scale="10"/><field name="dbl" type="double"/>
    <field name="flt" type="double" float="true"/><field name="yes" type="boolean"/>
    <field name="bits" type="bit" bits="10"/><field name="day" type="date"/>
    <field name="at" type="datetime" fsp="6"/><field name="clock" type="time" fsp="3"/>
    <field name="year" type="year"/><field name="pick" type="picklist"><value>a</value><value>b</value></field>
    <field name="many" type="multipicklist" length="100"><value>x</value><value>y</value><value>mon</value><value>wed</value></field>
    <field name="days" type="multipicklist" set="true"><value>mon</value><value>tue</value>
    <value>wed</value></field>};
module('Orgs', q{<table name="orgs" key="id"/><key made="auto" type="integer" bits="32" unsigned="true"/>
    <field name="name" type="string" length="20"/>});
for (['Task', 'tasks'], ['Copy', 'copies']) {
    module($_->[0], qq{<table name="$_->[1]" key="id"/>$fields
        <field name="org" type="reference" refers="Orgs" bits="32" unsigned="true"/>});
}
my $select = '<select module="Task" one="true" as="t">' . where('id') . '</select>';
my @bound = map { "$_=\@t.$_" } @every;
publish(Copy => "$select<create module=\"Copy\">" . record(@bound) . '</create>',
    Over => "$select<update module=\"Copy\">" . record('id=@into', @bound) . '</update>',
    Match => "$select<select module=\"Copy\">" . names('record', 'id')
        . where('js=@t.js', 'bin=@t.bin', 'text=@t.text') . '</select>',
    Words => "$select<create module=\"Copy\">" . record('many=@t.days', 'long=@t.bin', 'text=@t.js')
        . '</create>');

# Rows that hold the same, told apart by their bytes.
my $bytes = join ', ', map { "HEX(`$_`)" } @every;
sub held ($table, $id) { $db->row("SELECT $bytes FROM $table WHERE id = $id") }

my %held = (
    1 => q{'a', 'line', '{"a": 1, "b": [true, null, "x"]}', 'abcd', -7, 18446744073709551615,
        '12345678901234567890.0000000001', 0.1, 0.1, 1, b'1000000001', '2024-02-29',
        '2024-01-31 12:30:00.123456', '-30:15:00.500', 2155, 'b', 'x |##| y', 'mon,wed', 2},
    2 => q{CONCAT('x', CHAR(0), 'y'), CONCAT(CHAR(0), 'z'), '[1, 2]', X'FF00', 0, 0, 0, 1e300, 1e30, 0,
        0, '1000-01-01', '9999-12-31 23:59:59.999999', '838:59:59', 0, 'a', '', '', 1},
    3 => q{'', '', '"a"', '', 1, 1, 1, 1, 1, 1, 1, '2024-01-01', '2024-01-01', '00:00:00', 1901, 'a', 'x',
        'tue', 1},
    4 => q{'null', '"', 'null', 'null', 1, 1, -1.5, -0.5, 16777216, 1, 1, '2024-01-01', '2024-01-01',
        '00:00:00', 1970, 'a', 'x', 'tue', 1},
    5 => join(', ', ('NULL') x @every));
$db->run("INSERT INTO tasks VALUES ($_, $held{$_})") for sort keys %held;

subtest 'a result as a value arrives unchanged' => sub {
    for my $id (sort keys %held) {
        my $got = call(Copy => { id => $id });
        is $got->status, 201, "record $id is copied" or diag $got->body;
        my $copy = $db->value('SELECT MAX(id) FROM copies');
        is_deeply held('copies', $copy), held('tasks', $id), 'to the byte';
        next if $id == 3 || $id == 5;    # nothing equals what is empty
        is_deeply [ map { $_->{id} } @{ call(Match => { id => $id })->json } ], [ $copy ],
            'and is found by it';
    }
    my $into = $db->value('SELECT MIN(id) FROM copies');
    is_told call(Over => { id => 5, into => $into }), '200 updated', 'NULL is written';
    is_deeply held('copies', $into), held('tasks', 5), 'over all that was there';
    is_told call(Over => { id => 2, into => $into }), '200 updated', 'and something over NULL';
    is_deeply held('copies', $into), held('tasks', 2), 'is as it was';
    is_told call(Over => { id => 2, into => $into }), '200 unchanged', 'the same again is no change';
    my $before = held('copies', $into);
    is call(Over => { id => 5, into => $into }, '/restapi/vtap/api')->status, 200,
        'profile vtiger takes NULL for unsent';
    is_deeply held('copies', $into), $before, 'and leaves what is there';
};

subtest 'a result as a value of another type is what the API shows of it' => sub {
    call(Words => { id => 1 });
    is_deeply $db->row('SELECT text, `long`, many FROM copies ORDER BY id DESC LIMIT 1'),
        { text => '{"a": 1, "b": [true, null, "x"]}', long => 'YWJjZA==', many => 'mon |##| wed' }, 'JSON, base64, choices';
};

# ---- the history

subtest 'the history shows binary as the API does' => sub {
    $db->run(q{CREATE TABLE h1 (id INT AUTO_INCREMENT PRIMARY KEY, bin VARBINARY(10));
        INSERT INTO h1 VALUES (1, X'FF00')});
    module('H1', q{<table name="h1" key="id"/><field name="bin" type="binary" length="10"/>});
    publish(Bin1 => '<update module="H1">' . record('id', 'bin') . '</update>',
        Gone1 => '<delete module="H1">' . where('id') . '</delete>');
    is_told call(Bin1 => { id => 1, bin => '/wD+' }), '200 updated', 'binary is written';
    is_deeply last_change(H1 => 'bin'), [ '/wA=', '/wD+' ], 'and told, what was and what is';
    is call(Gone1 => { id => 1 })->status, 204, 'a record is deleted';
    is_deeply last_change(H1 => 'bin'), [ '/wD+', undef ], 'with what it held';
};

subtest 'the history of a record is found by the id that the API shows' => sub {
    $db->run(q{CREATE TABLE comp (a VARCHAR(20), b INT, c DATETIME, note VARCHAR(20), PRIMARY KEY (a, b, c));
        CREATE TABLE dec_key (id DECIMAL(5,2) PRIMARY KEY, note VARCHAR(20));
        CREATE TABLE uuids (id CHAR(36) PRIMARY KEY, note VARCHAR(20));
        INSERT INTO uuids VALUES ('0F8FAD5B-D9CB-469F-A165-70867728950E', 'old')});
    module('Comp" prefix="9x', q{<table name="comp" key="a, b, c"/><key made="caller" types="string, integer, datetime"/>
        <field name="note" type="string" length="20"/>});
    module('DecKey', q{<table name="dec_key" key="id"/><key made="caller" type="decimal"/>
        <field name="note" type="string" length="20"/>});
    module('Uuids', q{<table name="uuids" key="id"/><key made="uuid"/>
        <field name="note" type="string" length="20"/>});
    publish(map { ("Add$_" => "<create module=\"$_\">" . record('id', 'note') . '</create>',
            "Set$_" => "<update module=\"$_\">" . record('id', 'note') . '</update>') } qw(Comp DecKey));
    publish(SetUuids => '<update module="Uuids">' . record('id', 'note') . '</update>');
    for (['Comp', 'q,-6,2024-01-01 08:00:00', '9xq,-6,2024-01-01 08:00:00'],
         ['Comp', "a%2Cb%25 \x{e9},1,2024-01-01T08:00:00Z", "9xa%2Cb%25 \x{e9},1,2024-01-01 08:00:00"],
         ['DecKey', '1.5', '1.50']) {
        my ($module, $sent, $shown) = @$_;
        my $got = call("Add$module" => { id => $sent, note => 'made' });
        is $got->json->{id}, $shown, "$shown is made" or diag $got->body;
        is_told call("Set$module" => { id => $shown, note => 'changed' }), '200 updated', 'and changed';
        for ($sent, $shown, $shown =~ s/^9x//r) {
            utf8::encode(my $bytes = $_);
            my $out = $db->ctl_ok('updates', $module, $bytes);
            like $out, qr/note: made -> changed.*note: NULL -> made/s, "both are told of $_";
        }
    }
    my $uuid = '0F8FAD5B-D9CB-469F-A165-70867728950E';
    is_told call(SetUuids => { id => $uuid, note => 'new' }), '200 updated', 'a UUID in capitals';
    like $db->ctl_ok('updates', 'Uuids', $_), qr/note: old -> new/, $_ for $uuid, lc $uuid;
};

# ---- rows of further tables

subtest 'a row that an update makes has its constants' => sub {
    $db->run(q{CREATE TABLE m4 (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20));
        CREATE TABLE m4_more (m4_id INT PRIMARY KEY, note VARCHAR(20), kind VARCHAR(20) NOT NULL,
        made DATE, touched DATE);
        INSERT INTO m4 VALUES (1, 'one')});
    module('M4', q{<table name="m4" key="id"/><table name="m4_more" key="m4_id"/>
        <constant table="m4_more" column="kind" value="plain" on="create"/>
        <constant table="m4_more" column="made" value="@today" on="create"/>
        <constant table="m4_more" column="touched" value="@today" on="update"/>
        <field name="name" type="string" length="20"/>
        <field name="note" table="m4_more" column="note" type="string" length="20"/>});
    publish(Note4 => '<update module="M4">' . record('id', 'note') . '</update>');
    is_told call(Note4 => { id => 1, note => 'x' }), '200 updated', 'the row is made';
    is_deeply $db->row('SELECT note, kind, made = UTC_DATE() AS made, touched = UTC_DATE() AS touched'
        . ' FROM m4_more WHERE m4_id = 1'),
        { note => 'x', kind => 'plain', made => 1, touched => 1 }, 'as a create would';
};

subtest 'a default may be the time and the user' => sub {
    $db->run(q{CREATE TABLE d5 (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), day DATE NOT NULL,
        at DATETIME NOT NULL, who VARCHAR(20), handle VARCHAR(20))});
    module('D5', q{<table name="d5" key="id"/><field name="name" type="string" length="20"/>
        <field name="day" type="date" nullable="false" mandatory="true" default="@today" min="1960-01-01"/>
        <field name="at" type="datetime" nullable="false" default="@now"/>
        <field name="who" type="string" length="20" default="@user.name"/>
        <field name="handle" type="string" length="20" default="@nobody"/>});
    my $none = '<create module="D5">' . record('name') . '</create>';
    publish(None5 => $none, All5 => '<create module="D5">' . record('name', 'day', 'at', 'who') . '</create>');
    is_told call(None5 => { name => 'x' }), '201', 'nothing is bound';
    is_told call(All5 => { name => 'y' }), '201', 'or sent';
    is_told call(All5 => { name => 'z', day => '2024-02-29', at => '2024-02-29T01:02:03Z', who => 'me' }), '201', 'all is';
    my $rows = 'SELECT CONCAT_WS("/", name, who, handle, IF(day >= UTC_DATE() - INTERVAL 1 DAY, "today", day),'
        . ' IF(ABS(TIMESTAMPDIFF(SECOND, at, UTC_TIMESTAMP())) < 60, "now", at)) AS v FROM d5 ORDER BY id';
    is_deeply [ map { $_->{v} } $db->rows($rows) ], [ 'x/ann/@nobody/today/now', 'y/ann/@nobody/today/now',
        'z/me/@nobody/2024-02-29/2024-02-29 01:02:03' ], 'what it is when the record is made';
    my ($file) = Served::files(qq{<api name="Plan5" method="post">$none</api>});
    like $db->ctl_ok('plan', $file), qr/`day`, `at`, .*?\d: '?\d{4}-\d\d-\d\d'?\n.*?\d: '?\d{4}-\d\d-\d\d \d\d:/s,
        'the plan has a value of it';
    like $db->ctl_ok('module', 'show', 'D5'), qr/\bday\b.*\@today.*\bat\b.*\@now/s, 'module show has the word';
    $db->run('ALTER TABLE d5 DROP COLUMN handle');
    like $db->ctl_ok('plan', $file), qr/INSERT INTO `d5` \(`name`, `day`, `at`, `who`\)/, 'not of a column that is gone';
};

# ---- what is wrong with a request

subtest 'one error for what is wrong, and it has a subject' => sub {
    $db->run(q{CREATE TABLE e6 (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(20) NOT NULL, note VARCHAR(20));
        INSERT INTO e6 VALUES (1, 'one', 'x')});
    module('E6', q{<table name="e6" key="id"/>
        <field name="title" type="string" length="20" nullable="false" mandatory="true"/>
        <field name="note" type="string" length="20"/>});
    my $optional = '<where><where glue="or"><field name="title" value="@title" optional="true"/>'
        . '<field name="note" value="@note" optional="true"/></where></where>';
    publish(Group6 => '<update module="E6">' . record('note=@text') . "$optional</update>",
        Title6 => '<upsert module="E6">' . record('title', 'note') . where('title') . '</upsert>',
        Both6 => '<select module="E6"/><upsert module="E6">' . record('title', 'note') . where('title')
            . '</upsert>');
    my $got = call(Group6 => { text => 'y' });
    is_told $got, '422 MANDATORY_FIELDS_MISSING title', 'nothing of a group was sent';
    for my $name ('Title6', 'Both6') {
        for my $title (undef, '') {
            $got = call($name => { title => $title, note => 'y' });
            is_told $got, '422 MANDATORY_FIELDS_MISSING title', "$name by an empty title";
            like $got->body, qr/"is mandatory and must not be empty"/, 'says it once';
        }
        is_told call($name => { note => 'y' }), '422 MANDATORY_FIELDS_MISSING title', 'by none';
    }
    is $db->value('SELECT GROUP_CONCAT(title, note) FROM e6'), 'onex', 'nothing is written';
};

# ---- what an upsert matches by

subtest 'an upsert leaves what it matched by as it is' => sub {
    $db->run(q{CREATE TABLE u7 (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) UNIQUE, mail VARCHAR(20),
        note VARCHAR(20)) COLLATE utf8mb4_general_ci; INSERT INTO u7 VALUES (1, 'new', 'a', 'x')});
    module('U7', '<table name="u7" key="id"/>'
        . join '', map { qq{<field name="$_" type="string" length="20"/>} } qw(code mail note));
    my $or = '<where glue="or"><field name="code" value="@code"/><field name="mail" value="@mail"/></where>';
    my @all = qw(code mail note);
    publish(One7 => '<upsert module="U7">' . record(@all) . where('code') . names('return', @all) . '</upsert>',
        Or7 => '<upsert module="U7">' . record(@all) . $or . names('return', @all) . '</upsert>',
        Other7 => '<upsert module="U7">' . record('code=@to') . where('code') . '</upsert>',
        Id7 => '<upsert module="U7">' . record('id', 'code') . where('code') . '</upsert>');
    my $got = call(One7 => { code => 'NEW', note => 'y' });
    is_told $got, '200 updated', 'another spelling matches';
    is_deeply $got->json, [ { code => 'new', mail => 'a', note => 'y' } ], 'the answer tells what';
    is_deeply last_change(U7 => 'code'), [], 'the history tells nothing of it';
    is_told call(One7 => { code => 'NEW', note => 'y' }), '200 unchanged', 'no more is no change';
    is_deeply call(Or7 => { code => 'NEW', mail => 'B' })->json, [ { code => 'NEW', mail => 'B', note => 'y' } ],
        'under OR it is not known what matched';
    is_told call(Other7 => { code => 'new', to => 'New' }), '200 updated', 'what is written on purpose';
    is $db->value('SELECT code FROM u7'), 'New', 'is written';
    is_told call(Id7 => { id => 1, code => 'nEw' }), '200 updated', 'and what no condition looks at';
    is_told call(Id7 => { id => 77, code => 'x' }), '404 RECORD_NOT_FOUND', 'an id that is not there';
    is_told call(One7 => { code => 'Second' }), '201 inserted', 'what is new is made';
    is $db->value('SELECT GROUP_CONCAT(code ORDER BY id) FROM u7'), 'nEw,Second', 'as it is spelled';
};

subtest 'an upsert by an id makes nothing, whoever makes the keys' => sub {
    $db->run(q{CREATE TABLE own8 (code VARCHAR(20) PRIMARY KEY, note VARCHAR(20) UNIQUE);
        INSERT INTO own8 VALUES ('a', 'x')});
    module('Own8', '<table name="own8" key="code"/><key made="caller" type="string" length="20"/>'
        . '<field name="note" type="string" length="20"/>');
    my @texts = map { '<upsert module="Own8">' . record('id', 'note=@to') . $_ . '</upsert>' } '', where('note');
    publish(Id8 => $texts[0], Where8 => $texts[1]);
    is_told call(Id8 => { id => 'a', to => 'y' }), '200 updated', 'what is there is changed';
    is_told call(Id8 => { id => 'b', to => 'z' }), '404 RECORD_NOT_FOUND', 'what is not is not found';
    is_told call(Where8 => { id => 'b', note => 'y', to => 'z' }), '404 RECORD_NOT_FOUND', 'whatever else matches';
    is_told call(Where8 => { note => 'y', to => 'z' }), '200 updated', 'without an id it is what matches';
    is_told call(Where8 => { note => 'y', to => 'q' }), '422 MANDATORY_FIELDS_MISSING id', 'and nothing is made without one';
    is $db->value('SELECT GROUP_CONCAT(code, note) FROM own8'), 'az', 'nothing was made';
    for my $text (@texts) {
        my ($file) = Served::files(qq{<api name="Plan8" method="post">$text</api>});
        unlike $db->ctl_ok('plan', $file), qr/INSERT INTO `own8/, 'the plan has no INSERT';
    }
    my ($put) = map { $_->{post} } values %{ Rig->json($db->ctl_ok('openapi', 'Id8'))->{paths} };
    ok $put->{responses}{200} && !$put->{responses}{201}, 'the documentation does not promise one';
};

# ---- reading and writing back

subtest 'what is written back as it was read changes nothing' => sub {
    $db->run(q{SET sql_mode = ''; CREATE TABLE b9 (id INT AUTO_INCREMENT PRIMARY KEY, js JSON, hard JSON NOT NULL,
        pick ENUM('a','b'), must ENUM('a','b') NOT NULL, day DATE, at DATETIME, name VARCHAR(20), uuid CHAR(36),
        yes VARCHAR(5), flag TINYINT(1));
        INSERT INTO b9 VALUES (1, 'null', 'null', '', '', '0000-00-00', '0000-00-00', 'one', '', '', 2),
            (2, '{"a":1}', '[null]', 'a', 'b', '2024-01-01', '2024-01-01', 'two',
             '0f8fad5b-d9cb-469f-a165-70867728950e', 'yes', 0),
            (3, NULL, 'null', NULL, 'a', NULL, NULL, 'three', NULL, NULL, NULL)});
    my $enum = '<value>a</value><value>b</value></field>';
    module('B9', qq{<table name="b9" key="id"/><field name="js" type="json"/>
        <field name="hard" type="json" nullable="false"/><field name="pick" type="picklist">$enum
        <field name="must" type="picklist" nullable="false">$enum<field name="day" type="date"/>
        <field name="at" type="datetime"/><field name="name" type="string" length="20"/>
        <field name="uuid" type="uuid"/><field name="yes" type="boolean" basetype="string"/>
        <field name="flag" type="boolean"/>});
    my @all = qw(js hard pick must day at name uuid yes flag);
    publish(Read9 => '<select module="B9" one="true">' . names('record', 'id', @all) . where('id') . '</select>',
        Write9 => '<update module="B9">' . record('id', @all) . '</update>',
        Empty9 => '<update module="B9">' . record('day', 'js', 'name')
            . '<where><field name="id" condition="greaterthan" value="0"/></where></update>');
    my $bytes = 'SELECT CONCAT_WS("/", id, IFNULL(js, "-"), hard, IFNULL(pick, "-"), must, IFNULL(day + 0, "-"),'
        . ' IFNULL(at + 0, "-"), IFNULL(uuid, "-"), IFNULL(yes, "-"), IFNULL(flag, "-")) AS held FROM b9 ORDER BY id';
    my @before = $db->rows($bytes);
    my $vtiger = '/restapi/vtap/api';
    for my $id (1 .. 3) {
        my $texts = call(Read9 => { id => $id }, $vtiger)->json->{result};
        is call(Write9 => $texts, $vtiger)->status, 200, "record $id as profile vtiger reads it";
        is_deeply [ $db->rows($bytes) ], \@before, 'nothing changes';
        my $read = call(Read9 => { id => $id })->json;
        is_told call(Write9 => $read), '200 unchanged', "record $id as it was read";
        is history('B9'), $id - 1, 'no history';
        is_told call(Write9 => { %$read, name => 'other' }), '200 updated', 'and with one field changed';
        is_deeply [ $db->rows($bytes) ], \@before, 'all else is as it was';
        is history('B9'), $id, 'one entry';
        is_deeply last_change(B9 => $_), [], "nothing of $_" for grep { $_ ne 'name' } @all;
    }
    is_told call(Write9 => { id => 2, hard => undef }), '422 INVALID_VALUE hard', 'JSON is not emptied where it must not be';
    is_told call(Empty9 => { day => undef, js => undef, name => 'all' }), '200 updated', 'empty in all';
    is_deeply [ map { $_->{v} } $db->rows('SELECT CONCAT_WS("/", IFNULL(js, "-"), IFNULL(day + 0, "-"), name) AS v'
        . ' FROM b9 ORDER BY id') ], [ 'null/0/all', '-/-/all', '-/-/all' ], 'is as each row has it';
};

subtest 'JSON is text in profile vtiger' => sub {
    $db->run(q{CREATE TABLE j2 (id INT AUTO_INCREMENT PRIMARY KEY, js JSON); INSERT INTO j2 VALUES (1, '[0]'), (2, NULL)});
    module('J2', '<table name="j2" key="id"/><field name="js" type="json"/>');
    publish(Add2 => '<create module="J2">' . record('js') . names('return', 'js') . '</create>',
        Find2 => '<select module="J2">' . names('record', 'id') . where('js') . '</select>');
    my $vtiger = '/restapi/vtap/api';
    for my $text ('{"a":[1,2.5,null]}', '"x"', '""', '7', '["{}"]') {
        my $got = call(Add2 => { js => $text }, $vtiger);
        is $got->json->{result}{js} =~ s/, /,/gr =~ s/: /:/gr, $text, "$text is answered as it was sent";
        is $db->value('SELECT JSON_TYPE(js) FROM j2 ORDER BY id DESC LIMIT 1'),
            $db->value("SELECT JSON_TYPE('$text')"), 'and is what it says';
        my $id = $db->value('SELECT MAX(id) FROM j2');
        is_deeply call(Find2 => { js => $_ }, $vtiger)->json->{result}, [ { id => $id } ], 'and found' for $text, [$text];
    }
    is call(Add2 => { js => 'x' }, $vtiger)->json->{error}{code}, 'INVALID_VALUE', 'what is no JSON is refused';
    is call(Add2 => { js => '' }, $vtiger)->status, 200, 'an empty text is taken';
    is $db->value('SELECT COUNT(*) FROM j2 WHERE js IS NULL'), 2, 'for NULL';
    is call(Add2 => { js => { a => 1 } }, $vtiger)->json->{result}{js} =~ s/ //gr, '{"a":1}', 'JSON itself is legal, too';
    is call(Add2 => { js => 'x' })->json->{js}, 'x', 'in profile rest a text is a text';
};

# ---- what columns make of values

subtest 'what a column makes of a value is no change if it was there' => sub {
    $db->run(q{CREATE TABLE c3 (id INT AUTO_INCREMENT PRIMARY KEY, fixed CHAR(10), pad BINARY(4),
        price FLOAT(7,2), addr } . ($maria ? 'INET6' : 'VARCHAR(40)') . q{, free VARCHAR(10), raw VARBINARY(4),
        low VARCHAR(10), changed DATETIME);
        CREATE TRIGGER c3_low BEFORE UPDATE ON c3 FOR EACH ROW SET NEW.low = LOWER(NEW.low);
        INSERT INTO c3 VALUES (1, 'aa', X'0001', 1.24, '::1', 'aa', X'0001', 'low', '2020-01-01'),
            (2, 'bb', X'0002', 2, '::2', 'bb', X'0002', 'x', '2020-01-01')});
    module('C3', q{<table name="c3" key="id"/><constant column="changed" value="@now" on="both"/>
        <field name="fixed" type="string" length="10"/><field name="pad" type="binary" length="4"/>
        <field name="price" type="double" float="true"/><field name="addr" type="string" length="40"/>
        <field name="free" type="string" length="10"/><field name="raw" type="binary" length="4"/>
        <field name="low" type="string" length="10"/>});
    my @all = qw(fixed pad price addr free raw low);
    publish(Set3 => '<update module="C3">' . record('id', @all) . '</update>',
        All3 => '<update module="C3">' . record('fixed') . '<where><field name="id" condition="greaterthan"'
            . ' value="0"/></where></update>');
    my %same = (fixed => 'aa  ', pad => 'AAE=', price => 1.239, low => 'LOW', $maria ? (addr => '0::1') : ());
    for my $field (sort keys %same) {
        is_told call(Set3 => { id => 1, $field => $same{$field} }), '200 unchanged', "$field is as it was";
    }
    is_told call(Set3 => { id => 1, %same }), '200 unchanged', 'all of them are';
    is history('C3'), 0, 'no history is written';
    is $db->value('SELECT changed FROM c3 WHERE id = 1'), '2020-01-01 00:00:00', 'nor when it changed';
    is_told call(Set3 => { id => 1, free => 'aa ' }), '200 updated', 'a column that keeps blanks changes';
    is_deeply last_change(C3 => 'free'), [ 'aa', 'aa ' ], 'which is told';
    is $db->value('SELECT changed > "2020-01-02" FROM c3 WHERE id = 1'), 1, 'and when';
    is_told call(Set3 => { id => 1, raw => 'AAEA' }), '200 updated', 'one that keeps zeros, too';
    is_told call(Set3 => { id => 1, %same, free => 'new' }), '200 updated', 'one field of all changes';
    is_deeply Rig->json($db->value('SELECT changes FROM apid_update ORDER BY id DESC LIMIT 1')),
        [ { field => 'free', old => 'aa ', new => 'new' } ], 'only that is told';
    my $entries = history('C3');
    is_told call(All3 => { fixed => 'aa ' }), '200 updated', 'one record of two changes';
    is history('C3'), $entries + 1, 'the history tells of one';
    is_deeply last_change(C3 => 'fixed'), [ 'bb', 'aa' ], 'and what it holds now';
    is_told call(All3 => { fixed => 'aa ' }), '200 unchanged', 'the same again changes none';
};

subtest 'what is said of a statement, and not of its values, refuses nothing' => sub {
    $db->run(q{CREATE TABLE w3 (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), mark CHAR(36) DEFAULT (UUID())) ENGINE=MyISAM});
    module('W3', q{<table name="w3" key="id"/><field name="name" type="string" length="20"/>});
    publish(Add3w => '<create module="W3">' . record('name') . '</create>',
        Gone3w => '<delete module="W3">' . where('id') . '</delete>');
    is_told call(Add3w => { name => 'x' }), '201', 'a create in another engine beside ours, with a binary log';
    is_told call(Gone3w => { id => 1 }), '204', 'a delete';
    is history('W3'), 2, 'both are told';
};

# ---- rules of the database

subtest 'what a trigger refuses is 422, whatever it signals' => sub {
    $db->run(q{CREATE TABLE s8 (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20))});
    module('S8', q{<table name="s8" key="id"/><field name="name" type="string" length="20"/>});
    publish(Add8 => '<create module="S8">' . record('name') . '</create>');
    for my $signal ("'45000' SET", "'02000' SET", "'77777' SET", "'45123' SET MYSQL_ERRNO = 30001,") {
        $db->run("DROP TRIGGER IF EXISTS s8_rule; CREATE TRIGGER s8_rule BEFORE INSERT ON s8 FOR EACH ROW"
            . " SIGNAL SQLSTATE $signal MESSAGE_TEXT = 'no'");
        my $got = call(Add8 => { name => 'x' });
        is_told $got, '422 INVALID_VALUE', "SQLSTATE $signal";
        is $got->json->{detail} // $got->json->{errors}[0]{detail},
            'The change is refused by a rule of the database', 'is a rule of the database';
    }
    is $db->value('SELECT COUNT(*) FROM s8'), 0, 'nothing is written';
    $db->run(q{DROP TRIGGER s8_rule; CREATE VIEW s8_view AS SELECT * FROM s8 WHERE name <> 'x' WITH CHECK OPTION;
        CREATE TABLE s8_parts (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20))
        PARTITION BY LIST (id) (PARTITION one VALUES IN (2, 3))});
    for my $table (qw(s8_view s8_parts)) {
        module("\u$table", qq{<table name="$table" key="id"/><field name="name" type="string" length="20"/>});
        publish("Add$table" => qq{<create module="\u$table">} . record('name') . '</create>');
        is_told call("Add$table" => { name => 'x' }), '422 INVALID_VALUE', "what $table does not take, too";
    }
};

done_testing;
