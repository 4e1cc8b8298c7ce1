#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# What comes before and around a run: methods that only read, addresses that
# are told, paths and what is encoded in them, secrets in refused requests,
# and which parameter an error names.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start(conf => "AllowEncodedSlashes NoDecode\n");
my ($web, $db) = ($on->web, $on->db);

# ---- HEAD reads: it is answered where GET changes nothing

subtest 'HEAD changes nothing' => sub {
    my $reads = '<api name="Old Get" path="old"><select module="People"/></api>';
    my $drops = '<api name="%s" path="%s"><delete module="People"><where>'
        . '<field name="id" value="@id"/></where></delete></api>';
    $on->publish(sprintf($drops, 'Get Drop', 'drop/{id}'),
        '<api name="Post Drop" path="drop/{id}" method="post"><select module="People"/></api>',
        $reads, '<webhook name="Reads"><security token-in="header"/>'
        . '<select module="Orgs"/></webhook>');
    $on->publish(sprintf $drops, 'Old Get', 'old');
    $db->run("INSERT INTO people (id, name) VALUES (900, 'kept')");
    my $left = sub { $db->value('SELECT COUNT(*) FROM people') };
    my $count = $left->();

    my $got = $on->call(HEAD => '/api/drop/900');
    is $got->status, 405, 'HEAD of a GET that deletes';
    is $got->header('Allow'), 'GET, POST, OPTIONS', '  Allow';
    is $on->call(OPTIONS => '/api/drop/900')->header('Allow'), 'GET, POST, OPTIONS',
        '  of OPTIONS';
    is $on->call(PUT => '/api/drop/900')->header('Allow'), 'GET, POST, OPTIONS',
        '  of another method';
    is $on->call(HEAD => '/restapi/vtap/api/drop/900')->status, 405, '  in profile vtiger';
    is $on->call(HEAD => '/api/old?id=900')->status, 405, 'HEAD of a version that deletes';
    is $on->call(HEAD => '/api/old?id=900', headers => [ 'API-Version' => 1 ])->status,
        200, '  of the one before it, which reads';
    is $left->(), $count, 'nothing is deleted';

    my @token = (basic => 0, headers => [ Token => $on->token('Hook') ]);
    $got = $on->call(HEAD => '/hooks/Hook?name=H', @token);
    is $got->status, 405, 'HEAD of a webhook that creates';
    is $got->header('Allow'), 'GET, POST, OPTIONS', '  Allow';
    is $left->(), $count, 'nothing is created';
    my $reader = Served::secret($db->ctl_ok('token', 'Reads'));
    $on->settle;
    @token = (basic => 0, headers => [ Token => $reader ]);
    is $on->call(HEAD => '/hooks/Reads', @token)->status, 200, 'HEAD of one that reads';
    is $on->call(OPTIONS => '/hooks/Reads', @token)->header('Allow'),
        'GET, HEAD, POST, OPTIONS', '  Allow';

    is $on->get('/api/drop/900')->status, 204, 'GET does what it is for';
};

done_testing;
