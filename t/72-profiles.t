# SPDX-License-Identifier: Apache-2.0
# The two representations, row by row of the table in the contract: vtiger
# under /restapi/vtap, rest under /api and /hooks; the same definitions.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start(conf => "APIDesignerStatementTimeout 1\n");
my $db = $on->db;
my $v = '/restapi/vtap/api';

sub utf8 ($text) { utf8::encode(my $bytes = $text); $bytes }

# ---- select

is $on->get('/api/orgs')->body, '[{"id":1,"name":"Acme"},{"id":2,"name":"Bolt"}]',
    'rest, select: an array';
is $on->get("$v/orgs")->body, '{"success":true,"result":'
    . '[{"id":"1","name":"Acme"},{"id":"2","name":"Bolt"}]}',
    'vtiger, select: success and result';
is $on->get('/api/people?page=9')->body, '[]', 'rest: nothing found';
is $on->get("$v/people?page=9")->body, '{"success":true,"result":[]}',
    'vtiger: nothing found';

# ---- values: every type, and NULL for every type

is $on->get('/api/people/7x1')->body, utf8('{"id":"7x1",'
    . '"name":"Ann \"A\" Ämter","email":"ann@a.example","age":-7,'
    . '"serial":"9223372036854775807","balance":"1234.50","score":0.1,'
    . '"active":true,"born":"1990-02-28","seen":"2024-01-31T12:30:00Z",'
    . '"wakes":"08:15:00","meta":{"a": [1, null]},"hobbies":["chess","go"],'
    . '"days":["mon","wed"],"photo":"AP8Q","org_id":1,"note":"line\nnext"}'),
    'rest: typed by the column';
is $on->get("$v/people/7x1")->body, utf8('{"success":true,"result":{"id":"7x1",'
    . '"name":"Ann \"A\" Ämter","email":"ann@a.example","age":"-7",'
    . '"serial":"9223372036854775807","balance":"1234.50","score":"0.1",'
    . '"active":"1","born":"1990-02-28","seen":"2024-01-31 12:30:00",'
    . '"wakes":"08:15:00","meta":"{\"a\": [1, null]}",'
    . '"hobbies":"chess |##| go","days":"mon |##| wed","photo":"AP8Q",'
    . '"org_id":"1","note":"line\nnext"}}'), 'vtiger: strings only';
my @fields = qw(email age serial balance score active born seen wakes meta
                hobbies days photo org_id note);
is $on->get('/api/people/7x2')->body, '{"id":"7x2","name":"Bob",'
    . join(',', map { qq("$_":null) } @fields) . '}', 'rest: NULL is null';
is $on->get("$v/people/7x2")->body, '{"success":true,"result":{"id":"7x2",'
    . '"name":"Bob",' . join(',', map { qq("$_":"") } @fields) . '}}',
    'vtiger: NULL is ""';
$db->run(q{UPDATE people SET active = 2, hobbies = '', days = '', note = '',
    meta = '[]', score = 1e300, wakes = '-101:00:00' WHERE id = 3});
my $got = $on->get('/api/people/3')->json;
is_deeply [ @$got{qw(active hobbies days note meta wakes)} ],
    [ Rig->json('true'), [], [], '', [], '-101:00:00' ],
    'rest: a boolean of 2, empty lists, empty text, an odd time';
like $on->get('/api/people/3')->body, qr/"score":1e\+?300,/, '  a large number';
$got = $on->get("$v/people/3")->json->{result};
is_deeply [ @$got{qw(active hobbies days note meta wakes)} ],
    [ '1', '', '', '', '[]', '-101:00:00' ], 'vtiger: the same';
$db->run(q{SET SESSION sql_mode = ''; UPDATE people SET
    seen = '0000-00-00', born = '2024-02-00' WHERE id = 3});
is_deeply [ @{ $on->get('/api/people/3')->json }{qw(seen born)} ],
    [ undef, undef ], 'rest: zero dates are null';
is_deeply [ @{ $on->get("$v/people/3")->json->{result} }{qw(seen born)} ],
    [ '', '' ], 'vtiger: zero dates are ""';

# ---- create

$got = $on->call(POST => '/api/people', json => { name => 'New', age => 5 });
is $got->status, 201, 'rest, create: 201';
my $id = $got->json->{id};
like $id, qr/^7x\d+$/, '  an object';
is $got->header('Location'), "/api/people/$id", '  Location';
is $on->get($got->header('Location'))->json->{name}, 'New', '  leads to it';
is $got->header('X-Outcome'), undef, '  no X-Outcome';
$got = $on->call(POST => "$v/people", json => { name => 'New' });
is $got->status, 200, 'vtiger, create: 200';
is $got->json->{result}{name}, 'New', '  result is an object';
is $got->header('Location'), undef, '  no Location';
$got = $on->call(POST => '/hooks/Hook', basic => 0, json => { name => 'x' },
                 headers => [ Token => $on->token('Hook') ]);
