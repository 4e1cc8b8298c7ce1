#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# What the catalog takes and what it does not: one request must never reach rows that it
# does not mean, import writes only what apply takes, and documents that cannot work are
# errors when they are published
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;
use Time::HiRes qw(sleep);
binmode $_, ':utf8' for map { Test::More->builder->$_ } qw(output failure_output);

my $db = Rig->database;
$db->ctl_ok('init', '--admin', 'admin');
$db->ctl_ok('user', 'add', 'ann', '--role', 'caller', '--id', '7');
my ($key) = $db->ctl_ok('user', 'key', 'ann') =~ /(\S{43})/;
my @ann = (basic => [ 'ann', $key ]);
my $dir = Rig->directory;
my $web = Rig->apache(database => $db);

# ---- how the subtests say what they need

sub file ($name, $text) { utf8::encode($text); Rig::spew("$dir/$name.xml", $text); "$dir/$name.xml" }

sub apply ($name, $text, $attributes = '') {
    return $db->ctl('module', 'apply', file("module-$name", qq{<module name="$name"$attributes>$text\n</module>\n}));
}
sub apply_ok ($name, $text, $attributes = '') {
    my $ran = apply($name, $text, $attributes);
    is $ran->{code}, 0, "module $name is taken" or diag $ran->{err} . $ran->{out};
}
# What is wrong with it: "line:column: why" of each error.
sub faults ($ran) { join "\n", ($ran->{err} . $ran->{out}) =~ /^[^\n]*?:(\d+:\d+: [^\n]*)/mg }
sub refused ($name, $text, $want, $what) {
    my $ran = apply($name, $text);
    isnt $ran->{code}, 0, "$what: refused";
    like faults($ran), $want, '  with the place and what to do' or diag $ran->{err} . $ran->{out};
}
sub publish ($name, $text) { $db->ctl('apply', file($name, $text =~ s/^<(\w+)/<$1 name="$name"/r)) }
sub publish_ok ($name, $text) {
    my $ran = publish($name, $text);
    is $ran->{code}, 0, "'$name' is published" or diag $ran->{err} . $ran->{out};
    $web->get('/api/-', @ann), sleep 0.15 for 1 .. 2;
}
sub unpublished ($name, $text, $want) {
    my $ran = publish($name, $text);
    isnt $ran->{code}, 0, "'$name' is not published";
    like $ran->{err} . $ran->{out}, $want, '  and why';
}
sub call ($method, $path, %more) { $web->request($method, "/api/$path", @ann, %more) }
sub where_id { '<where><field name="id" value="@id"/></where>' }

# ---- one request, many rows

