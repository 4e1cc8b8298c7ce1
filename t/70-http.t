# SPDX-License-Identifier: Apache-2.0
# Methods, paths, versions, conditional requests, paging, CORS, streaming, and
# what a request costs beside its answer.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start(modules => [qw(status rewrite filter deflate)], conf => <<'END');
RewriteEngine On
RewriteRule "^/api/moved/(.*)" "/api/$1" [PT]
RewriteRule "^/api/away" "https://www.example/" [R,L]
AllowEncodedSlashes NoDecode
<Location "/one">
    APIDesignerServe api "People"
    APIDesignerMaxRows 3
</Location>
<Location "/one/inner">
    APIDesignerServe api "Orgs"
    APIDesignerProfile vtiger
</Location>
<Location "/hook">
    APIDesignerServe webhook "Hook"
</Location>
<Location "/nobody">
    APIDesignerServe api "No Such"
</Location>
<LocationMatch "^/pattern/[0-9]+$">
    APIDesignerServe api "Orgs"
</LocationMatch>
<Location "/hidden">
    APIDesignerServe api
    SetHandler server-status
</Location>
<Location "/packed">
    APIDesignerServe api
    SetOutputFilter DEFLATE
</Location>
<Location "/server-status">
    SetHandler server-status
</Location>
APIDesignerProfile rest
<Location "/many">
    APIDesignerServe api "Million"
    APIDesignerMaxRows 10000000
</Location>
<Location "/long">
    APIDesignerServe api
    APIDesignerMaxRows 15000
</Location>
END
my ($web, $db) = ($on->web, $on->db);

sub names ($answer) { join ' ', map { $_->{name} } @{ $answer->json } }

# ---- methods of kind api

my $got = $on->get('/api/orgs');
is $got->status, 200, 'GET';
is $got->body, '[{"id":1,"name":"Acme"},{"id":2,"name":"Bolt"}]', '  its body';
is $got->header('Content-Type'), 'application/json', '  its type';
is $got->header('Content-Length'), 47, '  its length';
is $got->header('API-Version'), 1, '  the version that served it';
like $got->header('X-Request-Id'), qr/^[0-9a-f]{32}$/, '  the request id';

my $head = $on->call(HEAD => '/api/orgs');
is $head->status, 200, 'HEAD as GET';
is $head->body, '', '  no body';
is $head->header('Content-Length'), 47, '  the length of GET';
is $head->header('ETag'), $got->header('ETag'), '  its entity tag';

$got = $on->call(OPTIONS => '/api/people/1');
is $got->status, 204, 'OPTIONS';
is $got->header('Allow'), 'GET, HEAD, PUT, DELETE, OPTIONS', '  Allow';

for my $method (qw(POST PATCH PROPFIND TRACE BREW)) {
    $got = $on->call($method => '/api/people/1');
    is $got->status, 405, "$method of a path with other methods";
    is $got->header('Allow'), 'GET, HEAD, PUT, DELETE, OPTIONS', '  Allow';
    is $got->json->{code}, 'METHOD_NOT_ALLOWED', '  its code';
}
$got = $on->call(DELETE => '/restapi/vtap/api/orgs');
is $got->status, 405, 'DELETE in profile vtiger';
is $got->header('Allow'), 'GET, HEAD, OPTIONS', '  Allow';

# ---- methods of webhooks

my @token = (basic => 0, headers => [ Token => $on->token('Hook') ]);
for my $method (qw(GET POST)) {
    $got = $on->call($method => '/hooks/Hook', @token, json => { name => 'H' });
    is $got->status, 201, "$method of a webhook";
    is $got->json->{name}, 'H', '  its answer';
}
for my $method (qw(PUT DELETE PATCH)) {
    $got = $on->call($method => '/hooks/Hook', @token, json => { name => 'H' });
    is $got->status, 405, "$method of a webhook";
    is $got->header('Allow'), 'GET, POST, OPTIONS', '  Allow';
}

# ---- paths

is $on->get('/api/Get%20(Odd)%20A+b-C/d%20%C3%A9')->status, 200,
    'blank, parentheses, plus, hyphen, slash, case, é';
is $on->get('/api/Get%20(Odd)%20A%2Bb-C%2Fd%20%C3%A9')->status, 200,
    'plus and slash encoded';
is $on->get('/api/Get%20(Odd)%20A%20b-C/d%20%C3%A9')->status, 404,
    'a plus is no blank';
is $on->get('/api/get%20(odd)%20a+b-c/d%20%C3%A9')->status, 404, 'case matters';
is $on->get('/api/orgs/')->status, 404, 'a slash at the end matters';
is $on->get('/api/orgs?x=1&people')->status, 200, 'the query does not';
is $on->get('/api/%FF')->status, 404, 'a path that is not UTF-8';
is $on->get('/api/people/%37x1')->json->{id}, '7x1', 'a part is decoded';
is $on->get('/api/people/after')->status, 200, 'a literal beats a part';
is ref $on->get('/api/people/after')->json, 'ARRAY', '  it is the list';
is $on->get('/api')->status, 404, 'the Location itself';
is $on->get('/apiorgs')->status, 404, 'beside the Location';

