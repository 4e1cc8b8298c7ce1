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

my $on = Served->start(modules => [qw(rewrite status http2 include mime)], conf => <<'CONF');
AllowEncodedSlashes NoDecode
Protocols h2c http/1.1
<Location "/static.txt">
    Header always set X-Query "expr=%{QUERY_STRING}|%{THE_REQUEST}"
</Location>
<Location "/status">
    SetHandler server-status
</Location>
<Location "/asked">
    SetHandler server-status
    Require expr -U '/api/orgs'
</Location>
<Location "/asked/limited">
    Require expr -U '/limited/orgs'
</Location>
<Location "/limited">
    APIDesignerServe api
    APIDesignerLimit minute=3
</Location>
TypesConfig /dev/null
AddEncoding x-gzip .gz
AddLanguage de .de
Alias "/named" "/srv"
<Location "/named">
    APIDesignerServe api
</Location>
<Location "/page.html">
    Options +Includes
    SetOutputFilter INCLUDES
</Location>
<Location "/api">
    Header always set X-Always "yes"
</Location>
RewriteEngine On
RewriteRule "^/api/file" "/static.txt" [PT]
RewriteRule "^/api/changed/(.*)" "/restapi/vtap/api/$1" [PT]
RewriteCond "%{LA-U:REMOTE_USER}" "^nobody$"
RewriteRule "^/api/orgs" "/elsewhere" [R,L]
RewriteRule "^/moved/(.*)" "/hooks/$1" [PT]
RewriteRule "^/away" "/elsewhere" [R,L]
CONF
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

# ---- addresses that are told

# The bytes of a request as they are; no client of ours would send them.
sub raw ($path, $method = 'GET', @lines) {
    my $client = $web->connect;
    require MIME::Base64;
    my $basic = MIME::Base64::encode_base64('ann:' . $on->key('ann'), '');
    $client->send(join "\r\n", "$method $path HTTP/1.1", "Host: 127.0.0.1",
        "Authorization: Basic $basic", @lines, 'Connection: close', '', '');
    return $client->answer($method);
}

subtest 'Link: rel="next"' => sub {
    my %link = (
        '//evil.example/../api/people?x=1' => '/api/people?x=1&page=2',
        '//api/people'                     => '/api/people?page=2',
        '/./api//people?page=2&y'          => '/api/people?y&page=3',
        'http://evil.example/api/people'   => '/api/people?page=2',
        '/api/p%65ople'                    => '/api/people?page=2',
    );
    for my $path (sort keys %link) {
        my $got = raw($path);
        is $got->status, 200, $path;
        is $got->header('Link'), qq{<$link{$path}>; rel="next"}, '  its own host, one slash';
    }
};

