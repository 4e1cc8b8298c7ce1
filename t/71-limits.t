# SPDX-License-Identifier: Apache-2.0
# Limits: a minute and a day of a definition, a user, a token, a place; the
# headers of both profiles; calls counted by all children together, over a
# restart and between two servers. Failed sign-ins that must wait, and what
# fail2ban sees of them.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start(workers => 4, children => 2, modules => ['remoteip'], conf => <<'END');
APIDesignerExchange 0.2
APIDesignerThrottle failures=3 window=8
RemoteIPHeader X-Client
RemoteIPInternalProxy 127.0.0.1
<Location "/none">
    AuthType Basic
    AuthName "by us"
    AuthBasicProvider apidesigner
    Require valid-user
</Location>
<Location "/five">
    APIDesignerServe api
    APIDesignerLimit minute=5
</Location>
<Location "/both">
    APIDesignerServe api
    APIDesignerLimit minute=50
</Location>
<Location "/both">
    APIDesignerLimit day=70
</Location>
<Location "/both/inner">
    APIDesignerLimit day=30
</Location>
<VirtualHost 127.0.0.1:9>
    APIDesignerCounters 64
</VirtualHost>
END
my ($web, $db) = ($on->web, $on->db);

sub limited ($name, $limits, $path) {
    $on->publish(qq(<api name="$name" path="$path"><limits $limits/><select module="Orgs"/></api>));
}
sub code ($answer) { $answer->json->{code} // $answer->json->{error}{code} }

# name=value of each header that tells of limits; times that are left as "T"
sub told ($got) {
    my @told = map { my $v = $got->header($_);
        defined $v ? "$_: " . ($v =~ s/;t=([1-9]\d*)/;t=T/gr =~ s/^\d{10}$/T/r) : () }
        qw(RateLimit-Policy RateLimit X-FloodControl-MinuteLimit X-FloodControl-Remaining
           X-FloodControl-Reset X-RateLimit-DailyLimit X-RateLimit-Remaining X-RateLimit-Reset);
    return \@told;
}

subtest 'five calls a minute' => sub {
    limited('five a minute', 'minute="5" day="100"', 'fivem');
    my $kept = $web->connect;
    my @got = map { $kept->request(GET => '/api/fivem', basic => [ann => $on->key('ann')]) } 1 .. 6;
    is_deeply [ map { $_->status } @got ], [ 200, 200, 200, 200, 200, 429 ], 'the sixth is 429';
    is_deeply told($got[0]), [ 'RateLimit-Policy: "minute";q=5;w=60, "day";q=100;w=86400',
        'RateLimit: "minute";r=4;t=T, "day";r=99;t=T' ], 'what is left after the first';
    is_deeply told($got[5]), [ 'RateLimit-Policy: "minute";q=5;w=60, "day";q=100;w=86400',
        'RateLimit: "minute";r=0;t=T, "day";r=95;t=T' ], 'the one that was refused did not count';
    my $wait = $got[5]->header('Retry-After');
    ok $wait >= 55 && $wait <= 66, 'Retry-After: about a minute' or diag $wait;
    is code($got[5]), 'LIMIT_EXCEEDED', 'the code';
    is $got[5]->json->{detail}, "The limit of 5 calls a minute for this API is reached; "
        . "try again in $wait seconds", 'and the sentence tells how long';
    is $web->get('/api/people', basic => [ann => $on->key('ann')])->status, 200, 'another API is not limited';
    is_deeply told($web->get('/api/people', basic => [ann => $on->key('ann')])), [], 'and has no headers';
};

subtest 'sections of one place' => sub {
    is told($on->get('/both/people'))->[0], 'RateLimit-Policy: "minute";q=50;w=60, "day";q=70;w=86400',
        'each number counts that one of them says';
    is told($on->get('/both/inner'))->[0], 'RateLimit-Policy: "day";q=30;w=86400',
        '  but not for another place';
};

subtest 'profile vtiger' => sub {
    my $got = $on->get('/restapi/vtap/api/fivem');
    is $got->status, 429, 'the same definition, the same count';
    my $now = time;
    is_deeply told($got), [ 'X-FloodControl-MinuteLimit: 5', 'X-FloodControl-Remaining: 0',
        'X-FloodControl-Reset: T', 'X-RateLimit-DailyLimit: 100', 'X-RateLimit-Remaining: 95',
        'X-RateLimit-Reset: T' ], 'its headers';
    my $reset = $got->header('X-FloodControl-Reset');
    ok $reset > $now && $reset <= $now + 66, 'Reset is a time of the next minute' or diag "$reset $now";
    ok abs($got->header('Retry-After') - $reset + $now) <= 1, 'as Retry-After' or diag "$reset $now";
    like $got->reason, qr/^LIMIT_EXCEEDED: The limit of 5 calls a minute/, 'the reason phrase';
};

subtest 'errors tell too, but not strangers' => sub {
    $on->publish('<api name="told" path="told/{id}"><limits minute="50"/><select module="Orgs" one="true"><where>'
        . '<field name="id" value="@id"/></where></select></api>');
    is_deeply [ map { $_->status, @{ told($_) } } $on->get('/api/told/99') ],
        [ 404, 'RateLimit-Policy: "minute";q=50;w=60', 'RateLimit: "minute";r=49;t=T' ], 'no such record';
    is_deeply [ map { $_->status, @{ told($_) } } $on->get('/api/told/x') ],
        [ 422, 'RateLimit-Policy: "minute";q=50;w=60', 'RateLimit: "minute";r=48;t=T' ], 'no id';
    is_deeply [ map { $_->status, @{ told($_) } } $on->call(GET => '/api/told/1', headers => ['API-Version' => 9]) ],
        [ 404, 'RateLimit-Policy: "minute";q=50;w=60', 'RateLimit: "minute";r=48;t=T' ], 'no such version: not counted';
    is_deeply told($on->call(OPTIONS => '/api/told/1')), [], 'OPTIONS is no call';
    is_deeply [ map { $_->status, @{ told($_) } } $web->get('/api/told/1') ], [ 401 ], 'nobody is told nothing';
};

sub statuses ($n, $path, %want) { [ map { $on->call(GET => $path, %want)->status } 1 .. $n ] }

subtest 'users, tokens, places' => sub {
    $db->ctl_ok(qw(user limits ann --minute 1000 --day 2000));
    $db->ctl_ok(qw(token limits Hook --minute 2));
    $on->settle;
    is_deeply told($on->get('/api/orgs')), [ 'RateLimit-Policy: "minute";q=1000;w=60, "day";q=2000;w=86400',
        'RateLimit: "minute";r=999;t=T, "day";r=1999;t=T' ], 'a user has limits of her own';
    is_deeply told($on->get('/api/told/1')), [ 'RateLimit-Policy: "minute";q=50;w=60, "day";q=2000;w=86400',
        'RateLimit: "minute";r=47;t=T, "day";r=1998;t=T' ], 'headers tell of the nearest of each kind';
    my @got = map { $on->call(POST => '/hooks/Hook', json => { name => 'n' }, basic => undef,
                              headers => [ Token => $on->token('Hook') ]) } 1 .. 3;
    is_deeply [ map { $_->status } @got ], [ 201, 201, 429 ], 'a token';
    like $got[2]->json->{detail}, qr/^The limit of 2 calls a minute for this token is reached/, '  says so';
    my $new = Served::secret($db->ctl_ok('token', 'Hook'));
    $on->settle;
    is_deeply told($on->call(POST => '/hooks/Hook', json => { name => 'n' }, basic => undef, headers => [ Token => $new ])),
        [ 'RateLimit-Policy: "minute";q=2;w=60', 'RateLimit: "minute";r=1;t=T' ], '  and a new token takes them over';
    is_deeply statuses(6, '/five/orgs'), [ (200) x 5, 429 ], 'a Location';
    like $on->get('/five/orgs')->json->{detail}, qr/ for this server is reached/, '  says so';
    is_deeply told($web->get('/five/orgs')), [ 'RateLimit-Policy: "minute";q=5;w=60', 'RateLimit: "minute";r=0;t=T' ],
        '  also to who is not known';
    is $on->get('/api/orgs')->status, 200, '  and not elsewhere';
    $db->ctl_ok(qw(user limits ann));
};

subtest 'all children count together' => sub {
    limited('twenty', 'minute="20"', 'twenty');
    my $known = sub ($i) { $on->call(GET => '/api/twenty', headers => [ 'API-Version' => 9 ])->json->{detail} };
    Rig->until(10, 'both children', sub { !grep { $_ ne 'There is no version 9' } Rig->parallel(8, $known) });
    my @got = map { @$_ } Rig->parallel(8, sub ($i) { statuses(10, '/api/twenty') });
    is scalar(grep { $_ == 200 } @got), 20, '20 of 80 parallel calls get through';
    is_deeply [ grep { $_ != 200 } @got ], [ (429) x 60 ], 'and all others are told so';
    my $before = join ' ', sort $web->children;
    $web->signal('USR1');
    Rig->until(20, 'new children', sub { ($web->children) && join(' ', sort $web->children) ne $before });
    is $on->get('/api/twenty')->status, 429, 'a graceful restart forgets nothing';
};

subtest 'a day outlives a full restart; servers tell each other' => sub {
    limited('daily', 'day="3"', 'daily');
    is_deeply statuses(4, '/api/daily'), [ 200, 200, 200, 429 ], 'three a day';
    $web->stop;
    is $db->value("SELECT hours REGEXP '^\\\\[\\\\[[0-9]+,3]]\$' FROM apid_usage JOIN apid_definition d USING (id)"
        . " WHERE subject = 'definition' AND d.name = 'daily'"), 1, 'what was counted is written when httpd stops';
    $db->run(q(UPDATE apid_usage SET hours = IF(subject = 'user', '{}', '[7]') WHERE subject <> 'definition'));
    $web->again;
    my $got = $on->get('/api/daily');
    is $got->status, 429, 'after a full restart they are used up';
    like $got->json->{detail}, qr/^The limit of 3 calls a day for this API is reached; try again in \d{5} seconds$/, '  it says';
    my $other = Rig->apache(database => $db, mpm => 'prefork', workers => 4, conf => "APIDesignerExchange 0.2\n");
    my @ann = (basic => [ ann => $on->key('ann') ]);
    Rig->until(10, 'what the first server counted', sub { $other->get('/api/daily', @ann)->status == 429 });
    limited('shared', 'minute="40" day="40"', 'shared');
    is_deeply statuses(30, '/api/shared'), [ (200) x 30 ], '30 calls of 40 on one server';
    Rig->until(10, 'their number', sub {
        my $got = $other->get('/api/shared', @ann, headers => [ 'API-Version' => 9 ]);    # told, not counted
        return ($got->header('RateLimit') // '') =~ /^"minute";r=10;/;
    });
    my @got = map { @$_ } Rig->parallel(4, sub ($i) { [ map { $other->get('/api/shared', @ann)->status } 1 .. 5 ] });
    is scalar(grep { $_ == 200 } @got), 10, 'leave 10 for the other, whose processes count together too';
};

# The statuses of requests with these credentials from these addresses.
sub from ($path, $who, @addresses) {
    return [ map { $on->call(GET => $path, basic => $who, headers => [ 'X-Client' => $_ ])->status } @addresses ];
}
my @right = (ann => $on->key('ann'));

subtest 'failed sign-ins wait, per address and per name' => sub {
    $web->mark;
    is_deeply from('/api/orgs', \@right, '192.0.2.2'), [200], 'ann signs in';
    is_deeply from('/api/orgs', [ ann => 'guess' ], ('192.0.2.1') x 4), [ 401, 401, 401, 429 ], 'three failures, then 429';
    my $got = $on->call(GET => '/restapi/vtap/api/orgs', basic => [ 'ann', $on->key('ann') ], headers => [ 'X-Client' => '192.0.2.1' ]);
    is $got->status, 429, 'the right key makes no difference then';
    is code($got), 'LIMIT_EXCEEDED', '  its code';
    like $got->header('Retry-After'), qr/^[1-9]$/, '  Retry-After';
    is $got->json->{error}{message}, 'Too many failed sign-ins; try again in '
        . $got->header('Retry-After') . ($got->header('Retry-After') == 1 ? ' second' : ' seconds'), '  the sentence';
    is_deeply from('/api/orgs', [ 'bob+c@d.example', $on->key('bob+c@d.example') ], '192.0.2.3'), [200], 'another from elsewhere may';
    is_deeply from('/api/orgs', [ ann => 'guess' ], '192.0.2.4'), [429], 'the name from elsewhere must wait';
    is_deeply from('/api/orgs', \@right, '192.0.2.4', '192.0.2.2'), [ 200, 200 ],
        'but not with the right key, which nobody finds by guessing';
    is_deeply from('/api/orgs', [ nobody => 'guess' ], map { "192.0.2.1$_" } 1 .. 4), [ 401, 401, 401, 429 ],
        'a name that nobody has is treated alike';
    Rig->until(20, 'the end of the window', sub { from('/api/orgs', \@right, '192.0.2.1')->[0] == 200 });
    pass 'and then all is well again';

    my ($regex) = Rig::slurp("$Rig::SOURCE/conf/fail2ban/apidesigner.conf") =~ /^failregex = (.*)$/m;
    $regex =~ s/<HOST>/(?<host>[0-9a-f.:]+?)/;
    my @hosts = map { /$regex/ ? $+{host} : () } split /\n/, $web->errors;
    is_deeply \@hosts, [ ('192.0.2.1') x 3, map { "192.0.2.1$_" } 1 .. 3 ], 'the filter of fail2ban finds the failures';
};

subtest 'networks, tokens, and the provider' => sub {
    is_deeply from('/api/orgs', [ "x$_" => 'guess' ], "2001:db8::$_"), [401], "failure of 2001:db8::$_" for 1 .. 3;
    is_deeply from('/api/orgs', \@right, '2001:db8::4', '2001:db8:0:1::1'), [ 429, 200 ], 'a network of 64 bits is one address';
    my @hook = map { [ Token => $_ ] } ('wrong') x 3, $on->token('Hook');
    is_deeply [ map { $on->call(POST => '/hooks/Hook', json => { name => 'n' }, basic => undef,
                                headers => [ @$_, 'X-Client' => '198.51.100.1' ])->status } @hook ],
        [ 401, 401, 401, 429 ], 'tokens';
    is_deeply [ map { $on->call(GET => "/hooks/Query%20Hook?name=n&token=$_->[0]", basic => undef,
                                headers => [ 'X-Client' => "198.51.100.$_->[1]" ])->status }
                [ 'wrong', 4 ], [ 'wrong', 4 ], [ 'wrong', 4 ], [ 'wrong', 5 ], [ $on->token('Query Hook'), 5 ] ],
        [ 401, 401, 401, 429, 200 ], 'from elsewhere the right one alone is let in';
    is_deeply [ map { $on->call(POST => '/hooks/None', json => {}, basic => undef,
                                headers => [ @$_, 'X-Client' => '198.51.100.2' ])->status } @hook ],
        [ 401, 401, 401, 429 ], 'of a webhook that is not there too';
    $db->ctl_ok({ stdin => "right password\n" }, 'user', 'password', 'ann', '--password-file', '-');
    $on->settle;
    is_deeply [ map { from('/none', $_, '203.0.113.5')->[0] } ([ stranger => 'guess' ]) x 4, [ ann => 'right password' ] ],
        [ (401) x 4, 404 ], 'whom the provider does not know another one may';
    is_deeply from('/none', [ ann => 'right password' ], '203.0.113.6'), [404], 'ann signs in elsewhere';
    is_deeply [ map { from('/none', [ ann => $_ ], '203.0.113.1')->[0] } 'right password', ('guess') x 3, 'right password' ],
        [ 404, 401, 401, 401, 401 ], 'the provider denies, whatever the password';
    is_deeply from('/none', [ ann => 'right password' ], '203.0.113.6', '203.0.113.7'), [ 404, 401 ],
        "  but not where ann signed in, for somebody else's failures";
};

unlike $web->log, qr/exit signal/, 'neither a virtual host that asks for fewer counters nor hours that cannot be read end a child';

done_testing;
