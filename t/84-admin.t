#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The management API and the console's files, over HTTP
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $db = Rig->demo;
my %key = map { $_ => Rig->json($db->ctl_ok('--json', 'user', 'add', $_, '--role', $_))->{key} }
    qw(caller viewer designer);
$key{admin} = Rig->json($db->ctl_ok('--json', 'user', 'key', 'admin'))->{key};

# A console as its build leaves it.
my $files = Rig->directory;
mkdir "$files/assets";
mkdir "$files/assets/deep";
Rig::spew("$files/index.html",                  "<!doctype html><p>console\n");
Rig::spew("$files/icon.svg",                    "<svg/>\n");
Rig::spew("$files/assets/index-B4kD9f2a.js",    "'use strict';\n");
Rig::spew("$files/assets/index-B4kD9f2a.js.gz", "packed\n");
Rig::spew("$files/assets/deep/secret.txt",      "secret\n");
symlink '/etc/hostname', "$files/assets/link.txt";

my $web = Rig->apache(database => $db, conf => <<"CONF");
AllowEncodedSlashes NoDecode
APIDesignerProfile vtiger
<Location "/apidesigner">
    APIDesignerServe console
    APIDesignerConsole "$files"
</Location>
<Location "/apidesigner/manage">
    AuthType Basic
    AuthName "API Designer"
    AuthBasicProvider apidesigner
    Require valid-user
</Location>
CONF

my @ours = ('X-APIDesigner' => 1);