# ---- no look at the file system: where httpd may not look, it answers 403

for my $name (qw(api plain)) {
    mkdir $web->dir . "/htdocs/$name";
    chmod 0, $web->dir . "/htdocs/$name";
}
is $on->get('/plain/orgs', basic => 0)->status, 403, 'a directory that is shut';
is $on->get('/api/orgs')->status, 200, '  nothing of ours is looked for there';

# ---- Locations: one definition, the most specific, patterns

is names($on->get('/one')), 'Ann "A" Ämter Bob P3', 'a Location of one '
    . 'definition, APIDesignerMaxRows 3';
is $on->get('/one/orgs')->status, 404, '  nothing below it';
is $on->get('/one/inner')->json->{success}, Rig->json('true'),
    '  the inner Location serves another, in vtiger';
is $on->call(POST => '/one')->status, 405, '  another method';
is $on->get('/hook', @token, json => { name => 'H' })->status, 201,
    'a Location of one webhook';
is $on->get('/nobody')->status, 404, 'of one that does not exist';
is $on->get('/pattern/77')->status, 200, 'LocationMatch';
is $on->get('/hidden/orgs')->json->[0]{name}, 'Acme',
    'SetHandler of another module does not take over';
is $on->get('/hidden/orgs', basic => 0)->status, 401, '  nor lets anybody in';
is $on->get('/api/moved/orgs')->status, 200, 'mod_rewrite before us';
is $on->get('/api/away')->status, 302, '  redirects too';

# ---- versions

$on->publish('<api name="Orgs" path="orgs"><select module="Orgs">'
             . '<record><field name="name"/></record></select></api>');
$got = $on->get('/api/orgs');
is $got->body, '[{"name":"Acme"},{"name":"Bolt"}]', 'the new version is live';
is $got->header('API-Version'), 2, '  API-Version';
$got = $on->get('/api/orgs', headers => [ 'API-Version' => 1 ]);
is $got->json->[0]{id}, 1, 'the old one, asked for';
is $got->header('API-Version'), 1, '  API-Version';
is $on->get('/api/orgs', headers => [ 'API-Version' => 3 ])->status, 404,
    'a version that is not there';
is($on->get('/api/orgs', headers => [ 'API-Version' => $_ ])->status, 400,
    "API-Version: $_") for qw(0 -1 x 1.0 9999999999);
$db->ctl_ok('deprecate', 'Orgs', 1, '--sunset', '2030-12-31');
$on->settle;
$got = $on->get('/api/orgs', headers => [ 'API-Version' => 1 ]);
is $got->status, 200, 'deprecated';
like $got->header('Deprecation'), qr/^@\d{10}$/, '  Deprecation';
cmp_ok abs(substr($got->header('Deprecation'), 1) - time), '<', 60, '  since now';
is $got->header('Sunset'), 'Tue, 31 Dec 2030 00:00:00 GMT', '  Sunset';
is $got->header('Link'), '</api/orgs>; rel="successor-version"', '  Link';
is $on->get('/api/orgs')->header('Deprecation'), undef, '  the live one is not';
$db->ctl_ok('retire', 'Orgs', 1);
$on->settle;
$got = $on->get('/api/orgs', headers => [ 'API-Version' => 1 ]);
is $got->status, 410, 'retired';
is $got->json->{code}, 'VERSION_RETIRED', '  its code';

# ---- entity tags

$got = $on->get('/api/people/1');
my $tag = $got->header('ETag');
like $tag, qr/^"[0-9a-f]{16}\.[0-9a-f]{16}"$/, 'a strong entity tag';
like $on->get('/api/people')->header('ETag'), qr/^"[0-9a-f]{32}"$/, '  of a list too';
is $on->get('/api/people/1')->header('ETag'), $tag, '  the same again';
isnt $on->get('/api/people/2')->header('ETag'), $tag, '  another for another';
$got = $on->get('/api/people/1', headers => [ 'If-None-Match' => $tag ]);
is $got->status, 304, 'If-None-Match';
is $got->body, '', '  no body';
is $got->header('ETag'), $tag, '  its tag';
$got = $on->get('/api/people/1', headers => [ 'If-None-Match' => '"x"' ]);
is $got->status, 200, 'If-None-Match of something else';
$db->run('UPDATE people SET age = -6 WHERE id = 1');
$got = $on->get('/api/people/1', headers => [ 'If-None-Match' => $tag ]);
is $got->status, 200, 'after a change';
isnt $got->header('ETag'), $tag, '  another tag';
my @packed = ('Accept-Encoding' => 'gzip');
$got = $on->get('/packed/people/1', headers => \@packed);
like $got->header('ETag'), qr/^"[0-9a-f]{16}\.[0-9a-f]{16}-gzip"$/, 'a compressed answer';
$got = $on->get('/packed/people/1', headers => [ @packed,
    'If-None-Match' => '"x", ' . $got->header('ETag') ]);