subtest 'a page in the path' => sub {
    $on->publish('<api name="Pages" path="pages/{kind}/{page}"><select module="People">'
        . '<where><field name="name" condition="startswith" value="@kind"/></where>'
        . '<limit max="5" page="@page"/></select></api>');
    $db->run("INSERT INTO people (name) VALUES ('ö /1'), ('ö /2'), ('ö /3'), ('ö /4'),"
        . " ('ö /5'), ('ö /6'), ('ö /7')");
    my $got = $on->get('/api/pages/%C3%B6%20%2F/1?x=%3C1');
    is @{ $got->json }, 5, 'the first page';
    is my $link = $got->header('Link'), '</api/pages/%c3%b6%20%2f/2?x=%3C1>; rel="next"',
        '  leads to the second';
    $got = $on->get($link =~ s/^<|>.*//gr);
    is @{ $got->json }, 2, '  which has the rest';
    is $got->header('Link'), undef, '  and is the last';
};

# ---- what is encoded in a path

$db->run('CREATE TABLE word (word VARCHAR(40) NOT NULL PRIMARY KEY, note VARCHAR(20))'
    . ' CHARSET=utf8mb4');
$db->ctl_ok('module', 'apply', Served::files('<module name="Words">'
    . '<table name="word" key="word"/><key made="caller" type="string" length="40"/>'
    . '<field name="note" type="string" length="20"/></module>'));
$on->publish('<api name="Word" path="words/{id}"><select module="Words" one="true"><where>'
    . '<field name="id" value="@id"/></where></select></api>',
    '<api name="Add Word" path="words" method="post"><create module="Words"><record>'
    . '<field name="id" value="@id"/><field name="note" value="@note"/></record>'
    . '</create></api>',
    '<api name="words/exact/one"><select module="Orgs"/></api>');

my @ids = ('a/b', 'a//b', '/', 'p%2Fq', '%', '100%25', 'a+b c', 'ä?#;', '../x', 'a\\b', '{}');
my %location;

subtest 'the Location of a new record leads to it' => sub {
    for my $id (@ids) {
        my $got = $on->call(POST => '/api/words', json => { id => $id });
        is $got->status, 201, "id $id" or diag $got->body;
        $location{$id} = $got->header('Location') // '';
        $got = $on->get($location{$id});
        is $got->status, 200, "  $location{$id}" or next;
        is $got->json->{id}, $id, '  is that record';
    }
    for my $id ('.', '..') {
        my $got = $on->call(POST => '/api/words', json => { id => $id });
        is $got->status, 201, "id $id";
        is $got->header('Location'), undef, '  has no address';
    }
};

subtest 'names with slashes' => sub {
    is $on->get('/api/words/exact/one')->status, 200, 'as they are';
    is $on->get('/api/words%2Fexact/one')->status, 200, 'one encoded';
    is $on->get('/api/words/exact%2fone')->status, 200, 'an exact path beats a template';
    is $on->get('/api/words/exact%252Fone')->status, 404, 'encoded twice is another name';
};

subtest 'AllowEncodedSlashes' => sub {
    my $decoding = Rig->apache(database => $db, conf => "AllowEncodedSlashes On\n");
    my @ann = (basic => [ 'ann', $on->key('ann') ]);
    for my $id (@ids) {
        my $got = $decoding->get($location{$id}, @ann);
        is $got->status, 200, "On: $location{$id}" or next;
        is $got->json->{id}, $id, '  is that record';
    }
    is $decoding->get('/api/words%2Fexact/one', @ann)->status, 200, 'On: a name';

    my $refusing = Rig->apache(database => $db);
    my $got = $refusing->request(POST => '/api/words', @ann, json => { id => 'c/d' });
    is $got->status, 201, 'Off: an id with a slash';
    is $got->header('Location'), undef, '  has no address';
    $got = $refusing->request(POST => '/api/words', @ann, json => { id => 'c%2Fd' });
    is $refusing->get($got->header('Location'), @ann)->status, 200, 'Off: one with %2F has';
};

# ---- secrets in what is refused before it is known whose it is

# The logs of a server: what the access log and the error log got.
sub logs ($of) { join '', map { Rig::slurp($_) } glob $of->dir . '/*log*' }

# A request is logged once it is answered.
sub logged ($pattern, $name) {
    ok Rig->until(30, "the log of $name", sub { logs($web) =~ $pattern }), $name;
}

subtest 'no log shows a token' => sub {
    my $secret = $on->token('Query Hook');
    my %refused = (
        "/hooks/a%zz?token=$secret"               => 400,
        "/hooks/a%00b?x=1&token=$secret&y=2"      => 404,
        "/elsewhere/%zz?ToKen[]=$secret"          => 400,
        "/../hooks/Query%20Hook?token=$secret"    => 400,
        "/hooks/Query Hook?token=$secret"         => 400,
        "http://x/hooks/%zz?token=$secret"        => 400,
        "/moved/Query%20Hook?token=$secret&name=" => 200,
        "/hooks/Query%20Hook?token=$secret&name=" => 200,
    );
    for my $path (sort keys %refused) {
        is raw($path)->status, $refused{$path}, $path =~ s/\Q$secret/.../r;
    }
    my $off = Rig->apache(database => $db);
    is $off->get("/hooks/a%2Fb?token=$secret", basic => 0)->status, 404,
        'AllowEncodedSlashes Off';
    unlike logs($_), qr/\Q$secret\E/, 'not in the logs' for $web, $off;
    logged qr{"GET /hooks/a%00b\?x=1&y=2 HTTP/1\.1" 404}, '  the rest is';
    logged qr{AH10244: invalid URI path \(/hooks/a%zz\)}, '  in both';
    unlike $web->get('/status')->body, qr/\Q$secret\E/, 'nor in server-status';
};

subtest 'what others call a token is theirs' => sub {
    my $got = $web->get('/static.txt?a=1&token=theirs&b=2');
    is $got->status, 200, 'a file';
    is $got->header('X-Query'),
        'a=1&token=theirs&b=2|GET /static.txt?a=1&token=theirs&b=2 HTTP/1.1',
        '  its query is whole';
    logged qr{"GET /static\.txt\?a=1&token=theirs&b=2 HTTP/1\.1" 200},
        '  in the access log too';
    is $web->get('/away?token=theirs')->header('Location'),
        $web->url . '/elsewhere?token=theirs', 'a redirect passes it on';
};

# ---- other modules' ways to and around us

subtest 'what another module looks up is answered by that module' => sub {
    my $got = $web->get('/api/orgs');
    is $got->status, 401, 'mod_rewrite asks who it would be (LA-U)';
    is $got->json->{code}, 'INVALID_USER_CREDENTIALS', '  one answer, and ours';
    is $on->get('/api/orgs')->status, 200, '  with credentials';
    is $web->get('/asked')->status, 403, 'mod_authz_core asks whether ours may be read (-U)';
    is $on->get('/asked')->status, 200, '  with credentials';
    is $on->call(OPTIONS => '/asked', basic => 0, headers => [ Origin => 'https://shop.example',
        'Access-Control-Request-Method' => 'GET' ])->status, 403, '  of a preflight';
};

subtest 'what another module looks up counts only if it is included' => sub {
    Rig::spew($web->dir . '/htdocs/page.html', '<!--#include virtual="/limited/orgs" -->');
    is $on->get('/asked/limited')->status, 200, 'looked up' for 1 .. 2;
    like $on->get('/limited/orgs')->header('RateLimit'), qr/;r=2;/, 'called: the first of three';
    like $on->get('/page.html')->body, qr/^\[.*"Acme"/, 'included';
    like $on->get('/limited/orgs')->header('RateLimit'), qr/;r=0;/, 'called: the third';
    like $on->get('/page.html')->body, qr/^\{.*"LIMIT_EXCEEDED"/, 'included: one too many';
};

subtest 'Header always is for refusals, too' => sub {
    $on->publish('<api name="Open" path="open"><security origins="*"/><select module="Orgs"/></api>');
    my @cross = (Origin => 'https://shop.example', 'Access-Control-Request-Method' => 'GET');
    for my $case ([ 200, 'an answer', $on->get('/api/orgs') ],
                  [ 401, 'no credentials', $on->get('/api/orgs', basic => 0) ],
                  [ 404, 'an unknown path', $on->get('/api/none') ],
                  [ 404, 'an unknown record', $on->get('/api/people/4711') ],
                  [ 405, 'another method', $on->call(PUT => '/api/orgs') ],
                  [ 204, 'a preflight', $on->call(OPTIONS => '/api/open', basic => 0, headers => \@cross) ]) {
        my ($status, $what, $got) = @$case;
        is $got->status, $status, $what;
        is $got->header('X-Always'), 'yes', '  has the header';
    }
};

subtest 'a path that is another module\'s name of a file' => sub {
    $on->publish('<api name="Packed" path="orgs.de.gz"><select module="Orgs"/></api>');
    my $got = $on->get('/named/orgs.de.gz');
    is $got->json->[0]{name}, 'Acme', 'is answered';
    is $got->header("Content-$_"), undef, "  whose endings say nothing: Content-$_" for qw(Encoding Language);
};

subtest 'a path that is rewritten to another place' => sub {
    my $got = $on->get('/api/file');
    is $got->status, 200, 'a file';
    is $got->body, "static\n", '  what it holds';
    is $got->header('Cache-Control'), undef, '  and nothing of ours';
    is $on->get('/api/changed/orgs')->json->{success}, Rig->json('true'), 'another Location of ours';
    is $on->get('/api/changed/orgs', basic => 0)->status, 401, '  lets nobody in';
};

subtest 'who offers to go on with HTTP/2 is answered' => sub {
    my @offer = (Connection => 'Upgrade, HTTP2-Settings', Upgrade => 'h2c',
                 'HTTP2-Settings' => 'AAMAAABkAAQAAP__');
    my $client = $web->connect;
    my $got = $client->request(GET => '/api/orgs', headers => \@offer, basic => [ 'ann', $on->key('ann') ]);
    is $got->status, 200, 'with name and access key';
    is $got->json->[0]{name}, 'Acme', '  in HTTP/1.1';
    is $client->request(GET => '/api/orgs', basic => [ 'ann', $on->key('ann') ])->status, 200, '  and so is the next';
    $got = $web->connect->request(GET => '/hooks/Query%20Hook?name=Bob&token=' . $on->token('Query Hook'),
                                  headers => \@offer);
    is $got->status, 200, 'with a token';
};

# ---- what an error names

subtest 'errors that the database finds name what was sent' => sub {
    $db->run('CREATE TABLE task (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,'
        . ' tag VARCHAR(3), code VARCHAR(9), org_id INT UNSIGNED, UNIQUE KEY code (code),'
        . ' FOREIGN KEY (org_id) REFERENCES orgs (id)) CHARSET=utf8mb4');
    $db->ctl_ok('module', 'apply', Served::files('<module name="Tasks">'
        . '<table name="task" key="id"/><key made="auto" type="integer" bits="32" unsigned="true"/>'
        . '<field name="tag" type="string" length="40"/>'
        . '<field name="code" type="string" length="9" unique="true"/>'
        . '<field name="org_id" type="reference" refers="Orgs" bits="32" unsigned="true"/>'
        . '</module>'));
    my $record = '<record><field name="tag" value="@word"/><field name="code" value="@no"/>'
        . '<field name="org_id" value="@tid"/></record>';
    $on->publish(qq(<api name="Add Task" path="tasks" method="post"><create module="Tasks">$record</create></api>));
    $on->call(POST => '/api/tasks', json => { no => 'taken' });
    $db->run('CREATE TABLE rate (sku VARCHAR(5), currency CHAR(3), price INT,'
        . ' PRIMARY KEY (sku, currency)) CHARSET=utf8mb4');
    $db->ctl_ok(qw(module import rate --name Rates));
    $on->publish('<api name="Add Rate" path="rates" method="post"><create module="Rates"><record>'
        . '<field name="id" value="@key"/><field name="price" value="@price"/></record></create></api>');
    for my $case ([ 'ring,EUR', 201 ], [ 'ring,EUR', 409 ], [ 'rings,EURO', 422 ]) {
        my $got = $on->call(POST => '/api/rates', json => { key => $case->[0] });
        is join(' ', $got->status, map { $_->{pointer} } @{ $got->json->{errors} // [] }),
            "$case->[1]" . ($case->[1] == 201 ? '' : ' /key'), "a key that the caller makes: $case->[1]";
    }
    my @cases = (
        [ { word => 'long' }, 422, 'INVALID_VALUE', '/word',
          'word: A value does not fit its field' ],
        [ { tid => 4711 }, 409, 'REFERENCE_INVALID', '/tid',
          'tid: The record refers to one that does not exist' ],
        [ { no => 'taken' }, 409, 'DUPLICATE_RECORD_FOUND', '/no', 'Duplicate records found' ],
        [ { tid => 'x' }, 422, 'INVALID_ID_ATTRIBUTE', '/tid' ],
    );
    for my $case (@cases) {
        my ($sent, $status, $code, $pointer, $message) = @$case;
        my $got = $on->call(POST => '/api/tasks', json => $sent);
        my $json = $got->json;
        is "$json->{status} $json->{code} $json->{errors}[0]{pointer}",
            "$status $code $pointer", "$code in rest";
        next unless $message;
        is $json->{detail}, $message, '  its detail';
        $got = $on->call(POST => '/restapi/vtap/api/tasks', json => $sent);
        is $got->json->{error}{message}, $message, '  in vtiger';
    }
};

# ---- connections that children may want

subtest 'the warning counts what a child can use' => sub {
    my $most = $db->value('SELECT @@max_connections');
    $db->run('SET GLOBAL max_connections = 60');
    my $warned = sub (%want) {
        my $server = Rig->apache(database => $db, %want);
        $server->get('/apidesigner/health');
        my $errors = $server->errors;
        $server->stop;
        return $errors =~ /(\d+ child processes of \d+) connections \(/ ? $1 : '';
    };
    is $warned->(mpm => 'prefork', workers => 25), '', 'prefork: 25 children, 50 connections';
    is $warned->(mpm => 'prefork', workers => 32), '32 child processes of 2',
        '  32 children, 64 connections';
    is $warned->(mpm => 'event', workers => 4, children => 8), '',
        'event: 8 children of 4 threads';
    is $warned->(mpm => 'event', workers => 20, children => 4), '4 child processes of 16',
        '  4 of 20, 16 connections each';
    $db->run("SET GLOBAL max_connections = $most");
};

done_testing;