subtest 'a field is of the kind of its column' => sub {
    $db->run(q{CREATE TABLE h (id INT PRIMARY KEY, title VARCHAR(40), n INT, d DATE, e ENUM('a','1'), b BIT(1),
        flag TINYINT(1), js LONGTEXT, amount INT, at TIMESTAMP NULL, code CHAR(3), u VARCHAR(36), bin VARBINARY(16),
        y YEAR, dd DECIMAL(5,2), state TINYINT, v VARCHAR(10), word VARCHAR(36));
        CREATE TABLE words (word VARCHAR(36) PRIMARY KEY, name VARCHAR(9));
        INSERT INTO h (id, title) VALUES (1, 'one'), (2, 'two')});
    my $table = '<table name="h" key="id"/><key made="caller"/>';
    refused('H', qq{$table\n<field name="t" column="title" type="integer"/>\n<field name="n" type="string"/>},
        qr/^2:1: field 't': type integer does not fit the column `h`\.`title`, which is varchar: .*; expected type="string"\n3:1: field 'n': type string .* which is int: .*; expected type="integer"$/,
        'a number over a text and a text over a number');
    refused('H', qq{$table<field name="x" column="$_->[0]" type="$_->[1]"/>}, qr/expected $_->[2]/, "$_->[1] over $_->[0]")
        for [ d => 'string', 'type="date"' ], [ d => 'integer', 'type="date"' ], [ e => 'integer', 'type="picklist"' ],
            [ v => 'decimal', 'type="string"' ], [ code => 'double', 'type="string"' ], [ v => 'boolean', 'basetype="string"' ],
            [ v => 'owner', 'basetype="string"' ], [ n => 'json', 'type="integer"' ], [ n => 'binary', 'type="integer"' ],
            [ n => 'email', 'type="integer"' ];
    refused('H', qq{<table name="words" key="word"/>\n <key made="caller"/>},
        qr/^2:2: key: type integer does not fit the column `words`\.`word`.*expected type="string"/, 'a key');
    refused('H', qq{<table name="h" key="id"/>\n<table name="words" key="word"/>},
        qr/key: type integer does not fit the column `words`\.`word`/, 'a key that is joined');
    apply_ok('Words', '<table name="words" key="word"/><key made="caller" type="string" length="36"/>'
        . '<field name="name" type="string" length="9"/>');
    apply_ok('H', $table . join '', map { my ($column, $type) = @$_;
        qq{<field name="$column-}.($type =~ s/\W+/-/gr).qq{" column="$column" type="$type"/>} =~ s/type="(\w+) (.*?)"\/>/type="$1" $2\/>/r }
        [ title => 'string' ], [ title => 'email' ], [ e => 'string' ], [ e => 'picklist' ], [ js => 'json' ],
        [ flag => 'boolean' ], [ b => 'boolean' ], [ b => 'bit' ], [ amount => 'decimal' ], [ amount => 'double' ],
        [ at => 'datetime' ], [ d => 'datetime' ], [ u => 'uuid' ], [ bin => 'binary' ], [ bin => 'string' ], [ y => 'year' ],
        [ y => 'integer' ], [ dd => 'integer' ], [ v => 'boolean basetype="string"' ], [ v => 'date' ],
        [ v => 'owner basetype="string"' ], [ n => 'owner' ], [ word => 'reference refers="Words"' ],
        [ word => 'reference refers="Later"' ]);
    apply_ok('H', "$table<field name='s' column='state' type='picklist'><value>0</value><value>12</value></field>");
    my $both = $db->ctl('module', 'apply', file('both', '<module name="B"><table name="h" key="id"/>'
        . '<field name="w" column="word" type="reference" refers="C"/></module>'),
        file('c', '<module name="C"><table name="words" key="word"/><key made="caller" type="string"/></module>'));
    is $both->{code}, 0, 'a reference is what the key of a module beside it is' or diag $both->{err};

    # One that was right once.
    apply_ok('H', qq{$table<field name="n" type="integer"/><field name="t" column="title" type="string"/>});
    publish_ok('By n', '<api path="by-n"><select module="H"><where><field name="n" value="@n"/></where></select></api>');
    publish_ok('By t', '<api path="by-t"><select module="H"><record><field name="t"/></record></select></api>');
    is call(GET => 'by-n?n=0')->body, '[]', 'it finds nothing';
    $db->run(q{ALTER TABLE h MODIFY n VARCHAR(10); UPDATE h SET n = 'abc'});
    $db->ctl_ok('module', 'apply', file('words', '<module name="Words"><table name="words" key="word"/>'
        . '<key made="caller" type="string"/></module>'));
    sleep 0.15, $web->get('/api/-', @ann) for 1 .. 2;
    is call(GET => 'by-n?n=0')->status, 500, 'nor all once the column is another one';
    is call(GET => 'by-t')->status, 200, '  and what does not use it works on';
    like $web->log, qr/field 'n' of module 'H' does not work: type integer does not fit the column `h`\.`n`/,
        '  the log says why';
};

