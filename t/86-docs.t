# SPDX-License-Identifier: Apache-2.0
# Documentation made from definitions: the OpenAPI document tells what the APIs
# really answer, whom it is told, the page, and the operation of the tool.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use OpenAPI;
use Rig;
use Served;
use Test::More;

my $on = Served->start(conf => <<'END');
<Location "/docs">
    APIDesignerServe docs
</Location>
<Location "/restapi/docs">
    APIDesignerServe docs
    APIDesignerProfile vtiger
</Location>
<Location "/hooks-docs/">
    APIDesignerServe docs /hooks
</Location>
<Location "/vtiger-docs">
    APIDesignerServe docs /restapi/vtap/api
</Location>
<Location "/own-docs">
    AuthType Basic
    AuthName "APIs"
    AuthBasicProvider apidesigner
    Require valid-user
    APIDesignerServe docs /one
</Location>
<Location "/one">
    APIDesignerServe api "Person"
    APIDesignerProfile vtiger
</Location>
END
$on->publish(
    '<api name="Old" path="people/{key}" method="patch"><description>Renames
     somebody &amp; more</description><limits minute="7" day="9"/>
     <update module="People"><record><field name="name" value="@name" required="true"/>
     <field name="note" value="@more.note"/><field name="email" value="@more.deep.email"/>
     <field name="age" value="@age" default="5"/></record>
     <where><field name="id" value="@key"/></where></update></api>',
    '<api name="Born" path="born"><select module="People"><record><field name="id"/>
     <field name="org_id.name"/></record><where>
     <field name="born" condition="between" value="@from"/>
     <field name="id" condition="in" value="@ids" optional="true"/>
     <field name="name" condition="contains" value="@part" optional="true"/>
     </where><limit max="@max" page="@page"/></select></api>',
    '<api name="Hidden" path="hidden"><allow users="admin"/><select module="Orgs"/></api>',
    '<api name="Elsewhere" path="elsewhere"><security addresses="192.0.2.7"/>
     <select module="Orgs"/></api>',
    '<api name="Off" path="off" status="inactive"><select module="Orgs"/></api>');

# ---- whom it is told

is $on->get('/docs', basic => 0)->status, 401, 'without credentials';
is $on->get('/docs/openapi.json', basic => [ 'ann', 'x' ])->status, 401, 'with wrong ones';
is $on->get('/docs/style.css', basic => 0)->status, 401, 'everything below it too';
is $on->get('/own-docs', basic => 0)->status, 401, "httpd's own authentication";
is $on->get('/own-docs')->status, 200, '  with it';
is $on->get('/docs/nothing')->status, 404, 'what is not there';
is $on->call(POST => '/docs')->status, 405, 'POST';
is $on->call(OPTIONS => '/docs')->header('Allow'), 'GET, HEAD, OPTIONS', 'OPTIONS';

my $got = $on->get('/docs/openapi.json');
is $got->status, 200, 'the document';
is $got->header('Content-Type'), 'application/json', '  its type';
is $got->header('Cache-Control'), 'private, no-cache', '  is for one reader';
is $on->get('/docs/openapi.json', headers => [ 'If-None-Match' => $got->header('ETag') ])
    ->status, 304, '  If-None-Match';
is $on->get('/docs/openapi.json', headers => [ 'If-Match' => '"x"' ])->status, 412, '  If-Match';
is $on->get('/docs')->body, $got->body, '  the same at the Location itself';

my $doc = OpenAPI->new($got->json);
is_deeply [ $doc->faults ], [], 'the document is sound';
is $got->json->{servers}[0]{url}, $on->web->url, '  the server';

# Which definitions a document tells, as a caller sees them.
sub told ($path, %want) {
    my $data = $on->get($path, %want)->json;
    return join ', ', sort map { my $item = $_; map { $_->{summary} } values %$item }
        values %{ $data->{paths} };
}
my $apis = join ', ', sort('Born', 'Old', grep { !/Hook/ } keys %Served::definition);
is told('/docs'), $apis, 'all that ann may call; not what is hidden, inactive, elsewhere';
my $admin = Served::secret($on->db->ctl_ok('user', 'key', 'admin'));
$on->settle;
is told('/docs', basic => [ 'admin', $admin ]), join(', ', sort('Born', 'Hidden', 'Old',
    keys %Served::definition, grep { /Hook/ } keys %Served::definition)),
    'admin: what was hidden, and webhooks with both methods';
