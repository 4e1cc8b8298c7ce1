#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# Idempotency-Key: the same request is done once, and answered as often as it
# is asked, also when the answer was lost or when it is sent by many at once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;
use Time::HiRes qw(sleep);
require Rig::Proxy;

my $on = Served->start(workers => 16);
my $db = $on->db;
my $v = '/restapi/vtap/api';

sub named ($key, @more) { (headers => [ 'Idempotency-Key' => $key, @more ]) }
sub add ($key, $data, %more) { $on->call(POST => '/api/people', json => $data, named($key), %more) }
sub code ($got) { $got->status . ' ' . eval { $got->json->{code} } }
sub people ($name) { $db->value("SELECT COUNT(*) FROM people WHERE name = '$name'") }
sub kept { $db->value('SELECT COUNT(*) FROM apid_replay') }

# ---- create

my $one = add('"key-1"', { name => 'One', age => 1 });
is $one->status, 201, 'a create with a key';
is $one->header('Idempotency-Replayed'), undef, '  is done';
my $two = add('"key-1"', { age => 1, name => 'One', ignored => 2 });
is $two->status, 201, 'the same again, written otherwise';
is $two->header('Idempotency-Replayed'), 'true', '  is answered from what is kept';
is $two->body, $one->body, '  the same body';
is $two->header($_), $one->header($_), "  the same $_" for qw(Location Content-Type API-Version Content-Length);
is add('key-1', { name => 'One', age => 1 })->body, $one->body, 'the key without quotes';
is people('One'), 1, 'there is one record';
my $id = $one->json->{id} =~ s/^7x//r;
is $db->value("SELECT COUNT(*) FROM apid_update WHERE module = 'People' AND record = '$id'"), 1, '  and one entry of its history';
is code(add('key-1', { name => 'One', age => 2 })), '422 IDEMPOTENCY_KEY_REUSED', 'another body';
is code($on->call(POST => '/api/people?age=3', json => { name => 'One' }, named('key-1'))),
    '422 IDEMPOTENCY_KEY_REUSED', '  another query';
is $on->call(POST => "$v/people", json => { name => 'One', age => 1 }, named('key-1'))->json->{error}{code},
    'IDEMPOTENCY_KEY_REUSED', '  another profile';
is add('key-1', { name => 'One', age => 1 }, basic => [ 'bob+c@d.example', $on->key('bob+c@d.example') ])
    ->header('Idempotency-Replayed'), undef, 'keys of another user are others';
is people('One'), 2, '  so there are two records';
is add('Key-1', { name => 'One', age => 1 })->header('Idempotency-Replayed'), undef, 'case matters';

# ---- what is no key, what needs none

is code(add($_, { name => 'Bad' })), '400 INVALID_REQUEST', 'no key: ' . substr $_, 0, 20
    for '""', 'x' x 256, 'a"b', "\xe4", 'job 1 11';
is people('Bad'), 0, '  nothing is done';
is add('a b', { name => 'Bad' })->json->{detail},
    'Idempotency-Key must be one text of 1 to 255 characters of ASCII without blanks', '  and what a key is is told';
is add('x' x 255, { name => 'Long' })->status, 201, '255 characters';
my $count = kept();
is $on->get('/api/people/1', named('read'))->status, 200, 'a read with a key';
is kept(), $count, '  is not kept';
is $on->call(POST => '/api/people', json => { name => 'None' })->status, 201, 'a write without';
is kept(), $count, '  is not kept either';

# ---- errors are not kept: nothing was done

is code(add('late', { age => 1 })), '422 MANDATORY_FIELDS_MISSING', 'a request that fails';
is add('late', { name => 'Late' })->status, 201, '  can be sent again under its key, mended';
is code(add('dup', { name => 'Dup', email => 'ann@a.example' })), '409 DUPLICATE_RECORD_FOUND', 'in the database too';
is add('dup', { name => 'Dup', email => 'dup@a.example' })->status, 201, '  the same';

# ---- update, upsert, delete, webhook, profile vtiger

sub same ($what, $header, @request) {
    my ($first, $second) = map { $on->call(@request) } 1, 2;
    is $second->header('Idempotency-Replayed'), 'true', $what;
    is $second->status . $second->body, $first->status . $first->body, '  status and body';
    is $second->header($header), $first->header($header), "  $header" if $header;
}
same('update', 'X-Outcome', PUT => '/api/people/1', json => { age => 50 }, named('put'));
is $db->value("SELECT COUNT(*) FROM apid_update WHERE module = 'People' AND record = '1'"), 1, '  once';
same('upsert that creates', 'Location', PUT => '/api/people', json => { email => 'up@a.example', name => 'Up' }, named('up'));
same('delete', 'X-Deleted', DELETE => '/api/people/11', named('drop'));
is code($on->call(DELETE => '/api/people/11', named('drop2'))), '404 RECORD_NOT_FOUND', '  under another key it is gone';
same('webhook', undef, POST => '/hooks/Hook', basic => 0, json => { name => 'Hooked' },
     named('hook', Token => $on->token('Hook')));
