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
$db->ctl_ok('group', 'add', 'clerks');
$db->ctl_ok('group', 'right', 'clerks', 'Contacts', '--allow', 'read', '--scope', 'own', '--hidden', 'email');
$key{clerk} = Rig->json($db->ctl_ok('--json', 'user', 'add', 'clerk', '--role', 'designer', '--id', '2',
                                    '--groups', 'clerks'))->{key};
$key{admin} = Rig->json($db->ctl_ok('--json', 'user', 'key', 'admin'))->{key};

# A console as its build leaves it.
my $files = Rig->directory;
mkdir "$files/assets";
mkdir "$files/assets/deep";
sub html ($place) { qq{<!doctype html><p>console <a href="$place/x"><a href="$place">\n} }
Rig::spew("$files/index.html",                  html('{place}'));
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
<Location "/tools/the console">
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
is $page->body, html('.'), 'as it was built, with where it is';
is $page->header('Content-Type'), 'text/html; charset=utf-8', 'its type';
is $page->header('Cache-Control'), 'no-cache', 'asked for again each time';
is $page->header('Content-Security-Policy'), "default-src 'none'; script-src 'self'; "
    . "style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    . "form-action 'self'; base-uri 'none'; frame-ancestors 'none'", 'no script but ours';
is $page->header('X-Content-Type-Options'),     'nosniff',     'nosniff';
is $page->header('Referrer-Policy'),            'same-origin', 'no addresses told to others';
is $page->header('Cross-Origin-Opener-Policy'), 'same-origin', 'no window of another origin';
is page('/', 'If-None-Match' => $page->header('ETag'))->status, 304, 'unchanged';
is page($_->[0])->body, html($_->[1]), "$_->[0] is the first page too"
    for [ '', './apidesigner' ], [ '/apis/Get%20Contacts/versions', './../..' ], [ '/assetsx', '.' ],
    [ '/nothing.svg', '.' ], [ '/apis/a%2Fb?x=/', './..' ], [ '/apis/', './..' ], [ '?a=/b/c', './apidesigner' ];
is $web->get($_->[0])->body, html($_->[1]), "$_->[0]: in another place"
    for [ '/tools/the%20console', './the%20console' ], [ '/tools/the%20console/', '.' ],
    [ '/tools/the%20console/a/b', './..' ];
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
chmod 0, $files;
refused(page('/'), 500, 'INTERNAL_ERROR', 'a directory that httpd may not read');
like $web->errors, qr/APIDesignerConsole \Q$files\E: Permission denied/, 'which the log tells';
chmod 0755, $files;
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
        path => 'weather/current', status => 'active', version => 1, draft => '', broken => '',
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

my $options = $web->request(OPTIONS => '/apidesigner/manage/definitions/None/draft',
    basic => [ 'viewer', $key{viewer} ]);
is $options->status, 204, 'OPTIONS';
is $options->header('Allow'), 'GET, HEAD, PUT, DELETE, OPTIONS', 'tells the methods';
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
refused(manage('viewer', POST => 'check', json => { documents => $_ }), 400, 'INVALID_REQUEST', 'documents that are none')
    for [ ['x'] ], [ 'x' ], [ { name => 'D', document => 'x' }, 1 ];
refused(manage('admin', GET => 'recent', json => { max => [1] }), 400, 'INVALID_REQUEST', 'a number that is a list');
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

my $renamed = manage('designer', PUT => 'definitions/Twice/draft', json => { document =>
    qq(<?xml version="1.0"?>\n<api name="Thrice"><select module="Contacts"/></api>) });
refused($renamed, 422, 'INVALID_DEFINITION', 'a draft of another name');
is_deeply [ @{ $renamed->json->{errors}[0] }{qw(line column)} ], [ 2, 1 ], 'which is told where it is';

# ---- oneself

my $me = manage('caller', GET => 'me')->json;
is_deeply [ @$me{qw(name role groups password)} ], [ 'caller', 'caller', ['everyone'], 'no' ],
    'anybody may see who they are';