subtest 'a key is unique' => sub {
    $db->run(q{CREATE TABLE h_org (id INT PRIMARY KEY, name VARCHAR(20));
        CREATE TABLE h_per (id INT PRIMARY KEY, org_id INT, city VARCHAR(20), KEY (org_id));
        CREATE TABLE h_two (a INT, b INT, c INT, UNIQUE KEY (b, a), KEY (a));
        CREATE VIEW h_view AS SELECT org_id, city FROM h_per;
        INSERT INTO h_org VALUES (1, 'Acme'); INSERT INTO h_per VALUES (1, 1, 'Bonn'), (2, 1, 'Rome')});
    my $fields = '<field name="name" type="string"/><field name="city" type="string" table="h_per"/>';
    my $org = qq{<table name="h_org" key="id"/>\n<table name="h_per" key="org_id"/>$fields};
    refused('Orgs', $org, qr/^2:1: the key `org_id` of table `h_per` is not unique, so .*ALTER TABLE `h_per` ADD UNIQUE KEY \(`org_id`\).*readonly="true"/,
        'a further table whose rows are several');
    refused('Orgs', '<table name="h_per" key="city"/><key made="caller" type="string"/>',
        qr/the key `city` of table `h_per` is not unique/, 'a main table whose rows are several');
    refused('Twos', '<table name="h_two" key="a"/>', qr/the key `a` of table `h_two`/, 'a part of an index');
    refused('Twos', '<table name="h_two" key="a,c"/>', qr/the key `a`, `c` of table `h_two`/, 'another index');
    apply_ok('Twos', qq{<table name="h_two" key="a,b"/><key made="caller" types="integer,integer"/>});
    apply_ok('Twos', qq{<table name="h_two" key="a,b,c"/><key made="caller" types="integer,integer,integer"/>});
    apply_ok('Orgs', $org, ' readonly="true"');
    like $db->ctl_ok('module', 'warnings', 'Orgs'), qr/no unique index is over the key `h_per`\.`org_id`.*ADD UNIQUE KEY/s,
        'who only reads is told';
    apply_ok('View', '<table name="h_view" key="org_id"/><field name="city" type="string"/>');
    like $db->ctl_ok('module', 'warnings', 'View'), qr/rows of `h_view` have the same key \(`org_id`\)/, 'so is who has a view';
    $db->run('DELETE FROM h_per WHERE id = 2');
    unlike $db->ctl_ok('module', 'warnings', 'View'), qr/the same key/, '  whose rows have it';
    $db->run('CREATE VIEW h_sum AS SELECT org_id, COUNT(*) AS n FROM h_per GROUP BY org_id');
    my $sum = '<table name="h_sum" key="org_id"/><field name="n" type="integer"/>';
    refused('Sum', $sum, qr/table `h_sum` is a view that the database cannot write to: let the module only read: readonly="true"/,
        'a view that groups');
    apply_ok('Sum', $sum, ' readonly="true"');
    return if $db->is_mysql;
    $db->run('CREATE TABLE h_past (a INT, b INT) WITH SYSTEM VERSIONING');
    refused('Past', '<table name="h_past" key="a"/>', qr/the key `a` of table `h_past` is not unique/,
        'nor is a table that keeps its past a view');
    $db->run('CREATE SEQUENCE h_numbers');
    my $tables = $db->ctl_ok('table', 'list');
    like $tables, qr/^h_past /m, 'it is in the list of tables';
    unlike $tables, qr/h_numbers/, '  and a sequence, which is none, is not';
};

subtest 'a key is not rewritten' => sub {
    $db->run(q{CREATE TABLE h_key (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), `at` DATETIME);
        INSERT INTO h_key (id, name) VALUES (1, 'one')});
    apply_ok('Keys', '<table name="h_key" key="id"/><field name="pk" column="ID" type="integer" mandatory="true"/>'
        . '<field name="name" type="string"/><field name="other" column="NAME" type="string" default="x"/>');
    unpublished('Rekey', '<api method="put" path="k/{id}"><update module="Keys"><record><field name="pk" value="@pk"/></record>'
        . where_id() . '</update></api>', qr/field 'pk' of Keys is read-only: it is the key, which 'id' is/);
    unpublished('Both', '<api method="post"><create module="Keys"><record><field name="name" value="@a"/>'
        . '<field name="other" value="@b"/></record></create></api>',
        qr/fields 'name' and 'other' are one column: only one of them can be written/);
    publish_ok('Make', '<api method="post" path="k"><create module="Keys"><record><field name="name" value="@a"/></record>'
        . '<return><field name="pk"/><field name="other"/></return></create></api>');
    my $made = call(POST => 'k', json => { a => 'two' });
    is $made->status, 201, 'one of two fields of a column is written' or diag $made->body;
    is_deeply $made->json, { pk => 2, other => 'two' }, '  the other one and the key are read';
    publish_ok('Default', '<api method="post" path="d"><create module="Keys"><record><field name="other" value="@a"/></record></create></api>');
    is call(POST => 'd', json => {})->status, 201, 'a default is written once';
};

# ---- import