is $got->status, 304, '  If-None-Match';
$tag = $on->get('/restapi/vtap/api/people/1')->header('ETag');
is $on->get('/restapi/vtap/api/people/1', headers => [ 'If-None-Match' => $tag ])->status, 304,
    'in profile vtiger too';

# ---- paging

sub follow ($path) {
    my @pages;
    while ($path && @pages < 9) {
        my $page = $on->get($path);
        push @pages, join ' ', map { $_->{id} } @{ $page->json };
        ($path) = ($page->header('Link') // '') =~ /^<([^>]+)>; rel="next"$/;
    }
    return join ' | ', @pages;
}
$db->run('DELETE FROM people WHERE id > 12');
my $pages = '7x1 7x2 7x3 7x4 7x5 | 7x6 7x7 7x8 7x9 7x10 | 7x11 7x12';
is follow('/api/people'), $pages, 'Link leads through the pages';
is follow('/api/people?page=2'), $pages =~ s/^.*?\| //r, '  from the second';
is follow('/api/people/after'), $pages, '  by cursors';
$got = $on->get('/api/people?a=1&page=2&b=x%20y');
is $got->header('Link'), '</api/people?a=1&b=x%20y&page=3>; rel="next"',
    '  other parameters stay';
is $on->get('/api/people?page=3')->header('Link'), undef, '  none at the end';
is $on->get('/api/people/after?cursor=forged')->status, 422, 'a forged cursor';
is $on->get('/restapi/vtap/api/people')->header('Link'), undef,
    'none in profile vtiger';

# ---- CORS

my $origin = 'https://www.shop.example';
my @asks = (Origin => $origin, 'Access-Control-Request-Method' => 'GET',
            'Access-Control-Request-Headers' => 'authorization');
$got = $on->call(OPTIONS => '/api/find', basic => 0, headers => \@asks);
is $got->status, 401, 'no preflight without allowed origins';
is $got->header('Access-Control-Allow-Origin'), undef, '  no header';
$on->publish(qq(<api name="Find" path="find"><security
    origins="$origin https://other.example"/>
    <select module="Orgs"/></api>));
$got = $on->call(OPTIONS => '/api/find', basic => 0, headers => \@asks);
is $got->status, 204, 'a preflight';
is $got->header('Access-Control-Allow-Origin'), $origin, '  the origin';
is $got->header('Access-Control-Allow-Methods'), 'GET, HEAD, OPTIONS', '  methods';
like $got->header('Access-Control-Allow-Headers'), qr/\b$_\b/, "  $_"
    for qw(Token Authorization Content-Type);
is $got->header('Vary'), 'Origin', '  Vary';
$asks[1] = 'https://evil.example';
$got = $on->call(OPTIONS => '/api/find', basic => 0, headers => \@asks);
is $got->status, 401, 'a preflight from elsewhere';
is $got->header('Access-Control-Allow-Origin'), undef, '  no header';
$got = $on->get('/api/find', headers => [ Origin => $origin ]);
is $got->header('Access-Control-Allow-Origin'), $origin, 'the request itself';
like $got->header('Access-Control-Expose-Headers'), qr/X-Request-Id/, '  exposed';
$got = $on->get('/api/find', basic => 0, headers => [ Origin => $origin ]);
is $got->status, 401, 'an error';
is $got->header('Access-Control-Allow-Origin'), $origin, '  can be read too';

# ---- health, metrics, server-status

$got = $on->get('/apidesigner/health', basic => 0);
is $got->status, 200, 'health';
is $got->json->{status}, 'ok', '  status';
is $got->json->{database}, 'up', '  database';
$got = $on->get('/apidesigner/metrics', basic => 0);
like $got->header('Content-Type'), qr{^text/plain; version=0\.0\.4}, 'metrics';
like $got->body, qr/^apidesigner_db_connections\{pid="\d+"\} [1-9]/m, '  pool';
like $got->body, qr/^apidesigner_registry_definitions\{pid="\d+"\} 14$/m,
    '  registry';
like $on->get('/server-status?auto', basic => 0)->body,
    qr/^APIDesigner_registry_definitions: 14$/m, 'server-status';

$got = Rig->apache(database => $db, workers => 170, children => 3,
                   conf => "APIDesignerPool max=500\n");
for my $start ('start', 'restart') {
    $got->mark, $got->signal('USR1') if $start eq 'restart';
    my @told;
    Rig->until(20, 'the warning', sub {
        @told = $got->errors =~ /3 child processes of 171 connections .* may want more than the \d+ \(max_connections\)/g;
    });
    Rig->until(20, 'the children', sub { $got->children == 3 }) if $start eq 'start';
    sleep 1; # for the others of them
    is scalar(() = $got->errors =~ /max_connections/g), 1,
        "connections that the server will not give are warned of once at the $start";
}
$got->stop;

$got = Rig->apache(database => 'mysql://root@/apid?socket=/nowhere/sock');
is $got->get('/apidesigner/health')->status, 503, 'health without definitions';
is $got->get('/apidesigner/health')->json->{status}, 'unavailable', '  status';
is $got->get('/api/orgs')->status, 503, '  everything else is 503 too';
is $got->get('/api/orgs')->header('Retry-After'), 1, '  with Retry-After';
is $got->get('/static.txt')->body, "static\n", '  but for what is not ours';
$got->stop;

# ---- streaming: a million rows, flat memory, and a client that goes

sub memory {
    my $all = 0;
    $all += Rig::slurp("/proc/$_/status") =~ /^RssAnon:\s+(\d+)/m ? $1 : 0
        for $web->children;
    return $all;
}

$db->run('CREATE TABLE numbers (PRIMARY KEY (id)) ENGINE=MyISAM SELECT seq AS id FROM '
    . $db->series(1, 1_000_000));
$db->run('CREATE VIEW million AS SELECT id, CONCAT("row ", id) AS name, REPEAT("x", 50) AS note
    FROM numbers');
$db->ctl_ok('module', 'apply', Served::files(<<'XML'));
<module name="Million">
  <table name="million" key="id"/>
  <key made="caller" type="integer" bits="64"/>
  <field name="name" type="string"/>
  <field name="note" type="string"/>
</module>
XML
$on->publish('<api name="Million"><select module="Million">'
    . '<limit max="10000000"/></select></api>');
$on->get('/many', headers => [ Range => 'bytes=0-1' ]) for 1 .. 2;
my $before = memory();
$got = $on->get('/many', timeout => 60);
is $got->status, 200, 'a million rows';
is $got->broken, 0, '  whole';
is $got->header('Content-Length'), undef, '  streamed';
is $got->header('ETag'), undef, '  without a tag';
is((() = $got->body =~ /"id":/g), 1_000_000, '  every row');
like $got->body, qr/\{"id":1000000,"name":"row 1000000","note":"x{50}"\}\]$/,
    '  to the last';
my $grown = memory() - $before;
# The sanitizer keeps what was freed for a while.
cmp_ok $grown, '<', $ENV{APID_ASAN} ? 300_000 : 4096, "  memory is flat (grew by $grown KiB)";

$on->publish(qq(<api name="by $_"><select module="Million">
    <where><field name="id" condition="lessorequal" value="40000"/></where>
    <limit max="15000" $_="\@$_"/></select></api>)) for qw(page after);
for my $by (qw(page after)) {
    my ($path, @rows) = "/long/by%20$by";
    while ($path && @rows < 5) {
        my $page = $on->get($path);
        push @rows, [ $page->body =~ /"id":(\d+)/g ];
        ($path) = ($page->header('Link') // '') =~ /^<([^>]+)>; rel="next"$/;
    }
    is join(' ', map { scalar @$_ } @rows), '15000 15000 10000', "pages that are streamed, by $by";
    is_deeply [ map { @$_ } @rows ], [ 1 .. 40_000 ], '  each row once';
}

my $client = $web->connect;
$client->send(Rig::Client::request_text(GET => '/many', $web->port,
    basic => [ 'ann', $on->key('ann') ]));
$client->take(100_000);
$client->close;
Rig->until(10, 'the connection to come back', sub {
    my ($all) = $on->get('/apidesigner/metrics')->body =~ /_db_connections\{.*\} (\d+)/;
    my ($idle) = $on->get('/apidesigner/metrics')->body =~ /_idle\{.*\} (\d+)/;
    $all == $idle;
});
pass 'a client that goes away gives the connection back';

$client = $web->connect;
$client->send(Rig::Client::request_text(GET => '/many', $web->port,
    basic => [ 'ann', $on->key('ann') ]));
my $start = $client->take(100_000);
my $id = $db->value('SELECT id FROM information_schema.processlist
    WHERE id <> CONNECTION_ID() AND info LIKE "SELECT%million%"');
$web->mark;
$db->run("KILL $id");
my $rest = '';
$rest .= $client->take(1) . delete($client->{buffer}) . ($client->{buffer} = '')
    while $client->more;
unlike $start . $rest, qr/\r\n0\r\n\r\n\z/, 'a failure in the middle: the '
    . 'last chunk does not come';
like $web->errors, qr/Million broken off: /, '  and is logged';

done_testing;
