# SPDX-License-Identifier: Apache-2.0
# Corners of the contract that careful callers run into: what is answered to
# odd but legal requests, and to those that are not.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start;
my $form = 'application/x-www-form-urlencoded';
my $got;

sub post ($path, $type, $body) {
    return $on->call(POST => $path, body => $body,
                     headers => [ 'Content-Type' => $type ]);
}

# ---- a part of an answer is no JSON: ranges are not served

for my $range ('bytes=0-3', 'bytes=0-3,5-6', 'bytes=9999-') {
    $got = $on->get('/api/orgs', headers => [ Range => $range ]);
    is $got->status, 200, "Range: $range";
    is scalar @{ $got->json }, 2, '  the whole answer';
}
$got = $on->call(POST => '/restapi/vtap/webhook/Hook', basic => 0,
    json => { name => 'R' },
    headers => [ Token => $on->token('Hook'), Range => 'bytes=0-3' ]);
is $got->status, 200, 'Range of a write';
is $got->json->{result}{name}, 'R', '  the whole answer';

# ---- a body that breaks off or is coded wrong: one answer, and JSON

for my $profile ('/api', '/restapi/vtap/api') {
    my $client = $on->web->connect;
    $client->send(Rig::Client::request_text(POST => "$profile/people", 1,
        basic => [ 'ann', $on->key('ann') ], body => "zz\r\n{}\r\n0\r\n\r\n",
        headers => [ 'Content-Type' => 'application/json',
                     'Transfer-Encoding' => 'chunked', Connection => 'close' ]));
    $got = $client->answer('POST');
    is $got->status, 400, "$profile: chunks that are none";
    like $got->header('Content-Type'), qr{^application/(?:problem\+)?json$},
        '  its type';
    like $got->body, qr/^\{.*"INVALID_REQUEST".*\}$/, '  one object';
}

# ---- headers hold ASCII only, and what is in them is quoted

$on->publish('<api name="Page" path="page/é"><select module="People"><record>'
    . '<field name="id"/></record><limit max="1" page="@page"/></select></api>');
$got = $on->get("/api/page/\xc3\xa9?x=\xc3\xa9>;%3E\"");
is $got->header('Link'),
    '</api/page/%C3%A9?x=%C3%A9%3E;%3E%22&page=2>; rel="next"',
    'Link to a page of a request with odd characters';
$on->publish('<api name="Open" path="open"><security origins="*"/>'
    . '<select module="Orgs"/></api>');
$got = $on->get('/api/open', headers => [ Origin => "https://\xff.example" ]);
is $got->header('Access-Control-Allow-Origin'), '*', 'any origin is *';

# ---- binding

$on->publish('<api name="Deep" path="deep" method="post">'
    . '<create module="People"><record><field name="name" value="@a.b"/>'
    . '<field name="days" value="@days"/>'
    . '<field name="hobbies" value="@hobbies"/></record></create></api>');
is $on->call(POST => '/api/deep?a.b=query', json => { a => { b => 'body' } })
    ->json->{name}, 'body', 'a nested parameter of the body over the query';
is $on->call(POST => '/api/deep?a[b]=query', json => { a => { c => 1 } })
    ->json->{name}, 'query', '  the query where the body has nothing';
