#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Conditions and pages by key on columns of every type: what is found is what is
# answered, whatever the column makes of it. All over HTTP, on a real server.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;
use Time::HiRes qw(sleep);
binmode $_, ':utf8' for map { Test::More->builder->$_ } qw(output failure_output);

my $db = Rig->database;
$db->ctl_ok('init', '--admin', 'admin');
$db->ctl_ok('user', 'add', 'ann', '--role', 'caller', '--id', '7');
my ($key) = $db->ctl_ok('user', 'key', 'ann') =~ /(\S{43})/;
my @ann = (basic => ['ann', $key]);
my $web = Rig->apache(database => $db);
my $fresh = 1;    # the server has seen all that is published

sub module ($name, $text) {
    $db->ctl_ok('module', 'apply', Served::files(qq{<module name="$name">$text</module>}));
}

# Publishes definitions: name => [ method, operation ].
sub publish_ok (%definitions) {
    $fresh = 0;
    $db->ctl_ok('apply', Served::files(map {
        my ($method, $operation) = @{ $definitions{$_} };
        qq{<api name="$_" method="$method">$operation</api>}
    } keys %definitions));
}

# A select of ids by one test of a field, its parameter v.
sub finder ($module, $field, $test = 'equal') {
    my $value = $test =~ /empty/ ? '' : ' value="@v"';
    return [ 'post', qq{<select module="$module"><record><field name="id"/></record><where><field}
        . qq{ name="$field" condition="$test"$value/></where></select>} ];
}

sub call ($name, $parameters = {}, $method = 'POST', @more) {
    if (!$fresh) { for (1 .. 2) { sleep 0.12; $web->get('/api/-', @ann) } $fresh = 1 }
    my $path = "/api/" . $name =~ s/ /%20/gr;
    return $web->request($method, $path, @ann, json => $parameters, @more) if $method ne 'GET';
    $path .= '?' . Rig::Client::form_text(%$parameters) if %$parameters;
    return $web->request(GET => $path, @ann, @more);
}