is $got->header('Location'), undef, 'no Location from a Location of webhooks';

# ---- update

$got = $on->call(PUT => "/api/people/$id", json => { age => 6 });
is $got->status, 200, 'rest, update: 200';
is $got->json->[0]{age}, 6, '  an array';
is $got->header('X-Outcome'), 'updated', '  X-Outcome';
$got = $on->call(PUT => "/api/people/$id", json => { age => 6 });
is $got->header('X-Outcome'), 'unchanged', '  unchanged';
$got = $on->call(PUT => "$v/people/$id", json => { age => 7 });
is $got->status, 200, 'vtiger, update: 200';
is $got->json->{result}[0]{age}, '7', '  result is an array';
is $got->header('X-Outcome'), undef, '  no X-Outcome';
$got = $on->call(PATCH => '/api/ages', json => { name => 'P1', age => 99 });
is scalar @{ $got->json }, 3, 'several at once: P10, P11, P12';
$got = $on->call(PATCH => '/api/ages', json => { name => 'zzz', age => 99 });
is $got->status . $got->body, '200[]', 'none at all';

# ---- upsert

my %who = (email => 'up@x.example', name => 'Up');
$got = $on->call(PUT => '/api/people', json => \%who);
is $got->status, 201, 'rest, upsert that creates: 201';
is $got->json->[0]{name}, 'Up', '  an array';
is $got->header('X-Outcome'), 'inserted', '  X-Outcome';
like $got->header('Location'), qr{^/api/people/7x\d+$}, '  Location';
$got = $on->call(PUT => '/api/people', json => \%who);
is $got->status, 200, '  that finds: 200';
is $got->header('X-Outcome'), 'unchanged', '  unchanged';
$got = $on->call(PUT => '/api/people', json => { %who, age => 3 });
is $got->header('X-Outcome'), 'updated', '  updated';
$got = $on->call(PUT => "$v/people", json => { %who, age => 4 });
is $got->status, 200, 'vtiger, upsert: 200';
is $got->json->{result}[0]{age}, '4', '  result is an array';

# ---- delete

$got = $on->call(DELETE => "/api/people/$id");
is $got->status, 204, 'rest, delete: 204';
is $got->body, '', '  no body';
$got = $on->call(DELETE => "$v/people/7x12");
is $got->status, 200, 'vtiger, delete: 200';
is $got->body, '{"success":true,"result":{"status":"successful"}}', '  its body';

# ---- errors

sub problem ($got) {
    my $body = $got->json;
    is $got->header('Content-Type'), 'application/problem+json', '  its type';
    is $body->{type}, 'about:blank', '  type';
    is $body->{title}, $got->reason, '  title';
    is $body->{status}, $got->status, '  status';
    is $body->{request_id}, $got->header('X-Request-Id'), '  request_id';
    return $body;
}

sub vtiger ($got, $status, $code, $message) {
    is $got->status, $status, "vtiger, $code: $status";
    is $got->body, utf8(Rig->to_json({ success => Rig->json('false'),
        error => { code => $code, message => $message } })
        =~ s/^\{"error":(.*),"success":false\}$/{"success":false,"error":$1}/r),
        "  $message";
    is $got->header('Content-Type'), 'application/json', '  its type';
    my $reason = "$code: $message" =~ s/[^ -~]/?/gr;
    is $got->reason, $reason, '  the reason phrase';
}

$got = $on->get('/api/people/7x99');
is $got->status, 404, 'rest: no such record';
is_deeply [ @{ problem($got) }{qw(code detail errors)} ],
    [ 'RECORD_NOT_FOUND', 'Record not found', undef ], '  code and detail';
vtiger($on->get("$v/people/7x99"), 404, 'RECORD_NOT_FOUND', 'Record not found');

my %bad = (name => 'B', email => 'nobody', age => 'x', org_id => 1);
$got = $on->call(POST => '/api/people', json => \%bad);
is $got->status, 422, 'rest: bad values';
is_deeply problem($got)->{errors}, [
    { pointer => '/email', code => 'INVALID_VALUE',
      detail => 'must be an e-mail address' },
    { pointer => '/age', code => 'INVALID_VALUE',
      detail => 'must be a whole number' } ], '  every field in errors';