is join(' ', map { "$_->{serve}:$_->{profile}:$_->{path}" . ($_->{name} // '') } @{ $me->{places} }),
    'api:vtiger:/restapi/vtap/api webhook:vtiger:/restapi/vtap/webhook api:vtiger:/api webhook:vtiger:/hooks',
    'and where definitions are served';
is $me->{access_key}, substr($key{caller}, 0, 8), 'the key by its beginning only';
my $renewed = manage('caller', POST => 'me/key')->json;
is $renewed->{name}, 'caller', 'and make a key anew';
Rig->until(5, 'the old key to end', sub { manage('caller', GET => 'me')->status == 401 });
$key{caller} = $renewed->{key};
is manage('caller', GET => 'me')->status, 200, 'which is the key from then on';

# ---- what a definition is

sub describe ($document) {
    return manage('viewer', POST => 'describe', json => { name => 'D', document => $document });
}
my $described = describe(<<'XML');
<webhook name="D" path="d/{id}"><security token-in="query"/><limits minute="5"/>
  <update module="Contacts"><record>
    <field name="lastname" value="@lastname" required="true"/>
    <field name="leadsource" value="@source" default="Web Site"/>
    <field name="title" value="CEO"/>
    <field name="assigned_user_id" value="@user.id"/></record>
    <where glue="or"><field name="id" value="@id"/>
      <field name="birthday" condition="lessthan" value="@before" optional="true"/></where>
    <return><field name="email" as="mail"/></return></update>
</webhook>
XML
is $described->status, 200, 'describe' or diag $described->body;
my $d = $described->json;
is_deeply { map { $_ => $d->{$_} } qw(name kind method path module token_in minute) },
    { name => 'D', kind => 'webhook', method => '', path => 'd/{id}', module => 'Contacts',
      token_in => 'query', minute => 5 }, 'its settings';
is_deeply [ map { join ' ', @$_{qw(name type in required)} } @{ $d->{params} } ],
    [ 'id id path 1', 'lastname string body 1', 'source picklist body 0', 'before date body 0' ],
    'its parameters';
is $d->{params}[2]{default}, 'Web Site', 'with their defaults';
is_deeply [ @{ $d->{params}[2]{choices} }[0, 1] ], [ 'Cold Call', 'Existing Customer' ], 'choices';
is $d->{params}[0]{prefix}, '12x', 'and prefixes';
my ($update) = @{ $d->{operations} };
is_deeply [ map { $_->{op} // $_->{name} } $update, @{ $update->{fields} }, @{ $update->{columns} } ],
    [ 'update', qw(lastname leadsource title assigned_user_id mail) ], 'its operation';
is_deeply [ map { $_->{param} // $_->{value} // "\@$_->{source}" } @{ $update->{fields} } ],
    [ 'lastname', 'source', 'CEO', '@user.id' ], 'and where values come from';
is $update->{where}{glue}, 'or', 'its conditions';
is_deeply [ map { "$_->{name} $_->{condition}" } @{ $update->{where}{conditions} } ],
    [ 'id equal', 'birthday lessthan' ], 'each with its test';
is_deeply $d->{warnings}, [ { line => 8, column => 7,
    text => 'no index begins with `demo_contacts`.`birthday`, so every row is looked at to find '
          . "those whose 'birthday' fits" } ], 'no index serves one of them';
is_deeply describe('<api><allow users="nobody"/><select module="Contacts"/></api>')->json->{warnings},
    [ { line => 1, column => 6, text => "allow: there is no user 'nobody'" } ],
    'what keeps it from being published is a warning, so that it can be tried';
my $wrong = qq(<api>\n <select module="Contcts"/>\n <selct/></api>);
my $checked = manage('viewer', POST => 'check', json => { documents => [ { name => 'D', document => $wrong } ] });
is_deeply describe($wrong)->json->{errors}, $checked->json->{errors}, 'errors are those of check';

# ---- a draft is called

sub try_out ($method, $name, %want) {
    return manage($want{who} // 'designer', $method, "definitions/$name/draft/call" . ($want{query} // ''),
        headers => $method eq 'GET' ? \@ours : [], $want{json} ? (json => $want{json}) : ());
}
manage('designer', PUT => 'definitions/Try/draft', json => { document => <<'XML' });
<api name="Try" method="post" path="try/{city}"><create module="Weather"><record>
  <field name="city" value="@city"/><field name="country" value="@country"/>
  <field name="temperature" value="@t" required="true"/><field name="conditions" value="Fog"/>
</record><return><field name="city"/><field name="temperature"/></return></create></api>
XML
my $tried = try_out(POST => 'Try', query => '?city=Ulm', json => { t => 4.5, country => 'DE' });
is $tried->status, 201, 'a draft is called for real' or diag $tried->body;
is $tried->header('API-Version'), 0, 'as no version';
is_deeply $tried->json, { city => 'Ulm', temperature => '4.5' }, 'with its answer';
is_deeply [ $db->rows('SELECT api, version, user FROM apid_update WHERE module = "Weather"') ],
    [ { api => 'Try', version => 0, user => 'designer' } ], 'by who is signed in';
my $told = try_out(POST => 'Try', query => '?city=Bonn&profile=vtiger', json => { t => 'warm' });
is $told->status, 400, 'in the other dialect';
is $told->reason, 'INVALID_VALUE: t must be a decimal number', 'errors are its own';
is_deeply $told->json, { success => JSON::PP::false, error => { code => 'INVALID_VALUE',
    message => 't must be a decimal number' } }, 'in full';
refused(try_out(POST => 'Try', query => '?profile=soap'), 422, 'INVALID_VALUE', 'no dialect');
my $get = try_out(GET => 'Try');
refused($get, 405, 'METHOD_NOT_ALLOWED', 'another method');
is $get->header('Allow'), 'POST, OPTIONS', 'which Allow tells';
refused(try_out(POST => 'Try', who => 'viewer'), 403, 'ACCESS_DENIED', 'not for viewers');
refused(try_out(POST => 'None'), 404, 'API_NOT_FOUND', 'no such definition');
refused($web->get('/apidesigner/manage/definitions/Try/draft/call',
                  basic => [ 'designer', $key{designer} ]), 403, 'ACCESS_DENIED', 'not by a mere link');
my $dry = manage('designer', POST => 'definitions/Try/draft/call?city=Kiel', headers => [ Prefer => 'dry-run' ],
    json => { t => 1, country => 'DE' });
is $dry->header('Preference-Applied'), 'dry-run', 'a dry run of it';
is $dry->json->{outcome}, 'inserted', 'tells what would be';
is $db->value('SELECT COUNT(*) FROM demo_weather WHERE city = "Kiel"'), 0, 'which is not';
manage('designer', PUT => 'definitions/Try/draft', json => { document => '<api name="Try"><selct/></api>' });
refused(try_out(GET => 'Try'), 422, 'INVALID_DEFINITION', 'a draft that does not compile');
is try_out(GET => 'Current%20Weather', query => '?city=London')->header('API-Version'), 1,
    'without a draft it is the live version';

# ---- what to begin with

for my $module (map { $_->{name} } @{ manage('viewer', GET => 'modules')->json }) {
    for my $operation (qw(select create update upsert delete)) {
        my $kind = $operation eq 'update' ? 'webhook' : 'api';
        my $begin = manage('viewer', GET =>
            "modules/$module/skeleton?kind=$kind&operation=$operation&definition=A%20%26%20B")->json;
        my $fits = manage('viewer', POST => 'check', json => { documents =>
            [ { name => 'x', document => $begin->{document} } ] });
        is $fits->status, 200, "$operation of $module" or diag $begin->{document}, $fits->body;
        is $fits->json->[0]{name}, 'A & B', 'has the name';
    }
}
is manage('viewer', GET => 'modules/Contacts/skeleton?operation=create')->json->{document}, <<'XML',
<api method="post">
  <create module="Contacts">
    <record>
      <field name="lastname" value="@lastname"/>
    </record>
  </create>
</api>
XML
    'the fields that it cannot do without';
my $no = manage('viewer', GET => 'modules/Contacts/skeleton?operation=selct');
refused($no, 422, 'INVALID_VALUE', 'no operation');
is $no->json->{errors}[0]{pointer}, '/operation', 'which is told';

# ---- tables

$db->run(<<'SQL');
CREATE TABLE bad (name VARCHAR(20) CHARACTER SET utf8mb3, born DATE, note TEXT) ENGINE=MyISAM;
SET sql_mode = '';
INSERT INTO bad VALUES ('Ann', '2001-02-03', REPEAT('x', 300)), ('Bob', '2001-00-00', NULL);
SQL
my %table = map { $_->{name} => $_ } @{ manage('designer', GET => 'tables')->json };
is_deeply $table{demo_contact_addresses}, { name => 'demo_contact_addresses', engine => 'InnoDB',
    collation => 'utf8mb4_unicode_ci', key => 'contact_id', module => 'Contacts',
    rows => $table{demo_contact_addresses}{rows} }, 'a table of a module';
is $table{bad}{module}, undef, 'one of none';
is scalar(grep { /^apid_/i } keys %table), 0, 'none of ours';
refused(manage('viewer', GET => 'tables'), 403, 'ACCESS_DENIED', 'not for viewers');
is_deeply manage('designer', GET => 'tables/bad')->json, { name => 'bad',
    columns => [qw(name born note)], rows => [
    { name => 'Ann', born => '2001-02-03', note => 'x' x 200 },
    { name => 'Bob', born => undef, note => undef } ] }, 'its rows, of long texts the beginning';
refused(manage('designer', GET => "tables/$_"), 404, 'RECORD_NOT_FOUND', "no look at $_")
    for qw(apid_user APID_USER none), 'bad%60%3B';
like manage('designer', GET => 'tables/bad/document?name=Bad')->json->{document},
    qr/^<module name="Bad" .*<field name="born"/s, 'what import would make of it';
is $db->value('SELECT COUNT(*) FROM apid_module WHERE name = "Bad"'), 0, 'which makes nothing';
refused(manage('admin', POST => 'modules/import', json => { table => 'apid_user', name => 'U' }),
        422, 'INVALID_DEFINITION', 'our users are no module');
refused(manage('admin', POST => 'modules', json => { documents => [ { name => 'U', document =>
    '<module name="U"><table name="APID_USER" key="id"/><field name="role" type="string"/></module>' } ] }),
        422, 'INVALID_DEFINITION', 'under no name');

is manage('designer', POST => 'modules/import', json => { table => 'bad', name => 'Bad' })->status, 200,
    'import';
for ([ '..', INVALID_VALUE => qr/^'\.\.' cannot be the name of a module: / ],
     [ 'Weather', CONFLICT => qr/^'Weather' is a module already: choose another name/ ]) {
    my ($name, $code, $detail) = @$_;
    my $error = manage('admin', POST => 'modules/import', json => { table => 'bad', name => $name })->json->{errors}[0];
    is "@$error{qw(pointer code)}", "/name $code", "import as $name: the name is at fault";
    like $error->{detail}, $detail, '  and why';
}
manage('designer', POST => 'definitions', json => { documents => [ { name => 'Bad', document =>
    '<api><select module="Bad"><where><field name="note" value="@n"/></where></select></api>' } ] });
$db->run(q{SET sql_mode = ''; ALTER TABLE bad DROP COLUMN name});
is_deeply [ map { [ @$_{qw(field text fix)} ] } @{ manage('viewer', GET => 'modules/Bad/warnings')->json } ], [
    [ 'name', 'there is no column `bad`.`name`: no API that names this field is answered',
      'Add the column, or take the field out of the module\'s document.' ],
    [ 'born', '`bad`.`born` holds dates of day 0, which are answered as null',
      'UPDATE `bad` SET `born` = NULL WHERE DAYOFMONTH(`born`) = 0;' ],
    [ undef, 'table `bad` knows no transactions: a write that fails half way stays half done',
      'ALTER TABLE `bad` ENGINE=InnoDB;' ],
    [ 'id', 'table `bad` has no key that the module names: its records can be read only',
      'ALTER TABLE `bad` ADD COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY;' ],
    [ 'note', 'no index begins with `bad`.`note`, so every row is looked at to find those whose '
        . "'note' fits", 'CREATE INDEX `note` ON `bad` (`note`(100));' ],
], 'what is amiss with a table, and what mends it';
$db->run(q{SET sql_mode = ''; ALTER TABLE bad ADD COLUMN name VARCHAR(20) CHARACTER SET utf8mb3});
for my $warning (@{ manage('viewer', GET => 'modules/Bad/warnings')->json }) {
    $db->run($warning->{fix});
}
is_deeply [ map { $_->{field} } @{ manage('viewer', GET => 'modules/Bad/warnings')->json } ], ['id'],
    'which it does; the key is still to be named';

# ---- records

my $records = manage('viewer', GET => 'records/Weather?max=2&page=2')->json;
is_deeply [ map { "$_->{name} $_->{type}" } @{ $records->{columns} }[0, 3, 4, 7] ],
    [ 'id id', 'temperature decimal', 'conditions picklist', 'observed_at datetime' ], 'columns';
is_deeply [ map { "$_->{id} $_->{city} $_->{temperature}" } @{ $records->{rows} } ],
    [ '3 Edinburgh 8.1', '4 Cardiff 10.2' ], 'a page of records';
is $records->{more}, JSON::PP::true, 'which is not the last';
is manage('viewer', GET => 'records/Weather?max=200')->json->{more}, JSON::PP::false, 'this one is';
is_deeply [ map { $_->{city} } @{ manage('viewer', GET => 'records/Weather?search=ondo')->json->{rows} } ],
    [ 'London' ], 'those that hold a text';
is scalar @{ manage('viewer', GET => 'records/Weather?search=%25')->json->{rows} }, 0,
    'which is no pattern';
refused(manage('viewer', GET => 'records/None'), 404, 'RECORD_NOT_FOUND', 'no such module');
refused(manage('viewer', GET => 'records/Weather?page=one'), 400, 'INVALID_REQUEST', 'no page');
my $record = manage('viewer', GET => 'records/Contacts/12x5')->json;
my %value = map { $_->{name} => $_->{value} } @{ $record->{fields} };
is_deeply [ @value{qw(id account_id birthday mobile createdtime)} ],
    [ '12x5', '11x5', '1997-08-23', undef, '2022-06-09T02:31:50Z' ], 'one record';
is_deeply [ map { $_->{refers} // () } @{ $record->{fields} } ], ['Organizations'], 'and to what it refers';
is $value{'account_id.accountname'}, $db->value('SELECT accountname FROM demo_organizations WHERE id = 5'),
    'with what names that';
is_deeply [ @{ manage('viewer', GET => 'records/Cases?max=1')->json->{rows}[0] }{qw(contact_id.firstname contact_id.lastname)} ],
    [ split /\t/, $db->value("SELECT CONCAT(firstname, '\t', lastname) FROM demo_contacts WHERE id =
        (SELECT contact_id FROM demo_cases ORDER BY id LIMIT 1)") ], 'and so in a page of records';
$db->run('RENAME TABLE demo_organizations TO away');
is_deeply [ grep { /^account_id/ } map { $_->{name} } @{ manage('viewer', GET => 'records/Contacts/12x5')->json->{fields} } ],
    ['account_id'], 'where that cannot be read, the record can';
like manage('viewer', GET => 'records/Organizations')->json->{detail}, qr/^Organizations does not fit its tables/,
    'and where a module cannot be read, it is not said of a definition';
$db->run('RENAME TABLE away TO demo_organizations');
$db->run(q{CREATE TABLE kinds (id INT, name VARCHAR(20)); INSERT INTO kinds VALUES (1, 'one'), (1, 'eins'), (2, 'two');
    CREATE VIEW kind_list AS SELECT * FROM kinds; CREATE TABLE things (id INT PRIMARY KEY, kind_id INT); INSERT INTO things VALUES (1, 1), (2, 2)});
for my $table ('kinds', 'kind_list', 'kinds') {
    is manage('admin', POST => 'modules', json => { documents => [
        { name => 'Kinds', document => qq(<module name="Kinds" readonly="true"><table name="$table" key="id"/><key type="integer"
            bits="32" made="caller"/><field name="name" type="string" length="20"/></module>) },
        { name => 'Things', document => '<module name="Things"><table name="things" key="id"/><key type="integer" bits="32"
            made="caller"/><field name="kind_id" type="reference" refers="Kinds" bits="32"/></module>' } ] })->status, 200,
        "a module that only reads $table";
    my @want = $db->value('SELECT COUNT(*) FROM kinds') == 3 ? ([ 1, undef ], [ 2, undef ]) : ([ 1, 'one' ], [ 2, 'two' ]);
    is_deeply [ map { [ @$_{qw(id kind_id.name)} ] } @{ manage('admin', GET => 'records/Things')->json->{rows} } ], \@want,
        '  shows what refers to it once: it names nothing unless its keys are unique';
    $db->run("DELETE FROM kinds WHERE name = 'eins'; ALTER TABLE kinds ADD PRIMARY KEY (id)") if $table eq 'kind_list';
}
refused(manage('viewer', GET => 'records/Contacts/12x999999'), 404, 'RECORD_NOT_FOUND', 'no such record');
refused(manage('viewer', GET => 'records/Contacts/11x5'), 422, 'INVALID_ID_ATTRIBUTE', 'one of another module');
is_deeply manage('viewer', GET => 'records/Bad?search=Ann')->json->{columns}[0]{name}, 'name',
    'a module without a key has records too';
refused(manage('viewer', GET => 'records/Bad/1'), 404, 'RECORD_NOT_FOUND', 'but no ids');

# ---- rights hold for the console, too: a clerk reads contacts of her own, without their email

my ($own, $other_id) = map { $db->value("SELECT MIN(id) FROM demo_contacts WHERE assigned_user_id $_ 2") } '=', '<>';
$db->run("INSERT INTO apid_update (module, record, operation, label, api, version, user, source, at, changes)
    VALUES ('Contacts', '$_', 'update', 'L', 'A', 1, 'ann', 'api', UTC_TIMESTAMP(6),
    '[{\"field\":\"email\",\"old\":null,\"new\":\"x\"},{\"field\":\"title\",\"old\":null,\"new\":\"CEO\"}]')")
    for $own, $other_id, 999999;
is manage('clerk', GET => "records/Contacts/$own")->status, 200, 'one of her own';
refused(manage('clerk', GET => "records/Contacts/$other_id"), 404, 'RECORD_NOT_FOUND', 'not one of another');
is scalar(grep { $_->{name} eq 'email' } @{ manage('clerk', GET => 'records/Contacts')->json->{columns} }), 0,
    'no hidden field';
is scalar(grep { /^account_id[.]/ } map { keys %$_ } @{ manage('clerk', GET => 'records/Contacts')->json->{rows} }), 0,
    'nor a name of what may not be read';
is scalar(grep { $_->{assigned_user_id} != 2 } @{ manage('clerk', GET => 'records/Contacts')->json->{rows} }), 0,
    'no record of another';
refused(manage('clerk', GET => 'records/Leads'), 403, 'ACCESS_DENIED', 'another module');
sub fields ($who, $id) {
    my $updates = manage($who, GET => "updates/Contacts/$id")->json;
    return ref $updates eq 'ARRAY' ? [ map { $_->{field} } map { @{ $_->{changes} } } @$updates ] : $updates->{code};
}
is_deeply fields('clerk', $own), ['title'], 'the history of her own, without what is hidden';
is_deeply fields('viewer', $own), [ 'email', 'title' ], 'which others see';
is fields('clerk', $_), 'RECORD_NOT_FOUND', 'no history of what she cannot see' for $other_id, 999999;
is_deeply fields('viewer', 999999), [ 'email', 'title' ], 'though it outlives its record';
refused(manage('clerk', GET => 'updates/Leads/1'), 403, 'ACCESS_DENIED', 'no history of another module');
refused(manage('clerk', GET => 'tables/demo_contacts'), 403, 'ACCESS_DENIED', 'nor the table itself');
is manage('designer', GET => 'tables/demo_contacts')->status, 200, 'which who may read all may';
manage('designer', PUT => 'definitions/Peek/draft', json => { document =>
    '<api name="Peek"><select module="Leads"/></api>' });
is try_out(GET => 'Peek')->status, 200, 'a draft';
is try_out(GET => 'Peek', who => 'clerk')->status, 403, 'gives no more than its caller has';

manage('admin', POST => 'definitions', json => { documents => [ { name => 'Acts', document =>
    '<webhook><security token-in="header"/><select module="Weather"/></webhook>' } ] });
my %acting = (json => { documents => [ { name => 'Acts', document =>
    '<webhook><security token-in="header"/><select module="Contacts"/></webhook>' } ] });
refused(manage('clerk', POST => 'definitions', %acting), 403, 'ACCESS_DENIED', 'a webhook of an admin');
manage('clerk', PUT => 'definitions/Acts/draft', json => $acting{json}{documents}[0]);
refused(manage('clerk', POST => 'definitions/Acts/draft/publish'), 403, 'ACCESS_DENIED', 'nor its draft');
is manage('designer', POST => 'definitions', %acting)->json->[0]{version}, 2, 'which who may do all of it may';
sub made_of ($name, $table) {
    return (json => { documents => [ { name => $name, document =>
        qq(<module name="$name"><table name="$table" key="id"/></module>) } ] });
}
refused(manage('clerk', @$_), 403, 'ACCESS_DENIED', "@$_[0, 1]")
    for [ POST => 'modules', made_of('Mine', 'demo_contacts') ], [ POST => 'modules', made_of('Contacts', 'bad') ],
        [ POST => 'modules/import', json => { table => 'demo_contacts', name => 'Mine' } ],
        [ DELETE => 'modules/Contacts' ];

# ---- what no operation expects

$db->ctl_ok('group', 'add', 'most');
$db->ctl_ok('group', 'right', 'most', '*', '--allow', 'read');
$db->ctl_ok('group', 'right', 'most', 'Contacts', '--allow', 'read', '--hidden', 'email');
$key{most} = Rig->json($db->ctl_ok('--json', 'user', 'add', 'most', '--role', 'viewer', '--groups', 'most'))->{key};
Rig->until(5, 'the user', sub { manage('most', GET => 'me')->status == 200 });
is_deeply fields('most', $own), ['title'], 'a field is hidden in one module';
refused(manage('most', GET => "updates/Contacts%20/$own"), 404, 'RECORD_NOT_FOUND', 'its name with a blank is another name');
is_deeply manage('most', GET => "updates/Contacts/$own%20")->json->{code}, 'INVALID_ID_ATTRIBUTE', 'so is an id';
refused(manage('viewer', GET => "$_/Contacts%20"), 404, 'RECORD_NOT_FOUND', $_) for qw(records modules);
refused(manage('viewer', GET => 'records/Contacts%20/1'), 404, 'RECORD_NOT_FOUND', 'nor has it records');
refused(manage('admin', POST => 'users/admin/disable', json => { check => JSON::PP::true }), 400, 'INVALID_REQUEST',
        'what an operation does not take');
is $db->value("SELECT disabled FROM apid_user WHERE name = 'admin'"), 0, 'nothing was done';
my $pressed = manage('caller', POST => 'me/key', body => 'check[]=true', headers =>
    [ 'Content-Type' => 'application/x-www-form-urlencoded' ]);
refused($pressed, 400, 'INVALID_REQUEST', 'whatever it is');
is $pressed->json->{detail}, "'me key' takes no check", 'and it says which';
my $misspelt = manage('admin', PUT => 'users/viewer/limits', json => { minuet => 3 });
is $misspelt->json->{detail}, "'user limits' takes no minuet; did you mean 'minute'?", 'what was meant';
is_deeply manage('admin', PUT => 'users/viewer/limits', json => { day => 99_999_999_999 })->json->{errors},
    [ { pointer => '/day', code => 'INVALID_VALUE', detail => 'must not be above 2147483647' } ],
    'a limit that is too high is named';
is manage('admin', GET => 'definitions?max=3')->json->{detail}, "'list' takes no max", 'nor in the query';
unlike $web->log, qr/exit signal/, 'no child has crashed';

# ---- the whole table

# Every operation is found by its method and path, and is not for callers,
# but what they may do for themselves.
my $source = join '', map { Rig::slurp($_) } glob "$Rig::SOURCE/mod_apidesigner/apid_ops*.c";
my @operations = $source =~ /\{\s*"([a-z][a-z ]*)",\s*"([A-Z]+)",\s*"([^"]+)",\s*([A-Z]+)/g;
cmp_ok scalar @operations, '>', 4 * 40, 'operations';
while (my ($words, $method, $path, $role) = splice @operations, 0, 4) {
    next if $role eq 'CALLER';
    my $reached = manage('caller', $method, $path =~ s/\{\w+\}/none/gr, json => {});
    is $reached->status, 403, "$method $path";
    is $reached->json->{detail}, "'$words' is for the role \L$role", "is $words";
}

# ---- and tells what it is

my $self = manage('viewer', GET => 'openapi.json')->json;
is $self->{openapi}, '3.1.0', 'an OpenAPI document of itself';
my $table = () = $source =~ /\{\s*"[a-z][a-z ]*",\s*"(?:GET|POST|PUT|DELETE)",/g;
my (@told, @wrong);
for my $path (sort keys %{ $self->{paths} }) {
    my @parts = sort $path =~ /\{(\w+)\}/g;
    for my $method (sort keys %{ $self->{paths}{$path} }) {
        my $operation = $self->{paths}{$path}{$method};
        push @told, $operation->{operationId};
        my @named = sort map { $_->{name} } grep { ($_->{in} // '') eq 'path' } @{ $operation->{parameters} };
        push @wrong, "$method $path: @named" unless "@named" eq "@parts";
        my $signed = grep { ($_->{'$ref'} // '') =~ /Sign$/ } @{ $operation->{parameters} };
        push @wrong, "$method $path: header" if $signed != ($method ne 'get');
        my $body = $operation->{requestBody} // next;
        my $schema = $body->{content}{'application/json'}{schema};
        push @wrong, "$method $path: $_ is required" for grep { !$schema->{properties}{$_} }
            @{ $schema->{required} // [] };
        push @wrong, "$method $path: takes anything"
            if $operation->{operationId} ne 'draftCall' && ($schema->{additionalProperties} // 1);
    }
}
is_deeply \@wrong, [], 'its parameters are those of its paths';
is_deeply [ sort keys %{ $self->{paths}{'/describe'}{post}{requestBody}{content}{'application/json'}{schema}{properties} } ],
    [ qw(document name) ], 'a document has a name beside it';
is scalar @told, $table + 1, 'it has every operation, and the calling of drafts';
is scalar keys %{ { map { $_ => 1 } @told } }, scalar @told, 'each by a name of its own';
my @refs = Rig->to_json($self) =~ /"\$ref":"#([^"]*)"/g;
sub resolve ($ref) {
    my $at = $self;
    $at = ref $at ? $at->{$_} : undef for grep { length } split m{/}, $ref;
    return $at;
}
is_deeply [ grep { !resolve($_) } @refs ], [], 'what it refers to is there';
cmp_ok scalar @refs, '>', $table, 'which is something';

done_testing;