# The ids that a definition answers to a value of v, or its error.
sub ids ($name, @value) {
    my $got = call($name, @value ? { v => $value[0] } : {});
    return join ' ', $got->status, $got->json->{code} // (),
        map { $_->{pointer} =~ s{^/}{}r } @{ $got->json->{errors} // [] } if $got->status != 200;
    return join ' ', sort { $a <=> $b } map { $_->{id} } @{ $got->json };
}

subtest 'exact fields are compared as bytes, in lists too' => sub {
    $db->run(q{CREATE TABLE w1 (id INT PRIMARY KEY, code VARCHAR(20)) COLLATE utf8mb4_general_ci;
        INSERT INTO w1 VALUES (1, 'Müller'), (2, 'muller'), (3, 'x'), (4, NULL), (5, 'x ')});
    module('W1', q{<table name="w1" key="id"/><field name="code" type="string" length="20" exact="true"/>});
    my %test = (Eq1 => 'equal', Ne1 => 'notequal', In1 => 'in', No1 => 'notin');
    publish_ok((map { $_ => finder('W1', 'code', $test{$_}) } keys %test),
        Drop1 => [ 'delete', '<delete module="W1"><where><field name="code" value="@v"/></where></delete>' ]);
    for my $name ('Eq1', 'In1') {
        is ids($name, 'muller'), '2', "$name muller";
        is ids($name, ['muller']), '2', "$name [muller]";
        is ids($name, [ 'MULLER', 'x ', 'Müller' ]), '1 5', "$name of three";
        is ids($name, [ 'MULLER' ]), '', "$name of none";
    }
    for my $name ('Ne1', 'No1') {
        is ids($name, 'muller'), '1 3 4 5', "$name muller";
        is ids($name, [ 'muller', 'x', 'X' ]), '1 4 5', "$name of three";
    }
    is call('Drop1', { v => ['MULLER'] }, 'DELETE')->status, 204, 'a delete by a list';
    is call('Drop1', { v => [ 'muller', 'X' ] }, 'DELETE')->status, 204, 'and one of two';
    is $db->value('SELECT GROUP_CONCAT(id ORDER BY id) FROM w1'), '1,3,4,5', 'deletes what has these bytes';
};

# Pages through a list of ids to its end; at most 40 pages.
sub pages ($name, @more) {
    my ($after, @seen) = ('');
    for (1 .. 40) {
        my $got = call($name, length $after ? { after => $after } : {}, 'GET', @more);
        return ($got->status . ' ' . $got->body) if $got->status != 200;
        push @seen, map { $_->{id} } @{ $got->json };
        ($after) = ($got->header('Link') // '') =~ /[?&]after=([^&>]+)/ or last;
        $after =~ s/%(..)/chr hex $1/ge;
    }
    return "@seen";
}

# What can be sorted by: a column's type and values, the field.
my @zero = ("'0000-00-00'", "'2024-01-02'", "'2023-05-06'");
my %sorted = (
    enum => [ q{ENUM('small', 'large', 'a')}, q{type="picklist"><value>a</value><value>large</value><value>small</value},
        map { "'$_'" } qw(a large small a small large) ],
    enum_digits => [ q{ENUM('2', '10', '1')}, q{type="picklist"><value>1</value><value>2</value><value>10</value},
        map { "'$_'" } qw(1 2 10 1 2 10) ],
    picklist => [ 'VARCHAR(10)', q{type="picklist"><value>10</value><value>9</value><value>a</value},
        map { "'$_'" } qw(a 9 10 9 10 9 a) ],
    set => [ q{SET('z', 'y', 'x')}, q{type="multipicklist" set="true"><value>z</value><value>y</value><value>x</value},
        map { "'$_'" } '', 'x', 'y', 'z', 'z,y', 'y,x', 'x', 'z,x' ],
    wide_set => [ 'SET(' . join(',', map { "'m$_'" } 1 .. 63) . ')', 'type="multipicklist" set="true">'
        . join('', map { "<value>m$_</value>" } 1 .. 63) =~ s/.$//r, map { "'$_'" } 'm63', 'm63,m1', 'm63,m2', 'm1', 'm2', 'm63,m1' ],
    joined => [ 'VARCHAR(30)', 'type="multipicklist"><value>a</value><value>b</value', map { "'$_'" } 'a', 'b', 'a |##| b', 'a' ],
    date => [ 'DATE', 'type="date"', @zero, @zero, "'2024-02-00'", "'2023-00-00'" ],
    must_date => [ 'DATE NOT NULL', 'type="date" nullable="false"', @zero, @zero ],
    datetime => [ 'DATETIME(3)', 'type="datetime" fsp="3"', @zero, @zero, "'2024-01-02 00:00:00.001'", "'2024-01-02 00:00:00.002'" ],
    must_datetime => [ 'DATETIME NOT NULL', 'type="datetime" nullable="false"', @zero, @zero ],
    timestamp => [ 'TIMESTAMP NULL', 'type="datetime"', @zero, @zero ],
    must_timestamp => [ q{TIMESTAMP NOT NULL DEFAULT '0000-00-00'}, 'type="datetime" nullable="false"', @zero, @zero ],
    time => [ 'TIME(2)', 'type="time" fsp="2"', map { "'$_'" } qw(-838:59:59 00:00:00 00:00:00.01 30:00:00 30:00:00 -01:00:00) ],
    year => [ 'YEAR', 'type="year"', qw(0 2024 1999 0 1970 2024) ],
    boolean => [ 'TINYINT(1)', 'type="boolean"', qw(0 1 2 127 -1 2 0 127) ],
    bit => [ 'BIT(10)', 'type="bit" bits="10"', qw(0 1 1023 1 513 0) ],
    integer => [ 'BIGINT', 'type="integer"', qw(-9223372036854775808 9223372036854775807 9223372036854775806 0 -1 0) ],
    unsigned => [ 'BIGINT UNSIGNED', 'type="integer" unsigned="true"', qw(18446744073709551615 18446744073709551614 0 0 5) ],
    decimal => [ 'DECIMAL(40,20)', 'type="decimal" precision="40" scale="20"',
        qw(1.00000000000000000001 1.00000000000000000002 1 1.00000000000000000003 -1.5 1) ],
    whole => [ 'DECIMAL(60,0)', 'type="decimal" precision="60"',
        qw(123456789012345678901234567890 123456789012345678901234567891 123456789012345678901234567892 0 0) ],
    double => [ 'DOUBLE', 'type="double"', qw(0.1 0.30000000000000004 0.3 1e300 -1e-300 0.1) ],
    float => [ 'FLOAT', 'type="double" float="true"', qw(0.1 0.2 0.3 16777216 -0.1 0.1) ],
    char => [ 'CHAR(5)', 'type="string" length="5"', map { "'$_'" } 'b', 'B', 'ä', 'a', '', 'b' ],
    latin => [ 'VARCHAR(5) CHARACTER SET latin1', 'type="string" length="5"', map { "'$_'" } 'ö', 'o', 'p', 'Ö', 'é' ],
    bytewise => [ 'VARCHAR(5) COLLATE utf8mb4_bin', 'type="string" length="5"', map { "'$_'" } 'b', 'B', 'ä', 'a', '' ],
    text => [ 'TEXT', 'type="text"', map { "'$_'" } 'b', 'B', 'ä', 'a', '', 'b' ],
    varbinary => [ 'VARBINARY(5)', 'type="binary" length="5"', qw(x'00' x'0001' x'ff' x'6100' x'61' x'' x'ff') ],
    blob => [ 'BLOB', 'type="binary" length="5"', qw(x'00' x'0001' x'ff' x'6100' x'61' x'' x'ff') ],
    binary => [ 'BINARY(4)', 'type="binary" length="4"', qw(x'00' x'0001' x'ff' x'6100' x'61000001' x'ff') ],
    json => [ 'JSON', 'type="json"', map { "'$_'" } '1', '"a"', '"b"', '"B"', '2', 'true' ],
);
$sorted{uuid} = [ 'UUID', 'type="uuid"', map { "'${_}23e4567-e89b-12d3-a456-4266141740${_}0'" } 1, 5, 3, 9, 3 ] if !$db->is_mysql;

subtest 'pages by key give each row once, whatever is sorted by' => sub {
    my $fields = join '', map { qq{<field name="$_" $sorted{$_}[1]} . ($sorted{$_}[1] =~ /></ ? '></field>' : '/>') }
        sort keys %sorted;
    $db->run("SET sql_mode = ''; CREATE TABLE w2 (id INT AUTO_INCREMENT PRIMARY KEY, "
        . join(', ', map { "`$_` $sorted{$_}[0]" } sort keys %sorted) . ') COLLATE utf8mb4_general_ci');
    for my $n (2 .. 14) {
        my %row = map { my (undef, undef, @value) = @{ $sorted{$_} };
            $_ => $n < 10 ? $value[ ($n - 2) % @value ] : $n == 12 && !/must/ ? 'NULL' : $value[ $n * 7 % @value ] }
            keys %sorted;
        $row{$_} = 'NULL' for grep { $n == 4 && !/must/ } keys %row;
        $db->run("SET sql_mode = ''; INSERT INTO w2 (" . join(',', map { "`$_`" } sort keys %row)
            . ') VALUES (' . join(',', map { $row{$_} } sort keys %row) . ')');
    }
    module('W2', qq{<table name="w2" key="id"/>$fields});
    publish_ok(map { my $field = $_; map { ("$_ $field" => [ 'get', '<select module="W2"><record><field name="id"/></record>'
        . qq{<sort><field name="$field" order="$_"/></sort><limit max="2" after="\@after"/></select>} ]) }
        qw(ascending descending) } keys %sorted);
    for my $field (sort keys %sorted) {
        for my $order (qw(ascending descending)) {
            my $word = $order =~ s/ending//r;
            is pages("$order $field"), join(' ', map { $_->{id} } $db->rows("SELECT id FROM w2 ORDER BY `$field` $word, id")),
                "$field, $order";
        }
    }
};

subtest 'pages by key of a field that a reference leads to' => sub {
    $db->run(q{CREATE TABLE w8p (id INT AUTO_INCREMENT PRIMARY KEY, size ENUM('small', 'large', 'a'), s SET('z', 'y'));
        CREATE TABLE w8 (id INT AUTO_INCREMENT PRIMARY KEY, parent INT);
        INSERT INTO w8p VALUES (1, 'a', 'z'), (2, 'large', 'y'), (3, 'small', 'z,y'), (4, NULL, '');
        INSERT INTO w8 (parent) VALUES (1), (2), (3), (4), (NULL), (2), (3), (1), (1), (9)});
    module('W8P', q{<table name="w8p" key="id"/><field name="size" type="picklist"><value>a</value><value>large</value>
        <value>small</value></field><field name="s" type="multipicklist" set="true"><value>z</value><value>y</value></field>});
    module('W8', '<table name="w8" key="id"/><field name="parent" type="reference" refers="W8P"/>');
    my @lists = map { my $field = $_; map { [ $field, $_ ] } qw(ascending descending) } qw(size s);
    publish_ok(map { my ($field, $order) = @$_;
        ("Eight $field $order" => [ 'get', '<select module="W8"><record><field name="id"/></record>'
            . qq{<sort><field name="parent.$field" order="$order"/></sort><limit max="2" after="\@after"/></select>} ]) } @lists);
    for (@lists) {
        my ($field, $order) = @$_;
        my $word = $order =~ s/ending//r;
        is pages("Eight $field $order"), join(' ', map { $_->{id} } $db->rows(
            "SELECT c.id FROM w8 c LEFT JOIN w8p p ON p.id = c.parent ORDER BY p.$field $word, c.id")), "$field, $order";
    }
};

subtest 'characters that a column lacks are the fault of their parameter' => sub {
    $db->run(q{CREATE TABLE w3 (id INT AUTO_INCREMENT PRIMARY KEY, three VARCHAR(20) CHARACTER SET utf8mb3,
        latin VARCHAR(20) CHARACTER SET latin1, four VARCHAR(20));
        INSERT INTO w3 VALUES (1, 'b', 'b', '😀'), (2, 'c', 'é', 'b')});
    module('W3', '<table name="w3" key="id"/>'
        . join '', map { qq{<field name="$_" type="string" length="20"/>} } qw(three latin four));
    my @tests = qw(equal notequal in notin between lessthan contains);
    my $two = '<where><field name="latin" value="@v"/><field name="four" value="@w"/></where>';
    publish_ok((map { my $field = $_; map { ("$field $_" => finder('W3', $field, $_)) } @tests } qw(three latin four)),
        Both3 => [ 'post', qq{<select module="W3"><record><field name="id"/></record>$two</select>} ],
        Set3 => [ 'post', qq{<update module="W3"><record><field name="four" value="\@four"/></record>$two</update>} ]);
    for my $field (qw(three latin)) {
        for my $test (@tests) {
            my @values = ((['😀', 'b']) x ($test !~ /less|contains/), ('😀') x ($test ne 'between'),
                ([ '😀', 'b', 'c' ]) x ($test =~ /equal|in$/));
            for my $value (@values) {
                my $told = ids("$field $test", $value);
                like $told, qr/^(?:422 INVALID_VALUE v|[12 ]*)$/, "$field $test " . Rig->to_json($value) =~ s/[^ -~]+/:-)/r;
            }
        }
    }
    is ids('latin in', [ 'é', 'b' ]), '1 2', 'what a column has is found';
    is ids('four in', [ '😀', 'x' ]), '1', 'in wider ones, too';
    my $told = sub ($name, %sent) { my $got = call($name, \%sent);
        join ' ', $got->status, map { $_->{pointer} } @{ ref $got->json eq 'HASH' ? $got->json->{errors} // [] : [] } };
    is $told->('Both3', v => '☃', w => 'x'), '422 /v', 'of two conditions the one that has it';
    is $told->('Both3', v => '☃', w => '😀'), '422', 'or none, if it may be both';
    is $told->('Set3', v => '☃', w => 'x', four => '😀'), '422 /v', 'in a write it is not what is written';
};

subtest 'empty binary values and zero dates are as they are answered' => sub {
    $db->run(q{SET sql_mode = ''; CREATE TABLE w4 (id INT AUTO_INCREMENT PRIMARY KEY, raw VARBINARY(9), large BLOB,
        day DATE, must DATE NOT NULL, at DATETIME, stamp TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00');
        INSERT INTO w4 VALUES (1, '', '', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00'),
        (2, NULL, NULL, NULL, '2024-01-01', NULL, '2024-01-01'),
        (3, 'x', 'x', '2024-01-01', '2024-01-01', '2024-01-01', '2024-01-01'),
        (4, x'00', x'00', '2024-00-05', '2024-02-00', '2024-02-00', '2024-03-01')});
    my @dates = qw(day must at stamp);
    module('W4', '<table name="w4" key="id"/>' . join '',
        (map { qq{<field name="$_" type="binary" length="9"/>} } qw(raw large)),
        (map { my $type = /at|stamp/ ? 'datetime' : 'date'; qq{<field name="$_" type="$type"/>} } @dates));
    my @tests = qw(equal notequal empty notempty lessthan lessorequal greaterthan greaterorequal between like);
    publish_ok(map { my $field = $_; map { ("$field $_" => finder('W4', $field, $_)) } @tests } qw(raw large), @dates);
    for my $field (qw(raw large)) {
        is ids("$field empty"), '1 2', "$field is empty";
        is ids("$field notempty"), '3 4', "$field is not";
        is ids("$field equal", ''), '1 2', "$field equal to nothing";
        is ids("$field notequal", ''), '3 4', "$field not equal to nothing";
    }
    for my $field (@dates) {
        my $all = { day => '3', at => '3', must => '2 3', stamp => '2 3 4' }->{$field};
        is ids("$field $_", '2025-01-01'), $all, "$field $_" for qw(lessthan lessorequal);
        is ids("$field $_", '1999-01-01'), $all, "$field $_" for qw(greaterthan greaterorequal);
        is ids("$field between", [ '0001-01-01', '2025-01-01' ]), $all, "$field between";
        is ids("$field like", '00-0'), '', "$field like";
        my $none = { day => '1 2 4', at => '1 2 4', must => '1 4', stamp => '1' }->{$field};
        is ids("$field empty"), $none, "$field empty";
        is ids("$field notempty"), $all, "$field notempty";
        is ids("$field equal", ''), $none, "$field equal to nothing";
        is ids("$field notequal", ''), $all, "$field not equal to nothing";
    }
};

subtest 'an empty value in a list is one like others' => sub {
    $db->run(q{SET sql_mode = ''; CREATE TABLE w9 (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(9), pick ENUM('a', 'b'),
        day DATE, age INT, js JSON, code VARCHAR(9), days SET('a', 'b'), raw VARBINARY(9));
        INSERT INTO w9 VALUES (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (2, '', '', '0000-00-00', NULL, NULL, '', '', ''),
        (3, 'a', 'a', '2024-01-01', 1, '1', 'a', 'a', 'a'), (4, 'b', 'b', '2024-01-02', 2, '2', 'b', 'b', 'b')});
    my $choices = '<value>a</value><value>b</value></field>';
    my %type = (name => 'type="string" length="9"/>', pick => qq{type="picklist">$choices}, day => 'type="date"/>',
        age => 'type="integer"/>', js => 'type="json"/>', code => 'type="string" length="9" exact="true"/>',
        days => qq{type="multipicklist" set="true">$choices}, raw => 'type="binary" length="9"/>');
    module('W9', '<table name="w9" key="id"/>' . join '', map { qq{<field name="$_" $type{$_}} } sort keys %type);
    publish_ok(map { my $field = $_; map { ("$field $_" => finder('W9', $field, $_)) } qw(equal notequal in notin) }
        keys %type);
    my %third = (day => '2024-01-01', age => 1, js => 1, raw => 'YQ==');
    for my $field (sort keys %type) {
        my $third = $third{$field} // 'a';
        for my $below ('/api/', '/restapi/vtap/api/') {
            my $found = sub ($test, $value) {
                my $got = $web->request(POST => "$below$field%20$test", @ann, json => { v => $value });
                return join ' ', map { $_->{id} } @{ $below =~ /vtap/ ? $got->json->{result} : $got->json };
            };
            # of JSON, which has an empty text, it is what profile vtiger has for NULL
            my $none = $field eq 'js' && $below eq '/api/' ? '' : '1 2';
            my $others = $none ? '3 4' : '1 2 3 4';
            for my $test (qw(equal in)) {
                is $found->($test, $_), $none, "$below$field $test " . Rig->to_json($_) for '', [''];
                is $found->($test, [ '', $third ]), $none ? '1 2 3' : '3', "$below$field $test, of two";
                is $found->($test, [undef]), '', "$below$field $test, null is not sent";
            }
            for my $test (qw(notequal notin)) {
                is $found->($test, $_), $others, "$below$field $test " . Rig->to_json($_) for '', [''];
                is $found->($test, [ '', $third ]), $none ? '4' : '1 2 4', "$below$field $test, of two";
            }
        }
    }
};

subtest 'lists that are too long together are the fault of the last' => sub {
    $db->run(q{CREATE TABLE w10 (id INT AUTO_INCREMENT PRIMARY KEY, a INT); INSERT INTO w10 VALUES (1, 1), (2, 20000)});
    module('W10', '<table name="w10" key="id"/><field name="a" type="integer"/>');
    my $where = '<where>' . join('', map { qq{<field name="a" condition="in" value="$_"/>} } ('@v') x 3, ('@w') x 5) . '</where>';
    publish_ok(Long10 => [ 'post', qq{<select module="W10"><record><field name="id"/></record>$where</select>} ],
        Drop10 => [ 'post', qq{<delete module="W10">$where</delete>} ],
        Ids10 => [ 'post', '<select module="W10"><where glue="or"><field name="id" value="@v"/>'
            . ('<field name="id" condition="notin" value="@v"/>' x 8) . '</where></select>' ]);
    my $many = [ 1 .. 10_000 ];
    my $told = sub ($name, %sent) { my $got = call($name, \%sent);
        join ' ', $got->status, map { $_->{pointer} } @{ $got->status == 422 ? $got->json->{errors} : [] } };
    is $told->('Long10', v => $many, w => [1]), 200, 'three lists of 10,000';
    for my $name (qw(Long10 Drop10)) {
        is $told->($name, v => $many, w => $many), '422 /w', "$name: eight";
        is $told->($name, v => [ 0 .. 10_000 ], w => [1]), '422 /v', '  one of 10,001';
    }
    is $told->('Ids10', v => $many), '422 /v', 'of ids, too';
    is $db->value('SELECT COUNT(*) FROM w10'), 2, 'nothing is deleted';
};

subtest 'a boolean is compared as it is shown' => sub {
    $db->run(q{CREATE TABLE w5 (id INT AUTO_INCREMENT PRIMARY KEY, flag TINYINT(1));
        INSERT INTO w5 VALUES (1, 0), (2, 1), (3, 2), (4, -1), (5, NULL)});
    module('W5', '<table name="w5" key="id"/><field name="flag" type="boolean"/>');
    publish_ok(map { ("Flag $_" => finder('W5', 'flag', $_)) }
        qw(equal notequal in notin lessthan greaterorequal between));
    my ($true, $false) = (JSON::PP::true(), JSON::PP::false());
    is ids('Flag equal', $true), '2 3 4', 'true';
    is ids('Flag equal', $false), '1', 'false';
    is ids('Flag notequal', $true), '1 5', 'not true';
    is ids('Flag notequal', $false), '2 3 4 5', 'not false';
    for my $test (qw(equal in)) {
        is ids("Flag $test", [$true]), '2 3 4', "$test: a list of true";
        is ids("Flag $test", [ $true, $false ]), '1 2 3 4', "$test: of both";
    }
    is ids('Flag notin', [$true]), '1 5', 'none of true';
    is ids('Flag lessthan', $true), '1', 'below true';
    is ids('Flag greaterorequal', $true), '2 3 4', 'and not';
    is ids('Flag between', [ $true, $true ]), '2 3 4', 'between';
};

subtest 'JSON is compared by what it says' => sub {
    $db->run(q{CREATE TABLE w6 (id INT AUTO_INCREMENT PRIMARY KEY, doc JSON);
        INSERT INTO w6 VALUES (1, '{"a": 1, "b": [1, 2]}'), (2, '{"a":"X"}'), (3, '[ 1,2 ]'), (4, NULL)});
    module('W6', '<table name="w6" key="id"/><field name="doc" type="json"/>');
    publish_ok(map { ("Doc $_" => finder('W6', 'doc', $_)) } qw(equal notequal in notin));
    is ids('Doc equal', { a => 'X' }), '2', 'an object';
    is ids('Doc equal', { a => 'x' }), '', 'texts have their case';
    is ids('Doc in', [ [ 1, 2 ], { a => 'X' } ]), '2 3', 'one of two';
    is ids('Doc in', [ [ 2, 1 ] ]), '', 'arrays have an order';
    is ids('Doc notequal', { a => 'X' }), '1 3 4', 'not an object';
    is ids('Doc notin', [ { a => 'X' }, [ 1, 2 ] ]), '1 4', 'none of two';
    my $sent = sub ($text) {
        join ' ', map { $_->{id} } @{ $web->request(POST => '/api/Doc%20equal', @ann, body => qq({"v":$text}),
            headers => [ 'Content-Type' => 'application/json' ])->json } };
    is $sent->('{ "a":1, "b":[1,2] }'), '1', 'blanks say nothing';
    is $sent->('{"b":[1, 2.0],"a":1.0}'), $db->value('SELECT VERSION()') =~ /^10\.6/ ? '' : '1',
        'nor do the order of members and the form of numbers, since MariaDB 10.7';
};

subtest 'a SET has the order of its column' => sub {
    $db->run(q{CREATE TABLE w7 (id INT AUTO_INCREMENT PRIMARY KEY, s SET('c', 'a', 'b'));
        INSERT INTO w7 VALUES (1, 'a,b'), (2, 'c'), (3, 'c,b'), (4, '')});
    $db->ctl_ok('module', 'import', 'w7', '--name', 'W7');
    publish_ok((map { ("Set $_" => finder('W7', 's', $_)) } qw(equal notequal in)),
        'Get set' => [ 'get', finder('W7', 's')->[1] ],
        Set7 => [ 'post', '<update module="W7"><record><field name="id" value="@id"/><field name="s" value="@s"/></record>'
            . '<return><field name="s"/></return></update>' ]);
    is ids('Set equal', $_), '1', "'$_'" for 'a,b', 'b,a', 'b,a,b', 'b |##| a';
    is ids('Set notequal', 'b,c'), '1 2 4', 'not equal';
    is ids('Set in', [ 'b,a', [ 'b', 'c', 'b' ] ]), '1 3', 'a list of them, one of them a list';
    is ids('Set equal', [ 'c', 'b,a' ]), '1 2', 'a list is any of them, as everywhere';
    is call('Get set', { v => 'b,a' }, 'GET')->body, '[{"id":1}]', 'in a query';
    my $got = call(Set7 => { id => 1, s => [ 'b', 'a', 'b' ] });
    is $got->header('X-Outcome'), 'unchanged', 'an update with the same members is none';
    is $db->value(q{SELECT COUNT(*) FROM apid_update WHERE module = 'W7'}), 0, 'nor is it in the history';
    $got = call(Set7 => { id => 1, s => [ 'b', 'c' ] });
    is $got->header('X-Outcome'), 'updated', 'one with others is';
    is $got->body, '[{"s":["c","b"]}]', 'and has their order';
};

is Rig::reports(), '', 'no report of a sanitizer';
done_testing;
