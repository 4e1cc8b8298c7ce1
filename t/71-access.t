# SPDX-License-Identifier: Apache-2.0
# Who may call, in the order of the contract: path, address, credentials,
# permissions. Names do not leak, secrets reach no log, and nobody's Satisfy,
# handler or redirect gets by the hook.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Digest::SHA qw(sha256_hex);
use MIME::Base64 qw(encode_base64);
use Test::More;

my $passwords = Rig->directory . '/passwords';
Rig::spew($passwords, "ann:{SHA}" . encode_base64(
    pack('H*', Digest::SHA::sha1_hex('httpd says so')), '') . "\n"
    . "stranger:{SHA}" . encode_base64(
    pack('H*', Digest::SHA::sha1_hex('httpd says so')), '') . "\n");
my $on = Served->start(modules => [qw(remoteip authn_file access_compat
                                      status include)], conf => <<"END");
ExtendedStatus On
<Location "/server-status">
    SetHandler server-status
</Location>
<Location "/httpd">
    APIDesignerServe api
    AuthType Basic
    AuthName "by httpd"
    AuthUserFile "$passwords"
    Require valid-user
</Location>
<Location "/hooked">
    APIDesignerServe webhook
    AuthType Basic
    AuthName "by httpd"
    AuthUserFile "$passwords"
    Require valid-user
</Location>
<Location "/provider">
    AuthType Basic
    AuthName "by us"
    AuthBasicProvider apidesigner
    Require valid-user
</Location>
Alias "/provider" "@{[ Rig->directory ]}"
<Location "/docs">
    APIDesignerServe docs
</Location>
<Location "/quoted">
    APIDesignerServe api
    AuthName 'the "best"'
</Location>
<Location "/lax">
    APIDesignerServe api
    Satisfy Any
    AuthType None
    SetHandler server-status
</Location>
<Location "/laxer">
    APIDesignerServe api
    Satisfy Any
    Order deny,allow
    Deny from all
    AuthType Basic
    AuthName "by httpd"
    AuthUserFile "$passwords"
    Require valid-user
</Location>
<Location "/lost">
    ErrorDocument 404 /api/orgs
</Location>
<Location "/page.html">
    Options +Includes
    SetOutputFilter INCLUDES
</Location>
RemoteIPHeader X-Client
RemoteIPInternalProxy 127.0.0.1
LogLevel debug
LogFormat "%r|%q|%U|%{Token}i|%{Authorization}i" all
CustomLog "logs" all
END
my ($web, $db) = ($on->web, $on->db);
my $key = $on->key('ann');