vtiger($on->call(POST => "$v/people", json => \%bad), 400, 'INVALID_VALUE',
       'email must be an e-mail address; age must be a whole number');

%bad = (name => 'B', email => 'ann@a.example');
$got = $on->call(POST => '/api/people', json => \%bad);
is $got->status, 409, 'rest: a duplicate';
is_deeply problem($got)->{errors}, [ { pointer => '/email',
    code => 'DUPLICATE_RECORD_FOUND', detail => 'Duplicate records found' } ],
    '  the field';
vtiger($on->call(POST => "$v/people", json => \%bad), 400,
       'DUPLICATE_RECORD_FOUND', 'Duplicate records found');

$got = $on->call(POST => '/api/people', json => { name => 'B', org_id => 99 });
is $got->status, 409, 'rest: a broken reference';
is problem($got)->{errors}[0]{pointer}, '/org_id', '  the field';
is $on->call(POST => "$v/people", json => { name => 'B', org_id => 99 })->status,
    400, 'vtiger: a broken reference';

$got = $on->call(POST => '/api/people', json => {});
is $got->status, 422, 'rest: a mandatory field is missing';
is problem($got)->{errors}[0]{pointer}, '/name', '  the field';
is $got->json->{code}, 'MANDATORY_FIELDS_MISSING', '  its code';
is $on->call(POST => "$v/people", json => {})->status, 400, 'vtiger: the same';

is $on->get('/api/people/8x1')->status, 422, "rest: another module's prefix";
is $on->get('/api/people/8x1')->json->{code}, 'INVALID_ID_ATTRIBUTE', '  its code';
is $on->get("$v/people/8x1")->status, 400, 'vtiger: the same';

$got = $on->call(POST => '/api/people', body => '{"name": }',
                 headers => [ 'Content-Type' => 'application/json' ]);
is $got->status, 400, 'rest: unreadable JSON';
is problem($got)->{code}, 'INVALID_JSON', '  its code';
like $got->json->{detail}, qr/\b9\b/, '  the offset';
is $on->call(POST => "$v/people", body => '{"name": }', headers => [
    'Content-Type' => 'application/json' ])->status, 400, 'vtiger: the same';

$on->publish('<api name="Pick"><select module="People"><where>'
    . '<field name="age" value="@ä.~b/c"/></where></select></api>');
$got = $on->get('/api/Pick?%C3%A4.~b/c=%0Ax');
is $got->json->{errors}[0]{pointer}, '/ä/~0b~1c', 'a JSON Pointer is escaped';
$got = $on->get("$v/Pick?%C3%A4.~b/c=%0Ax");
is $got->reason, 'INVALID_VALUE: ??.~b/c must be a whole number',
    'a reason phrase is printable ASCII';

# ---- null in a record

$on->call(PUT => '/api/people/7x1', json => { note => undef, age => 8 });
is $db->value('SELECT note FROM people WHERE id = 1'), undef,
    'rest: an explicit null writes NULL';
$on->call(PUT => "$v/people/7x1", json => { email => undef, age => 9 });
is_deeply $db->row('SELECT email, age FROM people WHERE id = 1'),
    { email => 'ann@a.example', age => 9 }, 'vtiger: it is as if unsent';

# ---- the database away

$db->signal('STOP');
for my $case ([ '/api/orgs', 'rest' ], [ "$v/orgs", 'vtiger' ]) {
    $got = $on->get($case->[0], timeout => 60);
    is $got->status, 503, "$case->[1]: the database is away";
    is $got->json->{code} // $got->json->{error}{code}, 'DATABASE_UNAVAILABLE',
        '  its code';
    is $got->header('Retry-After'), 1, '  Retry-After';
    unlike $got->body, qr/mysql|maria|socket|server/i, '  and nothing of the cause';
}
is $on->get('/apidesigner/health', timeout => 60)->json->{database}, 'away',
    'health tells so';
$db->signal('CONT');
Rig->until(5, 'the database to be back',
           sub { $on->get('/api/orgs')->status == 200 });
pass 'and back';

# ---- no error text of the database's

$db->run('ALTER TABLE orgs RENAME COLUMN name TO title');
$got = $on->get('/api/orgs');
is $got->status, 500, 'a definition out of date';
is problem($got)->{code}, 'INTERNAL_ERROR', '  its code';
unlike $got->body, qr/orgs|t0|column|select/i, '  nothing of the cause';
is $on->get("$v/orgs")->json->{error}{code}, 'INTERNAL_ERROR', 'vtiger: the same';
like $on->web->errors, qr/\[request \Q@{[ $got->header('X-Request-Id') ]}\E\]/,
    '  the log has the request id';

done_testing;
