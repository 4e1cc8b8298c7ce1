# SPDX-License-Identifier: Apache-2.0
# A version that is asked for is called by its own kind, method and path
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start(conf => <<'END');
<Location "/named">
    APIDesignerServe api "Danger"
    APIDesignerProfile rest
</Location>
END
my $db = $on->db;
my $key = '<where><field name="id" value="@id"/></where>';
sub select_by ($part) {
    return '<select module="People" one="true"><record><field name="name"/></record>'
        . qq(<where><field name="id" value="\@$part"/></where></select>);
}
sub update_by ($part) {
    return qq(<update module="People"><record><field name="id" value="\@$part"/>)
        . '<field name="age" value="@age"/></record></update>';
}
sub one ($version, @more) { (headers => [ 'API-Version' => $version ], @more) }
sub age ($id) { $db->value("SELECT age FROM people WHERE id = $id") }

$on->publish(
    qq(<api name="Danger" path="danger/{id}" method="delete"><delete module="People">$key</delete></api>),
    '<api name="Names" path="vd/{id}" method="put">' . update_by('id') . '</api>',
    '<api name="Moved" path="old/{id}">' . select_by('id') . '</api>',
    '<api name="Kind"><allow users="ann,admin"/>' . select_by('id') . '</api>',
    '<webhook name="Turned"><security token-in="query"/>' . select_by('id') . '</webhook>',
    '<api name="Giver" path="given/{id}">' . select_by('id') . '</api>',
    '<api name="Secret" path="s1"><allow users="ann"/><select module="Orgs"/></api>');
my ($turned) = $db->ctl_ok('token', 'Turned') =~ /([\w-]{43})(?![\w-])/;
$on->publish(
    '<api name="Danger" path="danger/{id}" method="get">' . select_by('id') . '</api>',
    '<api name="Names" path="vd/{no}" method="put">' . update_by('no') . '</api>',
    '<api name="Moved" path="new/{id}">' . select_by('id') . '</api>',
    '<webhook name="Kind">' . select_by('id') . '</webhook>',
    '<api name="Turned">' . select_by('id') . '</api>',
    '<api name="Giver" path="gave/{id}">' . select_by('id') . '</api>',
    '<api name="Secret" path="s2"><allow users="ann"/><select module="Orgs"/></api>');
my ($kind) = $db->ctl_ok('token', 'Kind') =~ /([\w-]{43})(?![\w-])/;
my $got;

for my $api ('/api', '/restapi/vtap/api') {
    my $rest = $api eq '/api';
    my $id = $rest ? 11 : 12;
    my $text = sub { $rest ? $_[0]->json->{detail} : $_[0]->json->{error}{message} };

    # ---- the method

    $got = $on->get("$api/danger/$id", one(1));
    is $got->status, 405, "$api: a GET does not run what was for DELETE";
    is $text->($got), 'Version 1 is DELETE danger/{id}', '  and is told where that is';
    is $got->header('Allow'), 'DELETE, OPTIONS', '  Allow';
    is $on->call(HEAD => "$api/danger/$id", one(1))->status, 405, '  nor does HEAD';
    is $on->get("$api/danger/$id")->status, 200, '  the record is there';
    is $on->get("$api/danger/$id", one(2))->header('API-Version'), 2, '  the live one by its number';
    is $on->call(DELETE => "$api/danger/$id")->header('Allow'), 'GET, HEAD, OPTIONS',
        'without a version DELETE is not known';
    is $on->call(OPTIONS => "$api/danger/$id", one(1))->header('Allow'), 'DELETE, OPTIONS',
        'OPTIONS of a version';
    is $on->call(PUT => "$api/danger/$id", one(1))->header('Allow'), 'DELETE, OPTIONS',
        'another method, of a version';
    is $on->call(PUT => "$api/danger/$id", one(7))->status, 404, '  of one that never was';
    is $on->get("$api/danger/$id", one(1, basic => 0))->status, 401, 'who is nobody learns nothing';
    $got = $on->call(DELETE => "$api/danger/$id", one(1));
    is $got->status, $rest ? 204 : 200, 'DELETE runs it';
    is $got->header('API-Version'), 1, '  API-Version';
    is age($id), undef, '  the record is gone';

    # ---- names of parts

    is $on->call(PUT => "$api/vd/3?id=4", one(1, json => { age => 33 }))->status, 200,
        "$api: the path wins by the names of the version";
    is $on->call(PUT => "$api/vd/3?no=4", json => { age => 44 })->status, 200, '  as of the live one';
    is_deeply [ age(3), age(4) ], [ 44, 4 ], '  and the query does not';

    # ---- the path

    is $on->get("$api/old/5", one(1))->status, 200, "$api: an old path";
    is $on->get("$api/old/5")->status, 404, '  only of its version';
    is $on->get("$api/old/5", one(2))->status, 404, '  not of the live one';
    $got = $on->get("$api/new/5", one(1));
    is $got->status, 404, '  which is not at the new path';
    is $text->($got), 'Version 1 is GET old/{id}', '  and this is said';
    $got = $on->get("$api/s2", one(1));
    is $text->($got), 'Version 1 is GET s1', 'who is allowed is told where a version is';
    $got = $on->get("$api/s2", one(1, basic => [ 'bob+c@d.example', $on->key('bob+c@d.example') ]));
    is $text->($got), 'Version 1 is called otherwise', '  who is not, is not';
    is $on->get("$api/s1", one(1, basic => [ 'bob+c@d.example', $on->key('bob+c@d.example') ]))
        ->status, 403, '  nor may he call it';

    # ---- the kind

    my $hooks = $rest ? '/hooks' : '/restapi/vtap/webhook';
    $got = $on->get("$api/Kind?id=5", one(1));
    is $got->status, 200, "$api: what is a webhook now, as the API it was";
    is $on->get("$api/Kind?id=5", one(1, basic => [ 'bob+c@d.example', $on->key('bob+c@d.example') ]))->status, 403,
        '  by whom it allowed then';
    my @kind = (basic => 0, headers => [ 'API-Version' => 1, Token => $kind ]);
    $got = $on->get("$hooks/Kind?id=5", @kind);
    is $got->status, 404, '  which is none of the webhooks';
    is $text->($got), 'Version 1 is GET Kind', '  and this is said';
    is $on->get("$hooks/Kind?id=5", basic => 0, headers => [ Token => $kind ])->status, 200,
        '  as the webhook that it is';
    is $on->get("$api/Turned?id=5", one(1))->status, 404, 'what was a webhook is no API';
    is $on->get("$hooks/Turned?id=5&token=$turned", one(1, basic => 0))->status, 200,
        '  it is answered as a webhook';
    is $on->get("$hooks/Turned?id=5&token=x$turned", one(1, basic => 0))->status, 401,
        '  with its token';
    is $on->get("$hooks/Turned?id=5&token=$turned", basic => 0)->status, 401, '  and its version';
}

