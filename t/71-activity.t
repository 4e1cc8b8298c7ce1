# SPDX-License-Identifier: Apache-2.0
# Activity: what was called, by the minute, what was refused and why, who used
# what last, the newest requests, totals of all children. It is written by one
# child, and waits while the database is away.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;
use Time::HiRes ();

my $on = Served->start(workers => 2, children => 2, modules => [qw(status)], conf => <<'END');
APIDesignerExchange 0.2
APIDesignerActivityDays 2
APIDesignerRefusals 4
ExtendedStatus On
<Location "/server-status">
    SetHandler server-status
</Location>
<Location "/apidesigner">
    APIDesignerServe console
    AuthType Basic
    AuthName "console"
    AuthBasicProvider apidesigner
    Require valid-user
</Location>
<Location "/apidesigner/metrics">
    APIDesignerServe metrics
    Require all granted
</Location>
END
my ($web, $db) = ($on->web, $on->db);
my $admin = Served::secret($db->ctl_ok('user', 'key', 'admin'));

# What a management operation answers.
sub manage ($path) { $web->get("/apidesigner/manage/$path", basic => [ admin => $admin ])->json }
# The same from the tool.
sub ctl (@words) { Rig->json($db->ctl_ok('--json', @words)) }
sub written ($n) { Rig->until(10, "$n calls", sub { ($db->value('SELECT SUM(calls) FROM apid_activity') // 0) >= $n }) }

# The columns of rows, as lines.
sub lines ($rows, @columns) { [ sort map { my $row = $_; join ' ', map { $row->{$_} } @columns } @$rows ] }

my $first = $on->get('/api/people/1');
$on->get('/api/people/2') for 1 .. 3;
my $missing = $on->get('/api/people/99');
$on->call(GET => '/api/people/1', basic => [ 'bob+c@d.example', $on->key('bob+c@d.example') ]);
my $hooked = $on->call(POST => '/hooks/Hook', json => { name => 'n' }, basic => undef, headers => [ Token => $on->token('Hook') ]);
my $wrong = $on->call(POST => '/hooks/Hook', json => { name => 'n' }, basic => undef, headers => [ Token => 'x' ]);
my $stranger = $web->get('/api/unknown');
written(9);

subtest 'by the hour, the API, version, user and status' => sub {
    my $rows = ctl('activity');
    is_deeply lines($rows, qw(name version user status calls)), [ ' 0  401 1', 'Hook 0  401 1', 'Hook 1 admin 201 1',
        'Person 1 ann 200 4', 'Person 1 ann 404 1', 'Person 1 bob+c@d.example 200 1' ], 'every call once';
    my ($person) = grep { $_->{calls} == 4 } @$rows;
    like $person->{at}, qr/^20\d\d-\d\d-\d\dT\d\d:00:00Z$/, 'the hour';
    ok $person->{p50_ms} > 0 && $person->{p50_ms} <= $person->{p95_ms}, 'latencies';
    is_deeply lines(ctl(qw(activity --name Person --user ann)), qw(status calls)), [ '200 4', '404 1' ], 'of one API and user';
    is_deeply manage('activity?name=Hook&minutes=1')->[0]{name}, 'Hook', 'the management API shows the same';
    my ($summary) = grep { $_->{name} eq 'Person' } @{ manage('activity/summary') };
    is_deeply [ @$summary{qw(calls errors)}, $summary->{hours}[23] + $summary->{hours}[22], scalar @{ $summary->{hours} } ],
        [ 6, 1, 6, 24 ], 'summary: calls, errors, 24 hours, the last is now';
};

subtest 'refusals, and why' => sub {
    is_deeply lines(ctl('refusals'), qw(name method user status code reason)), [
        ' GET  401 INVALID_USER_CREDENTIALS Invalid username or password: no credentials',
        'Hook POST  401 AUTHENTICATION_FAILURE Authentication failed: wrong token',
        'Person GET ann 404 RECORD_NOT_FOUND Record not found' ], 'each with its reason';
    is_deeply [ @{ ctl('why', $wrong->header('X-Request-Id')) }{qw(name address code reason)} ],
        [ 'Hook', '127.0.0.1', 'AUTHENTICATION_FAILURE', 'Authentication failed: wrong token' ], 'why, by the request id';
    my $none = $db->ctl('why', $first->header('X-Request-Id'));
    is $none->{code}, 1, 'a request that was answered was not refused';
    like $none->{err}, qr/^apidesignerctl: no request '\w+' was refused lately/, '  says so';
    is $web->get('/apidesigner/manage/why/' . $missing->header('X-Request-Id'), basic => [ ann => $on->key('ann') ])->status,
        403, 'a caller may not ask';
};

subtest 'the newest requests' => sub {
    my $rows = manage('recent?name=Hook');
    is_deeply lines($rows, qw(kind method status version user request_id)),
        [ sort "webhook POST 201 1 admin " . $hooked->header('X-Request-Id'),
          "webhook POST 401 0  " . $wrong->header('X-Request-Id') ], 'of one API';
    # a request is noted after its answer, so the next one may come before it
    my @all = @{ manage('recent') };
    is_deeply [ map { $_->{seq} } @all ], [ 1 .. 9 ], 'all, numbered as they ended';
    is_deeply manage("recent?after=6"), [ @all[6 .. 8] ], 'after the last that is known';
    is_deeply manage('recent?after=999999'), [], 'none yet';
    like $db->ctl('recent')->{err}, qr/known to the server alone/, 'the tool cannot know';
};

subtest 'last use' => sub {
    my %user = map { $_->{name} => $_->{last_use} } @{ ctl('user', 'list') };
    like $user{ann}, qr/^20\d\d-.*Z$/, 'of a key';
    my ($token) = @{ ctl('show', 'Hook')->{tokens} };
    like $token->{last_use}, qr/^20\d\d-.*Z$/, 'of a token';
    $db->ctl_ok('user', 'add', 'eve');
    is_deeply [ map { $_->{last_use} } grep { $_->{name} eq 'eve' } @{ ctl('user', 'list') } ], [undef], 'never';
};

subtest 'totals of all children' => sub {
    my %pids;
    Rig->until(20, 'an answer of each', sub {
        for my $text (Rig->parallel(4, sub ($i) { $web->get('/apidesigner/metrics')->body })) {
            my ($pid) = $text =~ /pid="(\d+)"/;
            my %is = $text =~ /^apidesigner_(requests_total\{status="\d+"\}|refused_total) (\d+)$/mg;
            $pids{$pid} = join ' ', map { "$_=$is{$_}" } sort keys %is;
        }
        return keys %pids == 2;
    });
    is_deeply [ sort values %pids ], [ (join ' ', 'refused_total=3', 'requests_total{status="200"}=5',
        'requests_total{status="201"}=1', 'requests_total{status="401"}=2', 'requests_total{status="404"}=1') x 2 ],
        'both children tell the same';
    like $web->get('/server-status?auto')->body, qr/^APIDesigner_requests_total_401: 2$/m, 'and so does server-status';
};

subtest 'whether a user may call an API' => sub {
    $db->ctl_ok('group', 'add', 'nothing');
    $db->ctl_ok('user', 'groups', 'bob+c@d.example', 'nothing');
    $on->settle;
    is_deeply [ map { @{ ctl(qw(why --name), @$_) }{qw(allowed rule)} } ['Orgs', '--user', 'ann'],
        ['Orgs', '--user', 'bob+c@d.example'], ['Orgs', '--user', 'zoe'], ['Hook'] ],
        [ JSON::PP::true, undef, JSON::PP::false, 'rights', JSON::PP::false, 'user', JSON::PP::true, undef ],
        'and the rule that says no';
    my $nobody = $db->ctl(qw(why --name Orgs));
    is $nobody->{code}, 2, 'nobody calls it';
    is $nobody->{err}, "apidesignerctl: user is missing: 'Orgs' is called by users, so say which one (--user)\n",
        '  which is told';
    $db->ctl_ok(qw(user limits ann --minute 1));
    $on->settle;
    is $on->get('/api/orgs')->status, 200, '  the one call';
    is_deeply [ @{ manage('why/-?name=Orgs&user=ann') }{qw(allowed rule reason)} ],
        [ JSON::PP::false, 'limits', 'the limit of 1 call a minute for the user is reached' ], '  limits, from the server';
    $db->ctl_ok(qw(user limits ann));
};

subtest 'every field at fault' => sub {
    $on->settle;
    my $id = $on->call(POST => '/api/people', json => { age => 'old' })->header('X-Request-Id');
    Rig->until(10, 'the refusal', sub { $db->ctl('why', $id)->{code} == 0 });
    is ctl('why', $id)->{reason}, 'name is mandatory and was not sent; age must be a whole number', 'is named';
};

subtest "the console's own calls of a draft" => sub {
    my $file = Rig->directory . '/sketch.xml';
    Rig::spew($file, '<api name="Sketch"><select module="People" one="true"><where><field name="id" value="@id"/></where></select></api>');
    $db->ctl_ok('draft', 'save', $file);
    my $before = $db->value('SELECT SUM(calls) FROM apid_activity');
    my @got = map { $web->request(GET => "/apidesigner/manage/definitions/Sketch/draft/call?id=$_",
        basic => [ admin => $admin ], headers => [ 'X-APIDesigner' => 1 ]) } 1, 99;
    is_deeply [ map { $_->status } @got ], [ 200, 404 ], 'are answered';
    $on->get('/api/people/1');
    written($before + 1);
    Rig->until(10, 'the refusal', sub { $db->ctl('why', $got[1]->header('X-Request-Id'))->{code} == 0 });
    is_deeply [ @{ ctl('why', $got[1]->header('X-Request-Id')) }{qw(name version code reason)} ],
        [ 'Sketch', 0, 'RECORD_NOT_FOUND', 'draft: Record not found' ], 'one that was refused says why, and that it was one';
    is $db->value('SELECT SUM(calls) FROM apid_activity'), $before + 1, 'in no sum of what callers called';
    is_deeply manage('recent?name=Sketch'), [], 'nor among the newest requests';
};

subtest 'what is old goes' => sub {
    $db->run("INSERT INTO apid_activity (minute, definition_id, version, user_id, token_id, status, calls, micros)"
        . " VALUES (UTC_TIMESTAMP() - INTERVAL $_ HOUR, 1, 1, 1, 0, 200, 7, 7)") for 47, 49, 80;
    $on->get('/api/people/99') for 1 .. 9;
    Rig->until(10, 'nine more refusals', sub { $db->value('SELECT COUNT(*) FROM apid_refusal') == 14 });
    my $newest = $db->value('SELECT MAX(id) FROM apid_refusal');
    $web->stop;
    $web->again;    # sweeps when it starts, then once a minute
    Rig->until(10, 'less', sub { $db->value('SELECT COUNT(*) FROM apid_refusal') <= 4 });
    is $db->value('SELECT COUNT(*) FROM apid_activity WHERE calls = 7'), 1, 'activity of two days is kept';
    is $db->value('SELECT MAX(id) FROM apid_refusal'), $newest, 'and the newest refusals';
};

subtest 'the database is away' => sub {
    my $before = $db->value('SELECT SUM(calls) FROM apid_activity');
    $web->mark;
    $db->stop;
    my @got = map { $on->get('/api/people/1')->status } 1 .. 3;
    is_deeply \@got, [ 503, 503, 503 ], 'requests are refused';
    Rig->until(10, 'the log', sub { $web->errors =~ /what was counted cannot be written, and waits/ });
    $db->again;
    Rig->until(20, 'what waited', sub { $db->value('SELECT SUM(calls) FROM apid_activity') == $before + 3 });
    is $db->value('SELECT SUM(calls) FROM apid_activity WHERE status = 503'), 3, 'their number is written when it is back';
    Rig->until(10, 'the log', sub { $web->errors =~ /what was counted can be written again/ });
    is scalar(() = $web->errors =~ /cannot be written/g), 1, 'the log tells once';
};

subtest 'refusals that cannot be written' => sub {
    $web->mark;
    $db->run('RENAME TABLE apid_refusal TO away');
    my $id = $on->get('/api/people/99')->header('X-Request-Id');
    Rig->until(10, 'the log', sub { $web->errors =~ /what was counted cannot be written, and waits/ });
    $db->run('RENAME TABLE away TO apid_refusal');
    Rig->until(10, 'the log', sub { $web->errors =~ /what was counted can be written again/ });
    Rig->until(10, 'the refusal', sub { $db->ctl('why', $id)->{code} == 0 });
    is ctl('why', $id)->{code}, 'RECORD_NOT_FOUND', 'wait as well';
};

subtest 'graceful restarts' => sub {
    my $end = Time::HiRes::time() + 6;
    my @got = Rig->parallel(3, sub ($i) {
        my $n = 0;
        while (Time::HiRes::time() < $end) {
            if ($i) { $n += $on->get('/api/people/99')->status == 404 }
            else { $web->signal('USR1'); sleep 1 }
        }
        return $n;
    });
    cmp_ok $got[1] + $got[2], '>', 100, 'requests are refused meanwhile';
    is $db->value('SELECT COUNT(*) - COUNT(DISTINCT request_id) FROM apid_refusal'), 0, 'each is written once';
};

done_testing;