is people('Hooked'), 1, '  once';
same('profile vtiger', undef, POST => "$v/people", json => { name => 'Vt' }, named('vt'));
$db->run(q{INSERT INTO people (name) SELECT REPEAT('y', 80) FROM } . $db->series(1, 900));
same('a long answer', 'X-Outcome', PATCH => '/api/ages', json => { name => 'y', age => 7 }, named('ages'));

# ---- versions: the answer is that of the version that gave it

add('old', { name => 'Old' });
$on->publish(Served::document('Add Person', '<api method="post" path="people"><create module="People">'
    . '<record><field name="name" value="@name"/></record><return><field name="name"/></return></create></api>'));
is add('old', { name => 'Old' })->header('API-Version'), 1, 'a version that is published meanwhile';
is add('new', { name => 'Old' })->header('API-Version'), 2, '  answers new keys';

# ---- many at once

for my $round (1 .. 3) {
    my @got = Rig->parallel(8, sub ($i) {
        for (1 .. 100) {
            my $got = add("race-$round", { name => "Race $round" });
            return { body => $got->body, status => $got->status,
                     replayed => $got->header('Idempotency-Replayed') // '' } if $got->status != 409;
            return { status => code($got) . $got->header('Retry-After') }
                if code($got) ne '409 IDEMPOTENCY_KEY_IN_USE' || $got->header('Retry-After') ne '1';
            sleep 0.05;
        }
    });
    is people("Race $round"), 1, "eight clients with one key: one record ($round)";
    is_deeply [ map { $_->{body} } @got ], [ ($got[0]{body}) x 8 ], '  and one answer';
    is join('', sort map { $_->{replayed} } @got), 'true' x 7, '  seven times from what is kept';
}
$db->run(q{CREATE TRIGGER slow BEFORE INSERT ON orgs FOR EACH ROW SET @slept = SLEEP(1.5)});
$on->publish(Served::document('Add Org', '<api method="post" path="orgs"><create module="Orgs"><record>'
    . '<field name="name" value="@name"/></record></create></api>'));
my ($slow, $early) = Rig->parallel(2, sub ($i) {
    sleep 0.7 if $i;
    my $got = $on->call(POST => '/api/orgs', json => { name => 'Slow' }, named('slow'));
    return code($got) . ' ' . $got->header('Retry-After') if $i;
    return $got->status;
});
is $slow, 201, 'a request that takes its time';
is $early, '409 IDEMPOTENCY_KEY_IN_USE 1', '  its twin meanwhile';
is $on->call(POST => '/api/orgs', json => { name => 'Slow' }, named('slow'))->header('Idempotency-Replayed'),
    'true', '  and after it';
$db->run('DROP TRIGGER slow');

# ---- what is over goes

$db->run(q{UPDATE apid_replay SET at = at - INTERVAL 1 DAY - INTERVAL 1 MINUTE});
sub old { $db->value('SELECT COUNT(*) FROM apid_replay WHERE at < UTC_TIMESTAMP() - INTERVAL 1 DAY') }
cmp_ok old(), '>', 10, 'there are old ones';
is add('new', { name => 'Anew' })->header('Idempotency-Replayed'), undef, 'after a day a key is new';
is people('Anew'), 1, '  and may be used for something else';
my $added = 0;
while (old() && $added < 500) { add('many-' . ++$added, { name => 'Many' }) }
is old(), 0, '  they are removed by and by';

# ---- lost answers

my $proxy = Rig::Proxy->start($db);
my $through = Rig->apache(database => $proxy->url);
sub lost ($key, $name) { $through->request(POST => '/api/people', basic => [ 'ann', $on->key('ann') ],
    json => { name => $name }, named($key)) }
is lost('far-1', 'Far')->status, 201, 'through a proxy';
$proxy->arm('people');
my $got = lost('far-2', 'Further');
ok $proxy->fired, 'the answer to COMMIT is lost';
is code($got), '503 DATABASE_UNAVAILABLE', '  so nobody knows';
like $got->json->{detail}, qr/not known/, '  and that is told';
$got = lost('far-2', 'Further');
is $got->status . ' ' . $got->header('Idempotency-Replayed'), '201 true', '  until it is sent again';
is people('Further'), 1, '  it was done once';
$proxy->stop;

is Rig::reports(), '', 'no report of a sanitizer';
done_testing;