# ---- a Location of one definition

is $on->get('/named?id=5')->status, 200, 'a Location of one definition';
$got = $on->get('/named?id=10', one(1));
is $got->status, 405, '  a version with another method';
is $got->header('Allow'), 'DELETE, OPTIONS', '  Allow';
is $on->call(DELETE => '/named?id=10', one(1))->status, 204, '  by its method';

# ---- a path that changed hands

$on->publish('<api name="Taker" path="given/{who}"><select module="People"><record>'
             . '<field name="email"/></record><where><field name="id" value="@who"/></where></select></api>');
is ref $on->get('/api/given/2', one(1))->json, 'ARRAY', 'a version of what is live there comes first';
$on->publish('<api name="Giver" path="given/third/{id}">' . select_by('id') . '</api>');
is $on->get('/api/gave/2', one(2))->json->{name}, 'Bob', 'the second of three';
$on->publish('<api name="Place" path="gave/{x}"><select module="Orgs"><where>'
             . '<field name="name" value="@x"/></where></select></api>');
is $on->get('/api/gave/2', one(2))->json->{name}, 'Bob', '  also where another is live that has no second';
is_deeply $on->get('/api/gave/Acme', one(1))->json, [ { id => 1, name => 'Acme' } ], '  but for its first';
is $on->get('/api/gave/2')->header('API-Version'), 1, '  and without a version';

# ---- deprecated, retired

$db->ctl_ok('deprecate', 'Moved', 1, '--sunset', '2030-12-31');
$db->ctl_ok('deprecate', 'Danger', 1);
$db->ctl_ok('deprecate', 'Kind', 1);
$on->settle;
$got = $on->get('/api/old/5', one(1));
is $got->header('Link'), '</api/new/5>; rel="successor-version"', 'deprecated: where its successor is';
is $got->header('Sunset'), 'Tue, 31 Dec 2030 00:00:00 GMT', '  Sunset';
is $on->call(DELETE => '/api/danger/9', one(1))->header('Link'),
    '</api/danger/9>; rel="successor-version"', '  at the same path';
is $on->get('/api/Kind?id=5', one(1))->header('Link'), undef, '  as another kind it has no address';
$db->ctl_ok('retire', 'Moved', 1);
$on->settle;
is $on->get('/api/old/5', one(1))->status, 410, 'retired, at its own path';
is $on->get('/api/new/5', one(1))->status, 410, '  and at that of the live one';

# ---- what documents and comparisons say

my $openapi = Rig->json($db->ctl_ok('openapi', 'Danger', '--version', 1));
is_deeply [ map { ($_, keys %{ $openapi->{paths}{$_} }) } keys %{ $openapi->{paths} } ],
    [ '/api/danger/{id}', 'delete' ], 'openapi: as the version is called' or diag explain $openapi->{paths};
like $db->ctl_ok('diff', 'Names', '--from', 1), qr/only names in it differ/, 'diff: names of parts';
done_testing;