# Sends a request to the management API as somebody.
sub manage ($who, $method, $path, %want) {
    my @headers = (@{ delete $want{headers} // [] }, $method eq 'GET' ? () : @ours);
    return $web->request($method, "/apidesigner/manage/$path",
        headers => \@headers, basic => [ $who, $key{$who} // 'none' ], %want);
}

# An error as it must look.
sub refused ($got, $status, $code, $what) {
    is $got->status, $status, "$what: $status" or diag $got->body;
    is $got->header('Content-Type'), 'application/problem+json', "$what: problem+json";
    is $got->json->{code}, $code, "$what: $code";
    is $got->json->{status}, $status, "$what: the status is told";
}

# ---- files

sub page ($path, @headers) { $web->get("/apidesigner$path", headers => \@headers) }

my $page = page('/');
is $page->status, 200, 'the first page';
is $page->body, "<!doctype html><p>console\n", 'as it was built';
is $page->header('Content-Type'), 'text/html; charset=utf-8', 'its type';
is $page->header('Cache-Control'), 'no-cache', 'asked for again each time';
is $page->header('Content-Security-Policy'), "default-src 'none'; script-src 'self'; "
    . "style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    . "form-action 'self'; base-uri 'none'; frame-ancestors 'none'", 'no script but ours';
is $page->header('X-Content-Type-Options'),     'nosniff',     'nosniff';
is $page->header('Referrer-Policy'),            'same-origin', 'no addresses told to others';
is $page->header('Cross-Origin-Opener-Policy'), 'same-origin', 'no window of another origin';
is page('/', 'If-None-Match' => $page->header('ETag'))->status, 304, 'unchanged';
is page($_)->body, $page->body, "$_ is the first page too"
    for '', '/apis/Get%20Contacts/versions', '/assetsx', '/nothing.svg';
is page('/icon.svg')->header('Content-Type'), 'image/svg+xml', 'another file';

my $script = page('/assets/index-B4kD9f2a.js');
is $script->body, "'use strict';\n", 'a script';
is $script->header('Content-Type'), 'text/javascript; charset=utf-8', 'its type';
is $script->header('Cache-Control'), 'public, max-age=31536000, immutable',
    'with its hash in its name it never changes';
is $script->header('Vary'), 'Accept-Encoding', 'there is a packed one';
my $packed = page('/assets/index-B4kD9f2a.js', 'Accept-Encoding' => 'gzip');
is $packed->body, "packed\n", 'it is sent to who takes it';
is $packed->header('Content-Encoding'), 'gzip', 'and says so';
is $packed->header('Content-Type'), 'text/javascript; charset=utf-8', 'with the same type';
isnt $packed->header('ETag'), $script->header('ETag'), 'and another tag';

refused(page("/assets/$_"), 404, 'API_NOT_FOUND', $_)
    for qw(none.js deep/secret.txt deep link.txt ..%2findex.html %2e%2e%2findex.html
           index-b4kd9f2a.js), '';
is page('/..%2f..%2f..%2fetc%2fhostname')->body, $page->body, 'no way out of the directory';
my $posted = $web->request(POST => '/apidesigner/');
refused($posted, 405, 'METHOD_NOT_ALLOWED', 'pages are only read');
is $posted->header('Allow'), 'GET, HEAD, OPTIONS', 'which Allow tells';

# ---- who

my $stranger = $web->get('/apidesigner/manage/definitions');
refused($stranger, 401, 'AUTHENTICATION_FAILURE', 'nobody');
like $stranger->header('Content-Security-Policy'), qr/default-src 'none'/, 'guarded too';
refused(manage('viewer', GET => 'definitions', basic => [ 'viewer', 'wrong' ]),
        401, 'AUTHENTICATION_FAILURE', 'a wrong secret');
my $list = manage('viewer', GET => 'definitions');
is $list->status, 200, 'a viewer sees';
is $list->header('Content-Type'), 'application/json', 'JSON';
is $list->header('Cache-Control'), 'no-store', 'kept by nobody';
my ($weather) = grep { $_->{name} eq 'Current Weather' } @{ $list->json };
like delete $weather->{published_at}, qr/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, 'published when';
is_deeply [ $weather ],
    [ { name => 'Current Weather', kind => 'api', method => 'get', module => 'Weather',
        path => 'weather/current', status => 'active', version => 1, draft => '',
        published_by => scalar getpwuid $> } ], 'what the tool lists';
refused(manage('caller', GET => 'definitions'), 403, 'ACCESS_DENIED', 'a caller');
refused(manage('viewer', POST => 'definitions/Current%20Weather/deactivate'),
        403, 'ACCESS_DENIED', 'a viewer changes nothing');
refused(manage('designer', POST => 'users/viewer/disable'), 403, 'ACCESS_DENIED',
        'a designer changes no users');
is manage('admin', POST => 'users/viewer/disable')->status, 200, 'an admin does';
Rig->until(5, 'the user to be locked out',
    sub { manage('viewer', GET => 'definitions')->status == 401 });
pass 'who is disabled is out';
manage('admin', POST => 'users/viewer/enable');
Rig->until(5, 'the user to be let in',
    sub { manage('viewer', GET => 'definitions')->status == 200 });

# ---- the same origin

sub change (@headers) {
    return $web->request(POST => '/apidesigner/manage/definitions/Current%20Weather/activate',
        headers => \@headers, basic => [ 'designer', $key{designer} ]);
}
my $ours = '127.0.0.1:' . $web->port;
refused(change(), 403, 'ACCESS_DENIED', 'without the header');
refused(change(@ours, Origin => 'https://evil.example'), 403, 'ACCESS_DENIED', 'another origin');
refused(change(@ours, Origin => "http://$ours.evil.example"), 403, 'ACCESS_DENIED', 'a longer one');
refused(change(@ours, Origin => 'null'), 403, 'ACCESS_DENIED', 'no origin');
refused(change(@ours, 'Sec-Fetch-Site' => $_), 403, 'ACCESS_DENIED', "a browser says $_")
    for qw(cross-site same-site);
is change(@ours)->status, 200, 'the header';
is change(@ours, Origin => "http://$ours")->status, 200, 'our origin';
is change(@ours, 'Sec-Fetch-Site' => 'same-origin')->status, 200, 'a browser says same-origin';

# ---- paths and methods

refused(manage('viewer', GET => 'nothing'), 404, 'API_NOT_FOUND', 'no operation');
refused(manage('viewer', GET => ''), 404, 'API_NOT_FOUND', 'nor this');
my $other = manage('admin', PATCH => 'definitions/Current%20Weather');
refused($other, 405, 'METHOD_NOT_ALLOWED', 'another method');
is $other->header('Allow'), 'GET, HEAD, DELETE, OPTIONS', 'which Allow tells';
refused(manage('viewer', GET => 'definitions/None'), 404, 'API_NOT_FOUND', 'no such API');
refused(manage('viewer', GET => 'modules/None'), 404, 'RECORD_NOT_FOUND', 'no such module');

# ---- arguments

refused(manage('viewer', POST => 'check', json => {}), 400, 'INVALID_REQUEST', 'nothing to check');
refused(manage('viewer', POST => 'check', body => '{"documents":', headers =>
        [ 'Content-Type' => 'application/json' ]), 400, 'INVALID_JSON', 'a broken body');
my $bad = manage('viewer', POST => 'check', json => { documents => [
    { name => 'x', document => qq(<api>\n  <select module="Contacts"><record>)
        . '<field name="emial"/></record></select></api>' } ] });
refused($bad, 422, 'INVALID_DEFINITION', 'a bad document');
is_deeply $bad->json->{errors}, [ { field => 'x', line => 2, column => 37,
    code => 'INVALID_DEFINITION', detail => "unknown field 'emial' in Contacts; did you mean 'email'?" } ],
    'its error, with its place';

# ---- changes

my $document = '<api name="a/b" path="a/b"><select module="Contacts"/></api>';
my $draft = manage('designer', PUT => 'definitions/a%2Fb/draft', json => { document => $document });
is $draft->status, 200, 'a draft, of a name with a slash' or diag $draft->body;
is $draft->json->{outcome}, 'saved', 'is saved';
is manage('viewer', GET => 'definitions/a%2Fb/draft')->json->{document}, $document, 'and shown';
is manage('designer', POST => 'definitions/a%2Fb/draft/publish', json => { note => 'first' })
    ->json->{version}, 1, 'and published';
is_deeply [ map { @$_{qw(version note)} } @{ manage('viewer', GET => 'definitions/a%2Fb/versions')->json } ],
    [ 1, 'first' ], 'its versions';
is $db->value("SELECT published_by FROM apid_version WHERE note = 'first'"), 'designer',
    'by who signed in';
like $web->errors, qr{'draft publish' by designer: /apidesigner/manage/definitions/a%2Fb/draft/publish},
    'the log tells of changes';

# ---- two who edit at once

sub save ($who, $base, $text) {
    return manage($who, PUT => 'definitions/Twice/draft', json => { base => $base,
        document => qq(<api name="Twice"><description>$text</description><select module="Contacts"/></api>) });
}
my $begun = save('designer', 0, 'begun')->json->{draft_revision};
my $mine  = save('designer', $begun, 'mine');
is $mine->status, 200, 'who knows the newest draft saves over it' or diag $mine->body;
my $late = save('admin', $begun, 'theirs');
refused($late, 409, 'CONFLICT', 'who edited an older one');
my $current = $late->json->{current};
like $current->{document}, qr/>mine</, 'is shown the newer one';
is $current->{draft_by}, 'designer', 'whose it is';
like $current->{draft_at}, qr/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, 'since when';
is $current->{draft_revision}, $mine->json->{draft_revision}, 'and what to save over';
is_deeply manage('viewer', GET => 'definitions/Twice/draft')->json, $current, 'which is the draft';
is save('admin', $current->{draft_revision}, 'both')->status, 200, 'then it is saved';
is save('admin', undef, 'both')->status, 200, 'null is as good as nothing: no base';
manage('designer', POST => 'definitions/Twice/draft/publish');
my $gone = save('designer', $current->{draft_revision}, 'late');
like $gone->json->{current}{document}, qr/>both</, 'published meanwhile: what is live is shown';

# ---- oneself

my $me = manage('caller', GET => 'me')->json;
is_deeply [ @$me{qw(name role groups password)} ], [ 'caller', 'caller', [], 'no' ],
    'anybody may see who they are';
is $me->{access_key}, substr($key{caller}, 0, 8), 'the key by its beginning only';
my $renewed = manage('caller', POST => 'me/key')->json;
is $renewed->{name}, 'caller', 'and make a key anew';
Rig->until(5, 'the old key to end', sub { manage('caller', GET => 'me')->status == 401 });
$key{caller} = $renewed->{key};
is manage('caller', GET => 'me')->status, 200, 'which is the key from then on';

done_testing;
