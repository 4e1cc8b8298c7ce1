# SPDX-License-Identifier: Apache-2.0
# Bodies: content types, sizes, JSON by RFC 8259, forms read leniently, what
# wins over what, and text that comes back byte for byte.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start(conf => <<'END');
<Location "/small">
    APIDesignerServe api
    APIDesignerMaxBody 50
</Location>
<Location "/limited">
    APIDesignerServe api
    LimitRequestBody 40
</Location>
END
$on->publish('<api name="Echo" method="post"><select module="Orgs" one="true">'
    . '<record><field name="id"/></record><where><field name="name" '
    . 'value="@name"/></where></select></api>',
    '<api name="Deep" method="post"><create module="People"><record>'
    . '<field name="name" value="@who.first.name"/>'
    . '<field name="note" value="@note"/></record></create></api>');
my $json = 'application/json';
my $form = 'application/x-www-form-urlencoded';

sub bytes ($text) { utf8::encode(my $bytes = $text); $bytes }

# Sends a body of a type; gives the answer.
sub post ($body, $type, %want) {
    return $on->call(($want{method} // 'POST'), $want{path} // '/api/people',
        body => $body,
        headers => [ defined $type ? ('Content-Type' => $type) : (),
                     @{ $want{headers} // [] } ]);
}

sub code ($got) { $got->json->{code} // '' }

# ---- content types

for my $type ($json, 'application/json; charset=utf-8', 'Application/JSON',
              'application/json;charset="UTF-8"', 'application/json; charset=utf8',
              'application/vnd.api+json', 'text/x+json', 'application/json; v=1') {
    is post('{"name":"J"}', $type)->status, 201, $type;
}
is post('name=F', $_)->status, 201, $_ for $form, "$form; charset=UTF-8";
my $parts = join "\r\n", '--x', 'Content-Disposition: form-data; name="name"',
    '', 'M', '--x--', '';
is post($parts, 'multipart/form-data; boundary=x')->status, 201, 'multipart';
for my $type (undef, 'text/plain', 'application/xml', 'application/jsonx', '',
              "$json; charset=iso-8859-1", "$form; charset=latin1") {
    my $got = post('{"name":"J"}', $type);
    is $got->status, 415, 'not ' . ($type // 'without a type');
    is code($got), 'UNSUPPORTED_MEDIA_TYPE', '  its code';
}
is post('', $json, method => 'GET', path => '/api/orgs')->status, 200,
    'a JSON type and no body is no error';
is post('', 'text/plain', method => 'GET', path => '/api/orgs')->status, 200,
    'nor is another type and no body';
is code(post('', $json)), 'MANDATORY_FIELDS_MISSING', '  there is only no name';
is_deeply post('{"name":"Bob"}', $json, method => 'GET', path => '/api/find')
    ->json, [ { name => 'Bob' } ], 'GET with a JSON body';
my $id = post('{"name":"gone"}', $json)->json->{id};
$on->publish('<api name="Drop" method="delete"><delete module="People"><where>'
    . '<field name="id" value="@id"/></where></delete></api>');
is post(qq({"id":"$id"}), $json, method => 'DELETE', path => '/api/Drop')
    ->status, 204, 'DELETE with a JSON body';

is post("\x1f\x8b", $json, headers => [ 'Content-Encoding' => 'gzip' ])->status,
    415, 'a compressed body that nobody unpacked';
is post('{"name":"J"}', $json, headers => [ 'Content-Encoding' => 'identity' ])
    ->status, 201, 'Content-Encoding: identity';

# ---- sizes

my $fifty = '{"name":"' . 'x' x 39 . '"}';
is length $fifty, 50, 'fifty bytes';
is post($fifty, $json, path => '/small/people')->status, 201,
    'as long as APIDesignerMaxBody';
my $got = post("$fifty ", $json, path => '/small/people');
is $got->status, 413, 'one byte more';
is code($got), 'PAYLOAD_TOO_LARGE', '  its code';
is post($fifty, $json, path => '/limited/people')->status, 413,
    'more than LimitRequestBody';
is post('{"name":"x"}', $json, path => '/limited/people')->status, 201,
    'as much as it allows';

sub chunked (@chunks) {
    my $text = join '', map { sprintf "%x\r\n%s\r\n", length, $_ } @chunks;
    my $client = $on->web->connect;
    my $path = '/small/people';
    $client->send(Rig::Client::request_text(POST => $path, $on->web->port,
        basic => [ 'ann', $on->key('ann') ], body => $text . "0\r\n\r\n",
        headers => [ 'Content-Type' => $json, 'Transfer-Encoding' => 'chunked' ]));
    return $client->answer('POST');
}
is chunked('{"na', 'me":"c', '"}')->status, 201, 'a chunked body';
is chunked(split //, $fifty)->status, 201, '  of fifty chunks';
is chunked($fifty, ' ')->status, 413, '  one byte too long';
is chunked()->status, 422, '  of no chunk: no body';
$got = $on->call(POST => '/small/people', headers => [ 'Content-Type' => $json,
    'Content-Length' => 1_000_000, Expect => '100-continue' ], timeout => 5);
is $got->status, 413, 'a length that is too large is refused before the body';
is post('{"name":"' . 'x' x 80 . '"}', $json)->status, 201, 'a full field';
is post('{"note":"' . 'y' x 1_000_000 . '","name":"big"}', $json)->status, 422,
    'a megabyte is read (and too long for the field)';
is post('{"note":"' . 'y' x 1_048_600 . '"}', $json)->status, 413,
    'more than the default of APIDesignerMaxBody';

# ---- JSON by RFC 8259: what it takes

sub echo ($body) { post($body, $json, path => '/api/Echo') }

for my $good ('{"name":"Acme"}', ' {"name":"Acme"} ', "\n\t{\r\n}\n",
    '{}', '{"a":[]}', '{"a":[1,2.5,-0,1e5,1E+2,1.0e-3]}', '{"a":null,"b":true}',
    '{"a":"\u00e9\ud83d\ude00\n\/\\\\\""}', '{"a":{"b":{"c":[[[]]]}}}',
    '{"":1}', '{"a":12345678901234567890123}', bytes('{"ключ":"значение"}'),
    '{"a":' . '[' x 30 . ']' x 30 . '}', '{"a":""}', '{"a":"' . "\x7f" . '"}') {
    isnt code(echo($good)), 'INVALID_JSON', 'good: ' . substr($good, 0, 40)
        =~ s/[^ -~]/?/gr;
}
for my $bad ('', ' ', '[]', '"x"', '1', 'null', '{', '}', '{"a"}', '{"a":}',
    '{"a":1,}', '{"a":1 "b":2}', '{a:1}', "{'a':1}", '{"a":01}', '{"a":+1}',
    '{"a":.5}', '{"a":1.}', '{"a":1e}', '{"a":0x1}', '{"a":NaN}',
    '{"a":Infinity}', '{"a":-}', '{"a":True}', '{"a":nul}', '{"a":[1,]}',
    '{"a":[1 2]}', '{"a":[}', '{"a":"x}', "{\"a\":\"x\ty\"}", '{"a":"\x"}',
    '{"a":"\u12"}', '{"a":"\ud800"}', '{"a":"\udc00\ud800"}', '{"a":"\u0000"}',
    "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}",
    '{"a":1}{}', '{"a":1} x', '{"a":1,"a":2}', '{"a":{"b":1,"b":1}}',
    '{"a":/**/1}', '{"a":1}//', "\xef\xbb\xbf{}", "{\"a\":1}\0", "\0",
    '{"a":' . '[' x 40 . ']' x 40 . '}', '[' x 100_000) {
    next if $bad eq '';
    $got = echo($bad);
    is code($got), 'INVALID_JSON', 'bad: ' . substr($bad, 0, 40)
        =~ s/[^ -~]/?/gr;
    is $got->status, 400, '  its status';
}
like echo('{"a":1,}')->json->{detail}, qr/\b7\b/, 'the offset is told';

# ---- forms

sub find ($body, $type = $form) {
    my $got = post($body, $type, method => 'GET', path => '/api/find');
    return $got->status == 200 ? join ' ', map { $_->{name} } @{ $got->json }
                               : code($got);
}
is find('name=P3'), 'P3', 'a form';
is find('name=P3&'), 'P3', 'a stray &';
is find('id=3&id=4'), 'P3 P4', 'repeats make an array';
is find('id[]=3&id[]=4'), 'P3 P4', 'key[] makes an array';
is find('id%5B%5D=5'), 'P5', '  of one, encoded';
is find("name=\xff"), 'INVALID_REQUEST', 'text that is not UTF-8';
is find('name=a%00b'), 'INVALID_REQUEST', 'U+0000';
for my $case ([ 'a b', 'raw blanks' ], [ 'a+b', 'plus as blank' ],
              [ 'a%20b', '%20' ]) {
    $got = post("name=$case->[0]", $form);
    is $got->json->{name}, 'a b', $case->[1];
}
is post('name=100%', $form)->json->{name}, '100%', 'a stray %';
is post('name=a%2Bb', $form)->json->{name}, 'a+b', '%2B is a plus';
is post('name=', $form)->status, 422, 'an empty mandatory field';
$got = post('name=N&meta={"a":[1]}&hobbies[]=go&hobbies[]=chess&days=mon'
            . '&active=1&photo=AP8Q', $form);
is_deeply [ @{ $got->json // {} }{qw(meta hobbies days active)} ],
    [ { a => [1] }, [ 'go', 'chess' ], ['mon'], Rig->json('true') ],
    'structured fields from form text' or diag $got->body;

sub multipart_to ($path, @fields) {
    my $text = '';
    while (my ($name, $value) = splice @fields, 0, 2) {
        $text .= "--b o\r\nContent-Disposition: form-data; name=\"$name\"\r\n"
            . "\r\n$value\r\n";
    }
    return post($text . "--b o--\r\n", 'multipart/form-data; boundary="b o"',
        path => $path);
}
sub multipart (@fields) { multipart_to('/api/people', @fields) }

$got = multipart(name => "line\r\nnext", 'hobbies[]' => 'go', age => 4);
is_deeply [ @{ $got->json }{qw(name hobbies age)} ], [ "line\r\nnext", ['go'], 4 ],
    'multipart: text fields' or diag $got->body;
is post("--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n"
    . "\r\nx\r\n--x--\r\n", 'multipart/form-data; boundary=x')->status, 400,
    'multipart: no files';
for my $case ([ 2000, 200, 'parameters of a part' ], [ 2800, 400, 'too many of them' ]) {
    $got = post("--x\r\nContent-Disposition: form-data" . '; a' x $case->[0] . "; name=\"name\"\r\n\r\nP3\r\n--x--\r\n",
        'multipart/form-data; boundary=x', method => 'GET', path => '/api/find');
    is $got->status, $case->[1], "multipart: $case->[2]";
}
is find(join '&', 'name=P3', map { "p$_=1" } 1 .. 999), 'P3', 'a thousand parameters';
is find(join '&', map { "p$_=1" } 1 .. 1001), 'INVALID_REQUEST', '  and more';
is find('{' . join(',', map { qq("p$_":1) } 1 .. 1001) . '}', 'application/json'), 'INVALID_REQUEST', '  in JSON';
is find(join '&', 'name=P3', (map { "p$_=1" } 1 .. 20), '.' x 900_000), 'P3', 'a name that is all dots';
is post('--x', 'multipart/form-data')->status, 400, 'multipart: no boundary';

# ---- what wins: path, then body, then query

is $on->call(PUT => '/api/people/7x3?id=7x4&age=1', json =>
    { id => '7x5', age => 2 })->json->[0]{id}, '7x3', 'the path over body and query';
is $on->get('/api/people/7x3')->json->{age}, 2, 'the body over the query';
is $on->call(PUT => '/api/people/7x3?age=9', json => { note => 'x' })
    ->json->[0]{age}, 9, 'the query where the body has nothing';
is $on->call(POST => '/api/Deep?note=q', json => { who => { first =>
    { name => 'nested' } } })->json->{name}, 'nested', 'a nested parameter';
is post('who.first.name=flat', $form, path => '/api/Deep')->json->{name},
    'flat', '  by its whole name in a form';
my $who = '{"first":{"name":"in text"}}';
is post("who=$who", $form, path => '/api/Deep')->json->{name}, 'in text',
    '  in JSON object text in a form';
is multipart_to('/api/Deep', who => $who)->json->{name}, 'in text',
    '  and in a part of one';
is code(post("who=$who}", $form, path => '/api/Deep')),
    'MANDATORY_FIELDS_MISSING', '  text that is no JSON has no members';
is find('x=1&y[z]=2&name=P3'), 'P3', 'parameters that nobody binds are ignored';

# ---- strings that go wrong elsewhere, byte for byte

my @naughty = ('', ' ', '  x  ', "\t\n\r", 'null', 'undefined', '0', '-1', '1e3',
    'true', 'NaN', '\\', '\\\\', '"', "'", '`', ';', '--', '/*', '%', '_', '|',
    '?', '@name', '@@x', '$1', '${x}', '<script>alert(1)</script>', '&amp;',
    "'; DROP TABLE people; --", '" OR 1=1 --', '\\u0041', '%00', '%25', '+',
    'Ω≈ç√∫', '田中さん', '😀👩‍👩‍👧', "e\x{301}", "\x{202e}abc", "\x{feff}", "\x{fffd}",
    "\x{7f}", "\x{1}\x{1f}", "\x{2028}\x{2029}", "\x{10ffff}", '../../etc/passwd',
    'x' x 5000, "line\r\nline", '[1,2]', '{"a":1}', '2024-01-31', '0x1F',
    'İstanbul', 'ﬃ', 'ΑΣ', 'Å', 'A' . "\x{30a}");
for my $text (@naughty) {
    my $shown = (length $text > 30 ? 'x 5000' : $text) =~ s/[^ -~]/?/gr;
    $got = $on->call(POST => '/api/people', json => { name => 'n', note => $text });
    is $got->json->{note}, $text, "POST: $shown";
    my $at = '/api/people/' . $got->json->{id};
    is $on->get($at)->json->{note}, $text, '  GET, rest';
    is $on->get("/restapi/vtap$at")->json->{result}{note}, $text, '  vtiger';
    $got = $on->call(POST => '/api/people', form => [ name => 'n', note => $text ]);
    is $got->json->{note}, $text, '  from a form';
}

done_testing;