$got = post('/api/deep', $form, 'a.b=f&days=["mon","wed"]&hobbies=[]');
is_deeply [ @{ $got->json // {} }{qw(days hobbies)} ], [ [qw(mon wed)], [] ],
    'JSON arrays in a form for fields of several choices' or diag $got->body;
is post('/api/deep', $form, 'a.b=f&days=[1')->status, 422, '  none of them';

for my $twice ('/api/people?page=2&page=3', '/api/people?page[]=2',
               '/api/people/after?cursor=a&cursor=b') {
    $got = $on->get($twice);
    is $got->status, 422, "$twice: not the first page";
    like $got->json->{errors}[0]{pointer}, qr{^/(?:page|cursor)$}, '  its name';
}

# ---- errors

sub pointers ($got) { join ' ', map { $_->{pointer} } @{ $got->json->{errors} } }

is pointers($on->call(PUT => '/api/people/7xz', json => { age => 'x',
    born => 'y' })), '/age /born /id', 'bad fields and a bad id in one answer';
is pointers($on->call(PATCH => '/api/ages', json => { age => 'x',
    name => [1] })), '/age /name', '  and a bad condition';
is pointers($on->call(PATCH => '/api/ages', json => { age => 'x' })),
    '/age /name', '  and one that was not sent';
is pointers($on->call(PUT => '/api/people', json => { email => 'x', age => 'x',
    name => 'x' })), '/email /age', '  a parameter bound twice is told of once';
for my $case ([ 'x=%FF', 'x is not UTF-8 text' ],
              [ 'x=%00', 'x holds the character U+0000' ],
              [ '%FF=1', 'a name is not UTF-8 text' ],
              [ '%00=1', 'a name holds the character U+0000' ]) {
    is $on->get("/api/orgs?$case->[0]")->json->{detail}, $case->[1], $case->[1];
}

# ---- no text that was sent empty makes a write match all

$on->publish('<api name="Purge" path="purge" method="post">'
    . '<delete module="People"><where><field name="name" value="@name"'
    . ' condition="startswith"/></where></delete></api>');
$got = $on->call(POST => '/api/purge', json => { name => '' });
is $got->status, 422, 'a delete of what starts with nothing';
is $got->json->{errors}[0]{detail},
    'must not be empty: records are matched by it', '  why' or diag $got->body;

# ---- nor an id that was not sent

$on->publish('<api name="Close" path="close" method="post"><update module="People"><record>'
    . '<field name="id" value="@id"/><field name="note" value="@note"/></record>'
    . '<where><field name="org_id" value="2"/></where></update></api>',
    '<api name="Close Found" path="close/found" method="post"><select module="People" one="true" as="found">'
    . '<where><field name="name" value="@name"/></where></select><update module="People"><record>'
    . '<field name="id" value="@found.org_id"/><field name="note" value="@note"/></record>'
    . '<where><field name="org_id" value="2"/></where></update></api>');
for my $sent ({}, { id => undef }, { id => '' }) {
    $got = $on->call(POST => '/api/close', json => { note => 'all', %$sent });
    is join(' ', $got->status, pointers($got)), '422 /id', 'an update by an id: ' . Rig->to_json($sent);
}
$got = $on->call(POST => '/api/close/found', json => { note => 'all', name => 'Bob' });
is $got->status, 422, 'an update by the id of a result that is empty' or diag $got->body;
is $on->db->value(q{SELECT COUNT(*) FROM people WHERE note = 'all'}), 0, '  nothing is changed';
$got = $on->call(POST => '/api/close', json => { note => 'all', id => '7x3' });
is $got->status, 200, 'with it';
is $on->db->value(q{SELECT GROUP_CONCAT(id) FROM people WHERE note = 'all'}), 3, '  the one record is';

# ---- what an operation above did not find is nothing that can be sent

my $found = '<select module="People" one="true" as="found"><where><field name="name" value="@name"/></where></select>';
$on->publish(qq(<api name="Purge Like" path="purge/like" method="post">$found<delete module="People"><where>)
    . '<field name="note" value="@found.note"/></where></delete></api>',
    qq(<api name="Purge Found" path="purge/found" method="post">) . ($found =~ s/ one="true"//r) . qq(<delete module="People"><where>)
    . '<field name="id" value="@found.id"/></where></delete></api>',
    qq(<api name="Name Found" path="name/found" method="post">$found<create module="Orgs"><record>)
    . '<field name="name" value="@found.note"/></record></create></api>');
for my $case ([ 'close/found', 'Bob', '@found.org_id', 'the field is empty' ],
              [ 'purge/like', 'Bob', '@found.note', 'the field is empty' ],
              [ 'name/found', 'Bob', '@found.note', 'the field is empty' ],
              [ 'purge/found', 'Nobody', '@found.id', 'no record was found' ]) {
    my ($path, $name, $result, $why) = @$case;
    my $sent = { name => $name, note => 'x' };
    my $text = "'$result' has no value: $why";
    my $json = $on->call(POST => "/api/$path", json => $sent)->json;
    is "$json->{status} $json->{detail}", "422 $text", "$path: $why";
    is_deeply [ grep { exists $_->{pointer} } @{ $json->{errors} // [] } ], [], '  no field is at fault';
    is $on->call(POST => "/restapi/vtap/api/$path", json => $sent)->json->{error}{message}, $text, '  in vtiger';
}

# ---- nor is the field of another record that refers to one

$on->db->run('CREATE TABLE node (id INT AUTO_INCREMENT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES node (id));
    INSERT INTO node VALUES (1, NULL), (2, 1)');
$on->db->ctl_ok('module', 'apply', Served::files('<module name="Node"><table name="node" key="id"/>'
    . '<field name="parent" type="reference" refers="Node" bits="32"/></module>'));
$on->publish('<api name="Fell" path="nodes/{id}" method="delete"><delete module="Node"><where><field name="id" value="@id"/>'
    . '</where></delete></api>');
$got = $on->call(DELETE => '/api/nodes/1');
is join(' ', $got->status, $got->json->{code}, grep { defined } map { $_->{pointer} } @{ $got->json->{errors} // [] }),
    '409 REFERENCE_INVALID', 'a record that another refers to';

# ---- the names in the answer of what is written

$on->publish('<api name="Name Org" path="orgs/names" method="post"><create module="Orgs" as="made"><record>'
    . '<field name="name" value="@name" as="title"/></record></create>'
    . '<update module="Orgs"><record><field name="id" value="@made.id" as="key"/><field name="name" value="@made.title" as="title"/>'
    . '</record></update></api>',
    '<api name="Add Named" path="orgs/named" method="post"><create module="Orgs"><record>'
    . '<field name="name" value="@name" as="title"/></record></create></api>');
is_deeply [ map { sort keys %$_ } $on->call(POST => '/api/orgs/named', json => { name => 'Named' })->json ],
    [qw(id title)], 'a field that is written is answered as its record says';
is_deeply [ map { sort keys %$_ } $on->call(POST => '/api/orgs/names', json => { name => 'Names' })->json->[0] ],
    [qw(key title)], '  and so is the id; what is bound knows that name';

# ---- a reference in a column of text

$on->db->run(q{CREATE TABLE staff (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), boss VARCHAR(20) NOT NULL DEFAULT '');
    INSERT INTO staff VALUES (1, 'Ada', ''), (2, 'Bea', '1'), (3, 'Cas', 'nobody')});
$on->db->ctl_ok('module', 'apply', Served::files(<<'XML'));
<module name="Staff" prefix="9x">
  <table name="staff" key="id"/>
  <field name="name" type="string" length="20"/>
  <field name="boss" type="reference" refers="Staff" basetype="string" nullable="false"/>
</module>
XML
$on->publish('<api name="Staff" path="staff"><select module="Staff"><record><field name="name"/><field name="boss.name"/></record>'
    . '<where><field name="boss" value="@boss" optional="true"/></where></select></api>',
    '<api name="Hire" path="staff" method="post"><create module="Staff"><record><field name="name" value="@name"/>'
    . '<field name="boss" value="@boss"/></record><return><field name="boss"/></return></create></api>');
is $on->get('/api/staff?boss=0')->body, '[]', 'no text is the number 0';
is $on->get('/api/staff?boss=9x1')->body, '[{"name":"Bea","boss.name":"Ada"}]', 'the text of a number is';
is pointers($on->get('/api/staff?boss=nobody')), '/boss', '  and nothing else is looked for';
is $on->call(POST => '/api/staff', json => { name => 'Dan', boss => '9x02' })->body, '{"boss":"9x2"}', '  nor written';
is $on->db->value(q{SELECT boss FROM staff WHERE name = 'Dan'}), 2, '  without its prefix';
is pointers($on->call(POST => '/api/staff', json => { name => 'Eve', boss => 'nobody' })), '/boss', '  as it stands';

# ---- booleans in a column of text; constants; references to what is gone; picklists of numbers

$on->db->run(q{CREATE TABLE odd (id INT AUTO_INCREMENT PRIMARY KEY, flag VARCHAR(5), level INT, later VARCHAR(20));
    CREATE TABLE odd_more (odd_id INT PRIMARY KEY, kind VARCHAR(9), b VARCHAR(9));
    INSERT INTO odd (flag, level, later) VALUES ('1', -1, 'x'), ('0', 0, 'y'), ('yes', 1, NULL), (NULL, 1, NULL), ('', 1, NULL)});
$on->db->ctl_ok('module', 'apply', Served::files(<<'XML'));
<module name="Odd">
  <table name="odd" key="id"/><table name="odd_more" key="odd_id"/>
  <constant table="odd_more" column="kind" value="ours" on="both"/>
  <field name="flag" type="boolean" basetype="string"/>
  <field name="level" type="picklist"><value>-1</value><value>0</value><value>1</value></field>
  <field name="later" type="reference" refers="Nowhere"/>
  <field name="kind" table="odd_more" type="string" length="9"/>
  <field name="b" table="odd_more" type="string" length="9"/>
</module>
XML
$on->publish('<api name="Odd" path="odd"><select module="Odd"><record><field name="id"/></record><where>'
    . '<field name="flag" value="@flag" optional="true"/><field name="level" value="@level" optional="true"/></where></select></api>',
    '<api name="Odd later" path="odd/later"><select module="Odd"><record><field name="later"/></record></select></api>',
    '<api name="Odd Set" path="odd" method="put"><update module="Odd"><record><field name="id" value="@id"/>'
    . '<field name="kind" value="@kind"/><field name="b" value="@b"/></record></update></api>',
    '<api name="Odd Add" path="odd" method="post"><create module="Odd"><record><field name="flag" value="@flag"/>'
    . '<field name="kind" value="@kind"/></record><return><field name="kind"/></return></create></api>');
sub odd ($query) { join ' ', map { $_->{id} } @{ $on->get("/api/odd?$query")->json } }
is odd($_->[0]), $_->[1], "$_->[0]" for [ 'flag=1', 1 ], [ 'flag=true', 1 ], [ 'flag=false', 2 ], [ 'level=-1', 1 ];
is $on->get('/api/odd/later')->status, 200, 'a reference to a module that is not there is read';
is $on->call(PUT => '/api/odd', json => { id => 2, kind => 'mine', b => 'b' })->status, 200, 'a row that is missing is made';
is $on->db->value('SELECT kind FROM odd_more WHERE odd_id = 2'), 'ours', '  with its constant';
is $on->call(POST => '/api/odd', json => { flag => 1, kind => 'mine' })->body, '{"kind":"ours"}', '  and so is a new one';

# ---- what is wrong with a limit is told of what was sent

$on->publish('<api name="Most" path="most"><select module="Orgs"><limit max="@most"/></select></api>');
is $on->get("/api/most?most=$_")->json->{errors}[0]{pointer}, '/most', "most=$_" for 0, -1, 'x', '[1]';

# ---- a cursor is good for one list

$on->db->run(q{CREATE TABLE texts (id INT PRIMARY KEY, name VARCHAR(80)); CREATE TABLE numbers (id INT PRIMARY KEY, name DECIMAL(9,2));
    INSERT INTO numbers VALUES (1, 1), (2, 2)});
$on->db->run(q{INSERT INTO texts VALUES (1, CONCAT('z.', REPEAT('1', 48))), (2, 'zz')});
$on->db->ctl_ok('module', 'import', $_) for qw(texts numbers);
$on->publish(map { qq(<api name="$_"><select module="$_"><sort><field name="name"/></sort><limit max="1" after="\@c"/></select></api>) }
    qw(texts numbers));
my ($cursor) = $on->get('/api/texts')->header('Link') =~ /[?&]c=([^&>]+)/;
is $on->get("/api/texts?c=$cursor")->status, 200, 'a cursor leads on';
is $on->get("/api/numbers?c=$cursor")->status, 422, '  in its own list';

done_testing;
