#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The GRANTs that `apidesignerctl init` prints are enough, and are needed
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $db = Rig->demo;
my @grants = $db->ctl_ok('init') =~ /^\s*(GRANT .*;)$/mg;
cmp_ok scalar @grants, '>=', 5, 'init prints GRANTs';

# To a user who has no right but those.
my $user = 'restricted@localhost';
my @tables = map { $_->{name} } $db->rows('SELECT table_name AS name FROM '
    . 'information_schema.tables WHERE table_schema = DATABASE() '
    . "AND table_name LIKE 'demo%'");
$db->run("CREATE USER $user");
for my $grant (@grants) {
    $grant =~ s/<the user of Apache>/$user/;
    my @each = $grant =~ /<each table of a module>/ ? @tables : '';
    $db->run($grant =~ s/<each table of a module>/$_/r) for @each;
}
$db->ctl_ok('user', 'add', 'demo');
my @who = (basic => [ 'demo', Rig->json($db->ctl_ok('--json', 'user', 'key',
                                                    'demo'))->{key} ]);

my $web = Rig->apache(database => $db, user => 'restricted');
is $web->get('/api/Get%20Organizations', @who)->status, 200, 'a read';
my $made = $web->request(POST => '/api/Create%20Contact', @who,
    json => { firstname => 'Ada', lastname => 'Lovelace',
              email => 'ada@grants.example' });
is $made->status, 201, 'a create, with its Updates' or diag $made->body;
unlike $web->errors, qr/denied|GRANT/, 'nothing is missing';

# One less is told, in the log alone.
$db->run("REVOKE INSERT ON apid_update FROM $user");
my $refused = $web->request(POST => '/api/Create%20Contact', @who,
    json => { firstname => 'Bob', lastname => 'Boole',
              email => 'bob@grants.example' });
is $refused->status, 500, 'without the right to write Updates';
is $refused->json->{code}, 'INTERNAL_ERROR', 'the answer tells nothing';
like $web->errors, qr/GRANT is missing: .*INSERT.*apid_update/, 'the log names the GRANT';
is $db->value('SELECT COUNT(*) FROM demo_contacts WHERE email LIKE '
    . "'%\@grants.example'"), 1, 'no record without its Updates';
done_testing;
