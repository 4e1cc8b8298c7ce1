#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The GRANTs that `apidesignerctl init` prints are enough, and are needed
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $db = Rig->demo;
my ($serving, $writing) = split /^grants for the console:$/m, $db->ctl_ok('init');
my @grants = $serving =~ /^\s*(GRANT .*;)$/mg;
my @console = $writing =~ /^\s*(GRANT .*;)$/mg;
cmp_ok scalar @grants, '>=', 5, 'init prints GRANTs';
cmp_ok scalar @console, '>=', 5, 'and apart those that the console needs';

# To a user who has no right but those, and a password: to MySQL it goes by
# caching_sha2_password, in full over a socket.
my $user = 'restricted@localhost';
$db->run("CREATE USER $user IDENTIFIED BY 'correct horse'");
my $password = Rig->directory . '/password';
Rig::spew($password, "correct horse\n");
my $url = $db->url =~ s{//root@}{//restricted@}r . "&password=file:$password";
sub grant ($grant) { $db->run($grant =~ s/apidesigner\@localhost/$user/r) }
grant($_) for @grants;
$db->ctl_ok('user', 'add', 'demo');
my @who = (basic => [ 'demo', Rig->json($db->ctl_ok('--json', 'user', 'key',
                                                    'demo'))->{key} ]);
my $admin = Rig->json($db->ctl_ok('--json', 'user', 'key', 'admin'))->{key};

my $web = Rig->apache(database => $url, conf => <<'CONF');
APIDesignerExchange 0.2
APIDesignerRefusals 5
<Location "/apidesigner">
    APIDesignerServe console
    AuthType Basic
    AuthName "API Designer"
    AuthBasicProvider apidesigner
    Require valid-user
</Location>
CONF
is $web->get('/api/Get%20Organizations', @who)->status, 200, 'a read';
my $made = $web->request(POST => '/api/Create%20Contact', @who,
    json => { firstname => 'Ada', lastname => 'Lovelace',
              email => 'ada@grants.example' });
is $made->status, 201, 'a create, with its Updates' or diag $made->body;
is $web->get('/api/Get%20Organizations')->status, 401, 'a stranger';
# One statement after the other, and perhaps in two rounds.
Rig->until(10, 'all of it to be written', sub {
    $db->value('SELECT COUNT(*) FROM apid_refusal') == 1
        && ($db->value('SELECT SUM(calls) FROM apid_activity') // 0) == 3
        && $db->value('SELECT COUNT(*) FROM apid_use') == 1
});
is $db->value('SELECT COUNT(*) FROM apid_refusal'), 1, 'what is refused is written';
is $db->value('SELECT SUM(calls) FROM apid_activity'), 3, 'what is counted is written';
is $db->value('SELECT COUNT(*) FROM apid_use'), 1, 'and who used a key';
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

# What the console's operations need beyond it.
sub change ($method, $path, $json = {}) {
    return $web->request($method, "/apidesigner/manage/$path", json => $json,
        headers => [ 'X-APIDesigner' => 1 ], basic => [ 'admin', $admin ])->status;
}
my @draft = (PUT => 'definitions/New/draft',
             { document => '<webhook name="New"><select module="Contacts"/></webhook>' });
is change(@draft), 500, 'no change is made without the right to';
grant($_) for @console;
is change(@$_), 200, "$_->[0] $_->[1]" for \@draft,
    [ POST => 'definitions/New/draft/publish' ],
    [ POST => 'definitions/New/tokens' ],
    [ PUT  => 'definitions/New/owner', { user => 'demo' } ],
    [ POST => 'definitions/New/deactivate' ],
    [ POST => 'modules/import', { table => 'demo_contacts', name => 'Again' } ],
    [ DELETE => 'modules/Again' ],
    [ POST => 'users', { name => 'ann', password => 'correct horse' } ],
    [ POST => 'users/ann/key' ], [ POST => 'users/ann/disable' ],
    [ DELETE => 'definitions/New' ];
done_testing;