subtest 'import writes what apply takes' => sub {
    $db->run(q{CREATE TABLE i_bin (id BINARY(16) PRIMARY KEY, name VARCHAR(9));
        CREATE TABLE i_five (a INT, b INT, c INT, d INT, e INT, PRIMARY KEY (a, b, c, d, e));
        CREATE TABLE i_at (at DATETIME(3) PRIMARY KEY, name VARCHAR(9));
        CREATE TABLE i_pair (at DATETIME(6), n INT, name VARCHAR(9), PRIMARY KEY (n, at));
        CREATE TABLE i_names (n INT PRIMARY KEY, `a.b` INT, a_b INT, `c,@` INT, id INT, row_id INT, `c--d-` GEOMETRY,
            UNIQUE KEY u (`a.b`, id));
        CREATE TABLE i_enum (e ENUM('x','y') PRIMARY KEY, name VARCHAR(9));
        CREATE TABLE i_caps (`ÜÉ` INT PRIMARY KEY, `Öl` INT, `Имя` VARCHAR(9)); INSERT INTO i_caps VALUES (1, 2, 'one');
        INSERT INTO i_bin VALUES (UNHEX(REPEAT('1f', 16)), 'one'); INSERT INTO i_enum VALUES ('y', 'one');
        INSERT INTO i_at VALUES ('2024-01-31 10:00:00.5', 'one');
        INSERT INTO i_pair VALUES ('2024-01-31 10:00:00.123456', 1, 'one')});
    for my $table (qw(i_bin i_five i_at i_pair i_names i_enum i_caps)) {
        my $ran = $db->ctl('module', 'import', $table);
        is $ran->{code}, 0, "$table is imported" or diag $ran->{err};
        utf8::decode(my $document = $db->ctl_ok('module', 'export', $table));
        my $again = $db->ctl('module', 'apply', file($table, $document));
        is $again->{code}, 0, '  and can be applied' or diag $again->{err};
        publish_ok("r-$table", qq{<api path="$table/{id}"><select module="$table" one="true">} . where_id() . '</select></api>')
            unless $table =~ /bin|five/;
        publish_ok("l-$table", qq{<api path="$table"><select module="$table"/></api>});
    }
    is $db->ctl_ok('module', 'export', 'i_bin'), <<'XML', 'a key that is no text';
<module name="i_bin" label="I Bin" readonly="true">
  <table name="i_bin"/>
  <!-- read only: the key cannot be written as an id, for its column id has the type binary -->
  <field name="row_id" label="Id" column="id" type="binary" length="16" nullable="false" mandatory="true"/>
  <field name="name" label="Name" column="name" type="string" length="9"/>
</module>
XML
    is_deeply call(GET => 'i_bin')->json, [ { row_id => 'Hx8fHx8fHx8fHx8fHx8fHw==', name => 'one' } ], '  it can be read';
    like $db->ctl_ok('module', 'export', 'i_five'), qr/readonly="true".*its column e is one too many/s, 'a key of five columns';
    is $db->ctl_ok('module', 'export', 'i_names'), <<'XML', 'names that no field may have';
<module name="i_names" label="I Names">
  <table name="i_names" key="n"/>
  <key made="caller" type="integer" bits="32"/>
  <field name="a_b_" label="A.b" column="a.b" type="integer" bits="32"/>
  <field name="a_b" label="A B" column="a_b" type="integer" bits="32"/>
  <field name="c__" label="C,@" column="c,@" type="integer" bits="32"/>
  <field name="row_id_" label="Id" column="id" type="integer" bits="32"/>
  <field name="row_id" label="Row Id" column="row_id" type="integer" bits="32"/>
  <!-- column c- - d-  has the type geometry -->
  <unique index="u" fields="a_b_,row_id_"/>
</module>
XML
    is_deeply call(GET => 'i_caps')->json, [ { id => 1, 'Öl' => 2, 'Имя' => 'one' } ], 'columns of capitals beyond ASCII';
    for my $table (qw(i_at i_pair i_enum)) {
        my $id = call(GET => $table)->json->[0]{id};
        my $got = call(GET => "$table/" . ($id =~ s/([^\w.,-])/sprintf '%%%02X', ord $1/ger));
        is $got->status, 200, "the record $id that a list shows is there" or diag $got->body;
    }
    return if $db->is_mysql;    # whose tables keep no past
    $db->run(q{CREATE TABLE i_past (id INT PRIMARY KEY, name VARCHAR(9) UNIQUE,
        since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, till TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
        PERIOD FOR SYSTEM_TIME (since, till)) WITH SYSTEM VERSIONING});
    $db->ctl_ok('module', 'import', 'i_past');
    like $db->ctl_ok('module', 'export', 'i_past'), qr{key="id"/>.*<unique index="name" fields="name"/>}s,
        'of a table that keeps its past, what is unique of what is there';
    is $db->ctl_ok('module', 'warnings', 'i_past'), '', '  which is as the document says';
    my $record = '<record><field name="id" value="@id"/><field name="name" value="@name"/></record>'
        . '<return><field name="name"/></return>';
    publish_ok("$_->[0]-past", qq{<api method="$_->[1]"><$_->[0] module="i_past">$record</$_->[0]></api>})
        for [qw(create post)], [qw(update put)];
    is call(POST => 'create-past', json => { id => 1, name => 'one' })->status, 201, '  a record of it is made';
    is call(POST => 'create-past', json => { id => 1, name => 'two' })->json->{errors}[0]{pointer}, '/id', '  once';
    is call(PUT => 'update-past', json => { id => 1, name => 'two' })->body, '[{"name":"two"}]', '  and changed';
};

