#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Conditions and pages by key on columns of every type: what is found is what is
# answered, whatever the column makes of it. All over HTTP, on a real server.
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
my @ann = (basic => ['ann', $key]);
my $dir = Rig->directory;
my $web = Rig->apache(database => $db);
my $fresh = 1;    # the server has seen all that is published

sub module ($name, $text) {
    Rig::spew("$dir/$name.module.xml", qq{<module name="$name">$text</module>});
    $db->ctl_ok('module', 'apply', "$dir/$name.module.xml");
}

# Publishes definitions: name => [ method, operation ].
sub publish_ok (%definitions) {
    my @files;
    while (my ($name, $what) = each %definitions) {
        push @files, "$dir/$name.xml";
        Rig::spew($files[-1], qq{<api name="$name" method="$what->[0]">$what->[1]</api>});
    }
    $fresh = 0;
    $db->ctl_ok('apply', @files);
}

# A select of ids by one test of a field, its parameter v.
sub finder ($module, $field, $test = 'equal') {
    return [ 'post', qq{<select module="$module"><record><field name="id"/></record><where><field}
        . qq{ name="$field" condition="$test" value="\@v"/></where></select>} ];
}

sub call ($name, $parameters = {}, $method = 'POST', @more) {
    if (!$fresh) { for (1 .. 2) { sleep 0.12; $web->get('/api/-', @ann) } $fresh = 1 }
    my $path = "/api/$name";
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

is Rig::reports(), '', 'no report of a sanitizer';
done_testing;