sub code ($answer) { $answer->json->{code} // $answer->json->{error}{code} }

# The last reason in the error log.
sub reason { ($web->errors =~ /apidesigner: (.*?)(?:, referer.*)?$/mg)[-1] // '' }

# status, code and the logged reason of one request
sub refused ($got, $status, $code, $reason, $name) {
    is $got->status, $status, $name;
    is code($got), $code, "  $code";
    like reason(), $reason, '  the log has the reason';
    like reason(), qr/\[request \Q@{[ $got->header('X-Request-Id') ]}\E\]/,
        '  and the request id';
}

# ---- a webhook behind httpd's own authentication

my @hooked = (POST => '/hooked/Hook', json => { name => 'Hooked' });
is $web->request(@hooked, headers => [ Token => $on->token('Hook') ], basic => [ 'ann', $_->[0] ])->status, $_->[1],
    "a webhook's token, and $_->[2] password for httpd"
    for [ 'httpd says so', 201, 'the' ], [ 'no', 401, 'a wrong' ];
is $web->request(@hooked, headers => [ Token => 'no' ], basic => [ 'ann', 'httpd says so' ])->status, 401,
    '  a wrong token and the password';

# ---- Basic: user name and access key

is $on->get('/api/orgs')->status, 200, 'name and access key';
is $on->get('/api/orgs', basic => [ 'bob+c@d.example',
    $on->key('bob+c@d.example') ])->status, 200, 'a name with + and @';
my $no = 'INVALID_USER_CREDENTIALS';
refused($on->get('/api/orgs', basic => 0), 401, $no, qr/no credentials/,
        'no credentials');
refused($on->get('/api/orgs', basic => [ 'ann', 'x' ]), 401, $no,
        qr/wrong access key of user 'ann'/, 'a wrong key');
refused($on->get('/api/orgs', basic => [ 'zoe', $key ]), 401, $no,
        qr/no such user 'zoe'/, 'an unknown user');
refused($on->get('/api/orgs', basic => [ 'ann', $on->key('bob+c@d.example') ]),
        401, $no, qr/wrong access key/, "another user's key");
refused($on->get('/api/orgs', basic => 0,
                 headers => [ Authorization => "Bearer $key" ]), 401, $no,
        qr/unreadable credentials/, 'another scheme');
for my $path (qw(/api/orgs /api/nothing)) {
    my $got = $on->get($path, basic => 0);
    is $got->header('WWW-Authenticate'),
        'Basic realm="API Designer", charset="UTF-8"', "$path: a challenge";
    is $got->json->{detail}, 'Invalid username or password', '  its text';
    is $got->header('API-Version'), undef, '  no version is told';
}
is $on->get('/quoted/orgs', basic => 0)->header('WWW-Authenticate'),
    'Basic realm="the \"best\"", charset="UTF-8"', 'a realm with quotes in it';
my $got = $on->get('/restapi/vtap/api/orgs', basic => 0);
is $got->status, 401, 'profile vtiger';
is $got->body, '{"success":false,"error":{"code":"INVALID_USER_CREDENTIALS",'
    . '"message":"Invalid username or password"}}', '  its body';
is $got->reason, 'INVALID_USER_CREDENTIALS: Invalid username or password',
    '  its reason phrase';

# ---- names do not leak

my @known   = map { $on->call($_ => '/api/orgs', basic => 0) } qw(GET POST);
my @unknown = map { $on->call($_ => '/api/none', basic => 0) } qw(GET POST);
for my $answer (@known, @unknown) {
    my %shown = map { lc $_->[0] => $_->[1] } @{ $answer->{pairs} };
    delete @shown{qw(date x-request-id)};
    my $body = $answer->body =~ s/"request_id":"\w+"//r;
    $answer->{shown} = Rig->to_json(\%shown) . $body . $answer->status;
}
is $_->{shown}, $known[0]{shown}, 'known and unknown look the same'
    for @known, @unknown;
refused($on->get('/api/none'), 404, 'API_NOT_FOUND', qr/no such API: unknown/,
        'with credentials: unknown');
$db->ctl_ok('deactivate', 'Orgs');
$on->settle;
refused($on->get('/api/orgs', basic => 0), 401, $no, qr/no credentials/,
        'inactive, no credentials');
refused($on->get('/api/orgs'), 404, 'API_NOT_FOUND', qr/inactive/,
        'with credentials: inactive');
is $on->get('/api/orgs')->json->{detail}, $on->get('/api/none')->json->{detail},
    '  the same text';
is $on->call(POST => '/api/orgs')->status, 404, '  by another method too';
$db->ctl_ok('activate', 'Orgs');
$on->settle;
is $on->get('/api/orgs')->status, 200, 'active again';

# ---- disabled users

$db->ctl_ok('user', 'disable', 'bob+c@d.example');
$on->settle;
my @bob = (basic => [ 'bob+c@d.example', $on->key('bob+c@d.example') ]);
refused($on->get('/api/orgs', @bob), 401, $no, qr/disabled user 'bob/,
        'a disabled user');
$db->ctl_ok('user', 'enable', 'bob+c@d.example');
$on->settle;
is $on->get('/api/orgs', @bob)->status, 200, 'enabled again';
my $new = Served::secret($db->ctl_ok('user', 'key', 'bob+c@d.example'));
$on->settle;
is $on->get('/api/orgs', @bob)->status, 401, 'after a new key the old one ends';
$bob[1][1] = $new;
is $on->get('/api/orgs', @bob)->status, 200, '  and the new one counts';

# ---- the tokens of webhooks

my ($header, $query) = ($on->token('Hook'), $on->token('Query Hook'));
sub hook ($name, %want) {
    my $at = $want{query} ? "?$want{query}" : '';
    return $on->call(POST => "/hooks/$name$at", basic => $want{basic} // 0,
        headers => $want{headers} // [], json => { name => 'x' });
}
is hook('Hook', headers => [ $_ => $header ])->status, 201, "header $_"
    for qw(Token token TOKEN tOKEN);
is hook('Query%20Hook', query => "$_=$query")->status, 200, "parameter $_"
    for qw(token Token TOKEN);
is hook('Query%20Hook', query => "a=1&token=$query&b=2")->status, 200,
    'among other parameters';
is hook('Hook', headers => [ Token => $header ], basic => [ 'x', 'y' ])->status,
    201, 'Basic beside it is ignored';
my $failed = 'AUTHENTICATION_FAILURE';
refused(hook('Hook'), 401, $failed, qr/no token/, 'no token');
refused(hook('Hook', headers => [ Token => 'x' ]), 401, $failed,
        qr/wrong token/, 'a wrong token');
refused(hook('Hook', headers => [ Token => $query ]), 401, $failed,
        qr/wrong token/, 'the token of another webhook');
refused(hook('Hook', query => "token=$header"), 401, $failed,
        qr/wrong place/, 'in the query instead of the header');
refused(hook('Query%20Hook', headers => [ Token => $query ]), 401, $failed,
        qr/wrong place/, 'in the header instead of the query');
refused(hook('Hook', headers => [ Token => $header ], query => "token=$header"),
        401, $failed, qr/more than one token/, 'in both places');
refused(hook('Query%20Hook', query => "token=$query&TOKEN=$query"), 401,
        $failed, qr/more than one token/, 'twice in the query');
refused(hook('Hook', headers => [ Token => $header, Token => $header ]), 401,
        $failed, qr/wrong token/, 'twice in the header');
refused(hook('Nothing', headers => [ Token => $header ]), 401, $failed,
        qr/no such webhook/, 'an unknown webhook');
is hook('Nothing', headers => [ Token => $header ])->body
    =~ s/"request_id":"\w+"//r, hook('Hook', headers => [ Token => 'x' ])->body
    =~ s/"request_id":"\w+"//r, '  answers as a wrong token does';
is hook('Hook')->header('WWW-Authenticate'), undef, '  no challenge';
$got = $on->call(POST => '/restapi/vtap/webhook/Hook', basic => 0);
is $got->body, '{"success":false,"error":{"code":"AUTHENTICATION_FAILURE",'
    . '"message":"Authentication failed"}}', 'profile vtiger';
is $on->get('/api/Hook')->status, 404, 'a webhook is no api';
is hook('orgs', headers => [ Token => $header ])->status, 401,
    'an api is no webhook';
$db->ctl_ok('deactivate', 'Hook');
$on->settle;
refused(hook('Hook', headers => [ Token => $header ]), 404, 'API_NOT_FOUND',
        qr/inactive/, 'inactive, with its token');
refused(hook('Hook', headers => [ Token => 'x' ]), 401, $failed,
        qr/wrong token/, 'inactive, without');
$db->ctl_ok('activate', 'Hook');
$on->settle;
$new = Served::secret($db->ctl_ok('token', 'Hook'));
$on->settle;
is hook('Hook', headers => [ Token => $new ])->status, 201, 'a new token';
is hook('Hook', headers => [ Token => $header ])->status, 401, '  ends the old';
$header = $new;
$new = Served::secret($db->ctl_ok('token', 'Hook', '--keep', 1));
$on->settle;
is hook('Hook', headers => [ Token => $_ ])->status, 201, '  or after an hour' for $header, $new;
$db->run('UPDATE apid_token SET expires = UTC_TIMESTAMP(6) WHERE expires IS NOT NULL');
$db->ctl_ok('activate', 'Hook');
$on->settle;
refused(hook('Hook', headers => [ Token => $header ]), 401, $failed, qr/wrong token/, 'a token that has ended');
is hook('Hook', headers => [ Token => $new ])->status, 201, '  the other one goes on';
$header = $new;
$db->ctl_ok('owner', 'Hook', 'ann');
$db->ctl_ok('user', 'disable', 'ann');
$on->settle;
refused(hook('Hook', headers => [ Token => $header ]), 403, 'ACCESS_DENIED',
        qr/owner is gone/, 'a webhook whose owner is disabled');
$db->ctl_ok('user', 'enable', 'ann');
$on->settle;
is hook('Hook', headers => [ Token => $header ])->status, 201, 'enabled again';
is $db->value('SELECT user FROM apid_update ORDER BY id DESC LIMIT 1'), 'ann',
    'a webhook acts as its owner';

# ---- addresses

$on->publish('<api name="Near" path="near"><security addresses="10.0.0.0/8 '
    . '2001:db8::/32 192.0.2.7"/><select module="Orgs"/></api>',
    '<webhook name="Near Hook"><security addresses="10.0.0.1"/>'
    . '<select module="Orgs"/></webhook>');
for my $address (qw(10.1.2.3 2001:db8::1 192.0.2.7)) {
    is $on->get('/api/near', headers => [ 'X-Client' => $address ])->status,
        200, "$address is on the list";
}
for my $address (qw(11.0.0.1 2001:db9::1 192.0.2.8)) {
    refused($on->get('/api/near', headers => [ 'X-Client' => $address ]),
            403, 'ACCESS_DENIED', qr/address \Q$address\E is not on the list/,
            "$address is not");
}
is $on->get('/api/near')->status, 403, 'the address of the connection';
my $near = Served::secret($db->ctl_ok('token', 'Near Hook'));
$on->settle;
refused(hook('Near%20Hook', headers => [ Token => $near ]), 403, 'ACCESS_DENIED',
        qr/address 127\.0\.0\.1 is not on the list/, 'a webhook from elsewhere');
is hook('Near%20Hook', headers => [ Token => $near, 'X-Client' => '10.0.0.1' ])
    ->status, 200, '  from where it may be called';

# Whoever has no good credentials cannot tell what is there from what is not.
sub shown ($got) {
    my %header = map { lc $_->[0] => $_->[1] } @{ $got->{pairs} };
    delete @header{qw(date x-request-id)};
    return join ' ', $got->status, $got->body =~ s/"request_id":"\w+"//r,
        map { "$_=$header{$_}" } sort keys %header;
}
$on->publish('<api name="Near" path="near"><security addresses="10.0.0.0/8 '
    . '2001:db8::/32 192.0.2.7" origins="*"/><select module="Orgs"/></api>');
for my $case ([ 'no credentials', basic => 0 ],
              [ 'a wrong key', basic => [ 'ann', 'x' ] ],
              [ 'a page of an allowed origin', basic => 0,
                headers => [ Origin => 'https://shop.example' ] ]) {
    my ($what, %want) = @$case;
    my $known = shown($on->get('/api/near', %want));
    like $known, qr/^401 /, "not on the list, $what";
    is $known, shown($on->get('/api/none', %want)), '  as an unknown path';
}
is shown($on->call(OPTIONS => "/api/$_", basic => 0, headers => [
    Origin => 'https://shop.example', 'Access-Control-Request-Method' => 'GET' ])),
    shown($on->call(OPTIONS => '/api/none', basic => 0)), "a preflight of $_"
    for qw(near none);
is shown(hook('Near%20Hook', headers => [ Token => 'x' ])),
    shown(hook('Nothing', headers => [ Token => 'x' ])),
    'a webhook that is not called from there, as an unknown one';
is $on->get('/api/near', basic => 0,
            headers => [ 'X-Client' => '10.1.2.3' ])->status, 401,
    'the credentials count on the list too';
is $on->get('/api/near', headers => [ 'API-Version' => 7 ])->status, 403,
    'the address comes before the version';

# ---- users and groups that a definition allows

$db->ctl_ok('group', 'add', 'sales');
$on->publish('<api name="Few" path="few"><allow users="bob+c@d.example"/>'
    . '<select module="Orgs"/></api>',
    '<api name="Many" path="many"><allow users="ann,bob+c@d.example"/>'
    . '<select module="Orgs"/></api>',
    '<api name="Team" path="team"><allow groups="sales"/>'
    . '<select module="Orgs"/></api>');
is $on->get('/api/few', @bob)->status, 200, 'a user who is allowed';
refused($on->get('/api/few'), 403, 'ACCESS_DENIED',
        qr/not among those allowed/, 'a user who is not');
is $on->get('/api/few', basic => 0)->status, 401,
    'the credentials come before the permissions';
is $on->get('/api/many')->status, 200, 'one of several';
is $on->get('/api/team')->status, 403, 'not in the group';
$db->run(q{INSERT INTO apid_user_group SELECT u.id, g.id FROM apid_user u, apid_group g
    WHERE u.name = 'ann' AND g.name = 'sales';
    UPDATE apid_revision SET value = value + 1;
    UPDATE apid_user SET revision = (SELECT value FROM apid_revision)
    WHERE name = 'ann'});
$on->settle;
is $on->get('/api/team')->status, 200, 'in the group';
is $on->get('/api/team', @bob)->status, 403, 'somebody else is not';
$on->publish('<api name="Few" path="few"><select module="Orgs"/></api>');
is $on->get('/api/few')->status, 200, 'everybody, in version 2';
$on->publish('<api name="Few" path="few"><allow users="admin"/>'
             . '<select module="Orgs"/></api>');
is $on->get('/api/few', headers => [ 'API-Version' => 2 ])->status, 403,
    'the permissions of the live version hold for old ones';

# ---- httpd's own authentication

is $on->get('/httpd/orgs', basic => [ 'ann', 'httpd says so' ])->status, 200,
    'a name that httpd authenticated';
is $on->get('/httpd/orgs', basic => [ 'ann', $key ])->status, 401,
    '  our key is nothing to it';
is $on->get('/httpd/orgs', basic => 0)->status, 401, '  nobody';
refused($on->get('/httpd/orgs', basic => [ 'stranger', 'httpd says so' ]),
        401, $no, qr/no such user 'stranger'/, '  a name that we do not know');
is $on->get('/httpd/none', basic => [ 'ann', 'httpd says so' ])->status, 404,
    '  an unknown path';

# ---- the authn provider, in a Location that is not ours

is $on->get('/provider/', basic => [ 'ann', $key ])->status, 404,
    'AuthBasicProvider apidesigner: an access key';
is $on->get('/provider/', basic => [ 'ann', 'x' ])->status, 401, '  a wrong one';
is $on->get('/provider/', basic => [ 'zoe', 'x' ])->status, 401, '  nobody';
$db->ctl_ok({ stdin => "correct horse\n" }, 'user', 'password', 'ann',
            '--password-file', '-');
$on->settle;
is $on->get('/provider/', basic => [ 'ann', 'correct horse' ])->status, 404,
    '  a password';
is $on->get('/api/orgs', basic => [ 'ann', 'correct horse' ])->status, 401,
    'a password is no access key';

# ---- nobody gets by

for my $lax (qw(/lax /laxer)) {
    $got = $on->get("$lax/orgs", basic => 0);
    is $got->status, 401, "$lax: Satisfy Any lets nobody in";
    unlike $got->body, qr/Server Status|Acme/, '  one answer, and not theirs';
}
$got = $on->get('/lax/orgs', basic => [ 'ann', 'x' ]);
is $got->status, 401, '  nor with wrong credentials';
is $on->get('/lax/orgs')->status, 200, '  with good ones';
is $on->get('/laxer/orgs', basic => [ 'ann', 'httpd says so' ])->status, 200,
    "  or httpd's";
my $kept = $web->connect;
$kept->request(GET => '/lax/orgs') for 1 .. 2;
is $kept->request(GET => '/static.txt')->body, "static\n",
    '  no second answer follows on the connection';

unlike $on->get('/lost/file', basic => 0)->body, qr/Acme/,
    'an ErrorDocument that leads to us lets nobody in';
like $on->get('/lost/file')->body, qr/Acme/, '  but ann';
Rig::spew($web->dir . '/htdocs/page.html',
          '(<!--#include virtual="/api/orgs" -->)');
like $on->get('/page.html', basic => 0)->body,
    qr/^\(\[an error occurred[^]]*\]\)$/, 'a subrequest neither';
like $on->get('/page.html')->body, qr/^\(\[.*"Acme".*\]\)$/, '  but ann';

# ---- secrets

is $on->get('/docs')->status, 200, 'documentation';
is $on->call(OPTIONS => '/api/orgs')->status, 204, 'what may be done';
$on->get("/api/orgs?token=$query&a=odd");
$on->get("/api/orgs?TOKEN%5B%5D=$query&a=odd", headers => [ Token => $query ]);
refused(hook('Query%20Hook', query => "token[]=$query&a=odd"), 401, $failed,
        qr/wrong token/, 'a token under an odd name');
refused(hook('Query%20Hook', query => "%20token+=$query&a=odd"), 401, $failed,
        qr/wrong token/, '  another');

$got = $on->get('/server-status', basic => 0);
unlike $got->body, qr/\Q$query\E/, 'server-status shows no token';
my $logs = join '', map { Rig::slurp($_) } glob $web->dir . '/*log*';
like $logs, qr{POST /hooks/Query%20Hook\?a=1&b=2 HTTP/1\.1\|\?a=1&b=2\|},
    'the access log has the rest of the URL';
is scalar(() = $logs =~ /^\w+ \S+\?a=odd HTTP.1\.1\|\?a=odd\|[^|]*\|-\|/mg), 4,
    '  whatever it is called, and of APIs too';
my %secret = ('an access key' => $key, 'a header token' => $header,
              'a query token' => $query, 'Basic' => encode_base64("ann:$key", ''));
$logs = join "\n", grep { !m{/httpd/|/provider/|/lost/|/page} } split /\n/, $logs;
is index($logs, $secret{$_}), -1, "no log shows $_" for sort keys %secret;

done_testing;