# ---- long keys

subtest 'a record has a history whatever its id' => sub {
    $db->run(q{CREATE TABLE k_long (k VARCHAR(700) PRIMARY KEY, name VARCHAR(9)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
        CREATE TABLE k_pair (a VARCHAR(300), b VARCHAR(300), name VARCHAR(9), PRIMARY KEY (a, b)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin});
    my @pair = map { join ',', $_, 'ä' x 300 } map { $_ x 300 } 'ä', 'b';
    my %ids = (k_long => [ map { 'x' x 699 . $_ } 1, 2 ],
               k_pair => [ map { join ',', map { utf8::encode(my $part = $_); $part =~ s/([^\w.~-])/sprintf '%%%02X', ord $1/aegr }
                               split /,/ } @pair ]);
    for my $table (sort keys %ids) {
        $db->ctl_ok('module', 'import', $table);
        publish_ok("make $table", qq{<api method="post" path="$table"><create module="$table"><record><field name="id" value="\@id"/>}
            . qq{<field name="name" value="\@name"/></record></create></api>});
        publish_ok("change $table", qq{<api method="patch" path="$table"><update module="$table"><record><field name="id" value="\@id"/>}
            . qq{<field name="name" value="\@name"/></record></update></api>});
        for my $id (@{ $ids{$table} }) {
            my $made = call(POST => $table, json => { id => $id, name => 'one' });
            is $made->status, 201, "$table: a record is made" or diag $made->body;
            is call(PATCH => $table, json => { id => $id, name => 'two' })->status, 200, '  and changed';
            is_deeply [ map { $_->{operation} } @{ Rig->json($db->ctl_ok('--json', 'updates', $table, $id)) } ],
                [ 'update', 'create' ], '  its history is its own';
        }
    }
};

# ---- what cannot work is not published

subtest 'documents that cannot work' => sub {
    my $select = '<select module="Keys"/>';
    unpublished('L1', '<api><select module="Keys"><limit max="99999999999999999999"/></select></api>',
        qr/max '9+' of <limit> is too large: expected at most 18 digits/);
    unpublished('L2', qq{<api method="post"><create module="Keys"><record><field name="name" value="\@later.id"/></record></create>}
        . '<select module="Keys" as="later"/></api>', qr/'\@later\.id': that operation runs later/);
    unpublished('L3', qq{<api path="c/{a}/{a}">$select</api>}, qr/part '\{a\}' is there twice/);
    unpublished('L4', qq{<api path="pc%2Fx">$select</api>}, qr/it is written as it is meant, 'pc\/x'/);
    publish_ok('L5', qq{<api path="50% a/{x}"><select module="Keys"><where><field name="name" value="\@x"/></where>}
        . '<limit max="999999999999999999"/></select></api>');
    is call(GET => '50%25%20a/two')->status, 200, 'a percent sign in a path, and a limit above the cap';
};

done_testing;