is told('/hooks-docs/', basic => [ 'admin', $admin ]),
    'Hook, Hook, Query Hook, Query Hook', 'one Location';
is told('/own-docs'), 'Person', 'a Location of one definition';
is join(' ', keys %{ $on->get('/own-docs')->json->{paths} }), '/one', '  at its own path';

# What a group does not give is not told: definitions, and fields of them.
$on->db->ctl_ok(qw(group add readers));
$on->db->ctl_ok(qw(group right readers People --allow read --hidden), 'email,age');
my $low = Rig->json($on->db->ctl_ok(qw(--json user add low --groups readers)))->{key};
$on->settle;
my @low = (basic => [ 'low', $low ]);
is told('/docs', @low), join(', ', sort('Born', 'All People', 'Find', 'People', 'People After', 'Person')),
    'a group that reads one module';
my $seen = OpenAPI->new($on->get('/docs', @low)->json)->operation(get => '/api/people/{id}')
    ->{responses}{200}{content}{'application/json'}{schema}{properties};
is_deeply [ grep { $seen->{$_} } qw(id name email age) ], [qw(id name)], '  hidden fields are not told';

# Nor are the fields of requests that would be refused, and what needs one.
$on->publish('<api name="Aged" path="aged"><select module="People"><where>
     <field name="age" value="@from" condition="greaterorequal" optional="true"/>
     <field name="name" value="@name" optional="true"/></where></select></api>',
    '<api name="Set" path="set/{id}" method="put"><update module="People"><record>
     <field name="age" value="@in.age"/><field name="email" value="@mail"/>
     <field name="note" value="@note"/><field name="score" value="@score" default="1"/></record>
     <where><field name="id" value="@id"/></where></update></api>',
    '<api name="Set Age" path="set-age/{id}" method="put"><update module="People"><record>
     <field name="age" value="@age" required="true"/></record>
     <where><field name="id" value="@id"/></where></update></api>');
$on->db->ctl_ok(qw(group add writers));
$on->db->ctl_ok(qw(group right writers People --hidden age --allow), 'read,update', '--readonly', 'email,score');
my $mid = Rig->json($on->db->ctl_ok(qw(--json user add mid --groups writers)))->{key};
$on->settle;
my @mid = (basic => [ 'mid', $mid ]);
my $short = OpenAPI->new($on->get('/docs', @mid)->json);
is_deeply [ $short->faults ], [], 'the document of who may not write all is sound';
my $set = $short->operation(put => '/api/set/{id}');
is_deeply [ sort keys %{ $set->{requestBody}{content}{'application/json'}{schema}{properties} } ],
    ['note'], '  fields that may not be written are not in the body';
is_deeply [ map { $_->{name} } grep { ($_->{in} // '') eq 'query' } @{ $short->operation(get => '/api/aged')->{parameters} } ],
    ['name'], '  nor is what is hidden asked for';
is $short->operation(put => '/api/set-age/{id}'), undef, '  nor told what needs such a field';
unlike $on->get('/docs', @mid, headers => [ Accept => 'text/html' ])->body, qr{<code>(?:in\.age|mail|score)</code>|whose age is at}i,
    '  on the page neither';
is $on->call(PUT => '/api/set/7x1', @mid, json => { score => 3 })->status, 403, '  it would be refused';
$on->db->ctl_ok('drop', $_) for 'Aged', 'Set', 'Set Age';
$on->settle;

$on->db->ctl_ok('module', 'apply', Served::files('<module name="Notes"><table name="people" key="id"/>'
    . '<key made="auto" type="integer" bits="32" unsigned="true"/>'
    . '<field name="note" type="text" mandatory="true"/></module>'));
$on->publish('<api name="Note" path="note/{id}" method="put"><update module="Notes"><record><field name="id" value="@id"/>'
    . '<field name="note" value="@note"/></record></update></api>');
my $note = OpenAPI->new($on->get('/docs', basic => [ 'admin', $admin ])->json)->operation(put => '/api/note/{id}')
    ->{requestBody}{content}{'application/json'}{schema};
is_deeply [ $note->{required}, @{ $note->{properties}{note} }{qw(type minLength)} ], [ undef, 'string', 1 ],
    'what is mandatory may be left out of an update, but not emptied';
is $on->call(PUT => '/api/note/2', json => $_)->status, 422, '  it would be refused'
    for { note => undef }, { note => '' };
$on->db->ctl_ok(drop => 'Note');
$on->db->ctl_ok(qw(module drop Notes));
$on->settle;

# ---- what is told

my $old = $doc->operation(patch => '/api/people/{id}');
is $old->{summary}, 'Old', 'parts of another name: the path is one';
is_deeply [ map { "$_->{in} $_->{name}" } grep { $_->{name} } @{ $old->{parameters} } ],
    [ 'path id' ], '  with the name of the first';
is $old->{description}, "Renames\n     somebody & more At most 7 calls a minute. "
    . 'At most 9 calls a day.', '  description and limits';
is $old->{'x-version'}, 1, '  version';
is_deeply [ sort map { $doc->resolve($_)->{name} } grep { $_->{'$ref'} } @{ $old->{parameters} } ],
    [ 'API-Version', 'Idempotency-Key', 'If-Match' ], '  headers that it takes';
is_deeply [ grep { /Rate/ } sort keys %{ $old->{responses}{200}{headers} } ],
    [ 'RateLimit', 'RateLimit-Policy' ], '  and gives';
is $old->{responses}{412}{description}, 'PRECONDITION_FAILED', '  a record that was changed';
is_deeply [ sort keys %{ $old->{responses}{429}{headers} } ], [ 'Retry-After', 'X-Request-Id' ],
    '  when to come again';
my $put = $doc->operation(put => '/api/people')->{responses};
ok $put->{200}{headers}{'Idempotency-Replayed'}, '  that it was done before';
is_deeply [ map { defined $put->{$_}{headers}{Location} ? $_ : () } sort keys %$put ], [201],
    '  where a record is that an upsert made';
is_deeply $old->{security}, [ { basic => [] } ], '  security';
my $body = $old->{requestBody}{content}{'application/json'}{schema};
is_deeply $body->{required}, ['name'], 'a body: what is required';
is_deeply $body->{properties}{name},
    { type => 'string', minLength => 1, maxLength => 80, description => 'Value of name' }, '  a text';
is_deeply $body->{properties}{age},
    { type => [ 'integer', 'null' ], format => 'int32', minimum => -10, maximum => 200,
      description => "Value of age; if it is not sent, '5' is" }, '  a number';
is $body->{properties}{more}{properties}{deep}{properties}{email}{format}, 'email',
    '  an object in an object';

my %param = map { $_->{name} => $_ } grep { $_->{name} }
    @{ $doc->operation(get => '/api/born')->{parameters} };
is_deeply $param{from}{schema},
    { type => 'array', minItems => 2, maxItems => 2,
      items => { type => 'string', format => 'date' },
      description => 'Records of People whose born is from the first to the second of these' },
    'between';
is_deeply $param{ids}{schema}{items}, { type => 'string' }, 'in, ids with a prefix';
is_deeply $param{part}{schema}, { type => 'string',
    description => 'Records of People whose name contains this' }, 'contains';
is_deeply $param{max}{schema}, { type => 'integer', minimum => 1,
    description => 'How many records at most' }, 'limit';
ok !$param{from}{required}, 'what a select does without is not required';
my $add = $doc->operation(post => '/api/people')->{requestBody}{content}{'application/json'}{schema};
is_deeply $add->{properties}{hobbies}{items}, { type => 'string',
    enum => [qw(chess go tennis)] }, 'choices';
is $doc->operation(get => '/api/Get%20(Odd)%20A+b-C/d%20%c3%a9')->{summary},
    'Get (Odd) A+b-C/d é', 'a path is encoded';
is_deeply(OpenAPI->new($on->get('/hooks-docs/', basic => [ 'admin', $admin ])->json)
    ->operation(post => '/hooks/Query%20Hook')->{security}, [ { token_query => [] } ],
    'the place of a token');

# ---- what is told is what is answered

my $vtiger = OpenAPI->new($on->get('/restapi/docs')->json);
is_deeply [ $vtiger->faults ], [], 'profile vtiger: the document is sound';
is told('/vtiger-docs'), $apis, '  named by its path: all of it';
my %sent = (name => 'Eve', email => 'e@x.example', age => 5, balance => '1.5', score => 2.25,
    active => Rig->json('true'), born => '2000-02-29', seen => '2020-01-01T00:00:00Z',
    wakes => '07:30:00', meta => { a => 1 }, hobbies => ['go'], days => ['mon'],
    photo => 'AAAA', org_id => 1, note => 'x', serial => '12345678901234567');
for my $profile ([ $doc, '/api', 'rest' ], [ $vtiger, '/restapi/vtap/api', 'vtiger' ]) {
    my ($of, $base, $name) = @$profile;
    my $check = sub ($method, $path, $template, %want) {
        my $got = $on->call(uc $method => "$base/$path", %want);
        my $told = $of->operation($method, "$base/$template");
        is_deeply [ $of->answers($told, $got) ], [],
            "$name: $method $path answers what is told (" . $got->status . ')';
        return $got;
    };
    is_deeply [ $of->misfits(\%sent, $of->operation(post => "$base/people")
        ->{requestBody}{content}{'application/json'}{schema}) ], [], "$name: what is sent fits";
    $check->(get => 'people/1', 'people/{id}');
    $check->(get => 'people/2', 'people/{id}');
    $check->(get => 'people/2', 'people/{id}', headers => [ 'If-None-Match', '*' ]);
    $check->(get => 'people/999', 'people/{id}');
    $check->(get => 'people/4x1', 'people/{id}');
    $check->(get => 'people', 'people');
    $check->(get => 'people/after', 'people/after');
    $check->(get => 'orgs', 'orgs');
    $check->(get => 'born?from[]=1980-01-01&from[]=2020-01-01', 'born');
    $check->(get => 'orgs', 'orgs', basic => 0);
    my $made = $check->(post => 'people', 'people', json => \%sent);
    my $id = $made->json->{result}{id} // $made->json->{id};
    $check->(post => 'people', 'people', json => \%sent);
    $check->(post => 'people', 'people', json => { name => 'x', age => 'old' });
    $check->(post => 'people', 'people', body => '{', headers => [ 'Content-Type', 'application/json' ]);
    $check->(put => "people/$id", 'people/{id}', json => { %sent, age => 6 });
    $check->(put => 'people', 'people', json => { %sent, age => 7 });
    $check->(put => 'people', 'people', json => { name => 'New', email => "$name\@x.example" });
    $check->(patch => "people/$id", 'people/{id}', json => { name => 'Ev' });
    $check->(patch => "people/$id", 'people/{id}', json => {});
    $check->(delete => "people/$id", 'people/{id}');
}

# The checker itself: what does not fit is found.
my $person = $doc->operation(get => '/api/people/{id}')->{responses}{200}{content}
    {'application/json'}{schema};
my $right = $on->get('/api/people/1')->json;
for my $wrong ([ id => 1 ], [ age => 'x' ], [ active => 1 ], [ born => '1.2.2000' ],
               [ hobbies => 'chess' ], [ name => undef ], [ serial => 5 ], [ extra => 1 ]) {
    is scalar(() = $doc->misfits({ %$right, @$wrong }, $person)), 1, "@{[ $wrong->[0] ]} would be found";
}

# ---- the page

$got = $on->get('/docs', headers => [ Accept => 'text/html,application/xhtml+xml' ]);
is $got->status, 200, 'the page';
is $got->header('Content-Type'), 'text/html; charset=utf-8', '  its type';
is $got->header('Vary'), 'Accept', '  depends on Accept';
like $got->header('Content-Security-Policy'), qr/^default-src 'none'; style-src 'self';/,
    '  nothing runs';
my $page = $got->body;
utf8::decode($page);
unlike $page, qr/<script|style=|\bon\w+=/i, '  nothing that would';
like $page, qr{<link rel="stylesheet" href="/docs/style.css">}, '  its stylesheet';
is $on->get('/docs/style.css')->header('Content-Type'), 'text/css', '    is there';
like $page, qr{<a href="/docs/openapi.json">}, '  the document';
like $page, qr{<p>Renames\s+somebody &amp; more</p>}, '  text is escaped';
unlike $page, qr/Hidden/, '  what is not for ann is not there';
my ($section) = $page =~ m{(<section[^>]*>\s*<h2[^>]*>Old</h2>.*?</section>)}s;
my $url = $on->web->url;
is $section, <<"END" =~ s/\n\z//r, '  a definition';
@{[ $section =~ /^(.*)\n/ ]}
@{[ $section =~ /\n(.*)\n/ ]}
<p><code>patch /api/people/{key}</code></p>
<p>Renames
     somebody &amp; more</p>
<p>Version 1. At most 7 calls a minute. At most 9 calls a day.</p>
<table><caption>Parameters</caption><thead><tr><th scope="col">Name</th><th scope="col">In</th><th scope="col">Required</th><th scope="col">Value</th><th scope="col">What it is</th></tr></thead><tbody>
<tr><th scope="row"><code>key</code></th><td>path</td><td>yes</td><td>the id of a record</td><td>Records of People whose ID is this</td></tr>
<tr><th scope="row"><code>name</code></th><td>body</td><td>yes</td><td>text of one line</td><td>Value of name</td></tr>
<tr><th scope="row"><code>more.note</code></th><td>body</td><td>no</td><td>text</td><td>Value of note</td></tr>
<tr><th scope="row"><code>more.deep.email</code></th><td>body</td><td>no</td><td>an e-mail address</td><td>Value of email</td></tr>
<tr><th scope="row"><code>age</code></th><td>body</td><td>no</td><td>a whole number</td><td>Value of age; if it is not sent, '5' is</td></tr>
</tbody></table>
<h3>Request</h3>
<pre tabindex="0"><code>curl -X PATCH -u USER:KEY -H 'Content-Type: application/json' \\
    -d '{&quot;name&quot;:&quot;text&quot;,&quot;more&quot;:{&quot;note&quot;:&quot;Some text&quot;,&quot;deep&quot;:{&quot;email&quot;:&quot;ann\@example.com&quot;}},&quot;age&quot;:-10}' \\
    '$url/api/people/7x1'</code></pre>
<h3>Answer</h3>
<pre tabindex="0"><code>[{
  &quot;id&quot;: &quot;7x1&quot;,
  &quot;name&quot;: &quot;text&quot;,
  &quot;note&quot;: &quot;Some text&quot;,
  &quot;email&quot;: &quot;ann\@example.com&quot;,
  &quot;age&quot;: -10
}]</code></pre>
</section>
END

# ---- the tool

my $all = Rig->json($on->db->ctl_ok('openapi', '--server', 'https://www.example'));
is_deeply [ OpenAPI->new($all)->faults ], [], 'openapi: the document is sound';
is_deeply [ sort map { s{^/api/}{}r } grep { m{^/api/} } keys %{ $all->{paths} } ],
    [ sort 'hidden', 'elsewhere', map { s{^/api/}{}r } keys %{ $doc->{data}{paths} } ],
    '  all that is active, whoever may call';
my $one = Rig->json($on->db->ctl_ok('openapi', 'Hook', '--profile', 'vtiger',
    '--webhook', '/in', '--json'));
is_deeply [ sort keys %{ $one->{paths} } ], ['/in/Hook'], '  of one, elsewhere';
is_deeply [ sort keys %{ $one->{components}{schemas} } ], ['Error'], '  in profile vtiger';
my ($draft) = Served::files('<api name="Old" path="new"><select module="Orgs"/></api>');
$on->db->ctl_ok('draft', 'save', $draft);
is join(' ', keys %{ Rig->json($on->db->ctl_ok('openapi', 'Old', '--version', 0))->{paths} }),
    '/api/new', '  of a draft';
is join(' ', keys %{ Rig->json($on->db->ctl_ok('openapi', 'Old', '--version', 1))->{paths} }),
    '/api/people/{key}', '  of a version';
my $slashes = Rig->json($on->db->ctl_ok('openapi', 'Hook', '--server', 'https://www.example/', '--webhook', '/in/'));
is join('', $slashes->{servers}[0]{url}, keys %{ $slashes->{paths} }), 'https://www.example/in/Hook',
    '  one slash between the parts of a URL';
for my $wrong ([ 1, 'Nobody' ], [ 1, 'Orgs', '--version', 0 ], [ 2, '--profile', 'soap' ], [ 2, '--api', 'api' ]) {
    my ($code, @words) = @$wrong;
    is $on->db->ctl('openapi', @words)->{code}, $code, "openapi @words is refused";
}

# ---- the configuration

for my $wrong (['/api', 'docs "People"', qr{such as /api}],
               ['/api', 'docs /nowhere', qr{no <Location "/nowhere"> serves}]) {
    my ($at, $what, $says) = @$wrong;
    my $test = Rig::Apache->test("<Location \"/x\">\nAPIDesignerServe $what\n</Location>\n",
        database => $on->db);
    isnt $test->{code}, 0, "APIDesignerServe $what";
    like "$test->{err}$test->{out}", $says, '  a sentence';
}

done_testing;
