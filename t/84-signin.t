#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Signing in to the console: the form, the session, and what ends it
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $db = Rig->database;
my $dir = Rig->directory;
Rig::spew("$dir/password", "correct horse\n");
Rig::spew("$dir/session", "of a test only, not of an installation\n");
$db->ctl_ok('init', '--admin', 'admin', '--password-file', "$dir/password");
$db->ctl_ok('user', 'add', $_, '--role', 'designer', '--password-file', "$dir/password")
    for qw(ann bob);

# As conf/apidesigner.conf shows it, but for the Secure that asks for HTTPS.
my ($sample) = Rig::slurp("$Rig::SOURCE/conf/apidesigner.conf")
    =~ /^(\# +SessionCryptoDriver .*?)^\# Below/ms or die 'no sample';
$sample = join '', $sample =~ /^\#   (.*\n)/mg;
$sample = $sample =~ s/;Secure//r =~ s{/etc/apache2/apidesigner\.session}{$dir/session}r;
my $web = Rig->apache(database => $db, conf => "APIDesignerThrottle failures=20\n$sample",
    modules => [ qw(auth_form authz_host request session session_cookie session_crypto) ]);

# A browser that keeps the one cookie there is.
sub browser { return { cookie => '' } }
sub visit ($browser, $method, $path, %want) {
    my @cookie = $browser->{cookie} ? (Cookie => $browser->{cookie}) : ();
    my $got = $web->request($method, "/apidesigner/$path",
        %want, headers => [ @cookie, @{ $want{headers} // [] } ]);
    ($browser->{set}) = $got->headers('Set-Cookie');
    ($browser->{cookie}) = ($browser->{set} // '') =~ /^([^;]*)/ if $browser->{set};
    return $got;
}
sub sign_in ($browser, $name, $password, @headers) {
    return visit($browser, POST => 'login', headers => \@headers,
        form => [ httpd_username => $name, httpd_password => $password ]);
}
sub me ($browser) { visit($browser, GET => 'manage/me') }
sub out ($got, $what) {
    is $got->status, 401, "$what: 401";
    is $got->header('Content-Type'), 'application/problem+json', "$what: problem+json";
    is $got->json->{code}, 'AUTHENTICATION_FAILURE', "$what: its code";
}

my $health = $web->get('/apidesigner/health');
is $health->status, 200, 'how it is, is told below the console';
is $health->json->{status}, 'ok', 'in JSON';
like $web->get('/apidesigner/metrics')->body, qr/^# HELP/, 'and so are its numbers';

# ---- in

my $ann = browser();
out(me($ann), 'nobody has signed in');
out(sign_in($ann, 'ann', 'wrong horse'), 'a wrong password');
out(me($ann), 'which is no session');
out(sign_in($ann, 'nobody', 'correct horse'), 'nobody');
is sign_in($ann, 'ann', 'correct horse')->status, 200, 'the right one';
like $ann->{set}, qr/^apidesigner=[^;]+;Max-Age=28800;path=\/apidesigner;HttpOnly;SameSite=Strict$/,
    'the cookie is not for scripts, nor for other sites';
unlike $ann->{set}, qr/ann|correct/, 'nor does it tell what it holds';
is me($ann)->json->{name}, 'ann', 'it is who signed in';
like me($ann)->header('Set-Cookie'), qr/Max-Age=28800/, 'each request renews it';

# bcrypt alone takes tens of milliseconds of processor time: it is not run
# again for each request of a session.
sub ticks { (split ' ', Rig::slurp("/proc/@{[ $web->children ]}/stat") =~ s/.*\) //sr)[11] }
my $ticks = ticks();
me($ann) for 1 .. 40;
cmp_ok ticks() - $ticks, '<', 160, '40 requests take less processor time than 40 times bcrypt';

# ---- another page cannot sign anybody in or out

sub foreign ($method, $path, @headers) {
    my $other = { cookie => $ann->{cookie} };
    my $got = visit($other, $method, $path, headers => \@headers,
        $method eq 'POST' ? (form => [ httpd_username => 'bob', httpd_password => 'correct horse' ]) : ());
    is $got->status, 403, "$method $path from another origin";
    ok !$other->{set}, 'sets no cookie';
}
foreign(POST => 'login',  Origin => 'https://evil.example');
foreign(POST => 'login',  'Sec-Fetch-Site' => 'cross-site');
foreign(GET  => 'logout', 'Sec-Fetch-Site' => 'cross-site');
foreign(POST => 'logout', Origin => 'https://evil.example');
foreign(POST => 'manage/me', Origin => 'https://evil.example');    # which mod_auth_form reads, too
is me($ann)->json->{name}, 'ann', 'who stays signed in';

# ---- out

my $stolen = { cookie => 'apidesigner=' . 'A' x 96 };
out(me($stolen), 'a made-up cookie');
my $bent = { cookie => $ann->{cookie} =~ s/(.{20})$/scalar reverse $1/er };
out(me($bent), 'a cookie that was changed');
my $copy = { cookie => $ann->{cookie} };
is me($copy)->status, 200, 'a copy of the cookie';
is visit($ann, POST => 'logout')->status, 200, 'signing out';
out(me($ann), 'after it');
out(me($copy), 'the copy');
is sign_in($ann, 'ann', 'correct horse')->status, 200, 'signing in again';
is me($ann)->status, 200, 'is another session';

# A cookie that somebody else put there is no session, before or after.
my $victim = browser();
me($victim);
my $planted = { cookie => $victim->{cookie} };
sign_in($victim, 'ann', 'correct horse');
is me($victim)->status, 200, 'signed in';
out(me($planted), 'the cookie of before');

# ---- what ends a session at once, in every browser

my ($one, $two) = (browser(), browser());
sign_in($_, 'ann', 'correct horse') for $one, $two;
is me($_)->status, 200, 'two browsers' for $one, $two;
my $changed = visit($one, POST => 'manage/me/password', headers => [ 'X-APIDesigner' => 1 ],
    json => { old => 'correct horse', password => 'battery staple' });
is $changed->status, 200, 'a new password' or diag $changed->body;
is $changed->json->{password}, undef, 'is not shown';
Rig->until(5, 'the old one to end', sub { me($two)->status == 401 });
out(me($_), 'the session of the old one') for $one, $two;
out(sign_in($one, 'ann', 'correct horse'), 'the old one');
is sign_in($one, 'ann', 'battery staple')->status, 200, 'the new one';
is me($one)->status, 200, 'begins another';

is visit($one, POST => 'manage/me/password', headers => [ 'X-APIDesigner' => 1 ],
    json => { old => 'guess', password => 'guessed it' })->status, 422, 'only with the one before';

sign_in(my $bob = browser(), 'bob', 'correct horse');
is me($bob)->status, 200, 'bob';
$db->ctl_ok('user', 'disable', 'bob');
Rig->until(5, 'bob to be out', sub { me($bob)->status == 401 });
out(me($bob), 'who is disabled');
out(sign_in($bob, 'bob', 'correct horse'), 'and cannot come back');
$db->ctl_ok('user', 'enable', 'bob');
Rig->until(5, 'bob to be let in', sub { sign_in($bob, 'bob', 'correct horse')->status == 200 });

# ---- guessing

# Sessions whose password has changed are no guesses, however often they ask.
sign_in(my $tab = browser(), 'ann', 'battery staple');
visit($one, POST => 'manage/me/password', headers => [ 'X-APIDesigner' => 1 ],
    json => { old => 'battery staple', password => 'third password' });
Rig->until(5, 'the old one to end', sub { me($tab)->status == 401 });
me($tab) for 1 .. 20;
is sign_in($one, 'ann', 'third password')->status, 200, 'nobody is held back by an old session';

my $got;
for (1 .. 21) {
    $got = sign_in(browser(), 'ann', 'guess');
    last if $got->status == 429;
}
is $got->status, 429, 'who guesses is held back';
is $got->header('Content-Type'), 'application/problem+json', 'in JSON';
is $got->json->{code}, 'LIMIT_EXCEEDED', 'with its code';
like $got->json->{detail}, qr/^Too many failed sign-ins; try again in \d+ seconds$/, 'and until when';
like $got->header('Retry-After'), qr/^\d+$/, 'Retry-After';
is sign_in(browser(), 'ann', 'third password')->status, 429, 'whatever comes next';
is visit(browser(), POST => 'manage/me', headers => [ 'X-APIDesigner' => 1 ], form => [ httpd_username => 'ann',
    httpd_password => 'third password' ])->status, 429, 'wherever it is sent';
is visit($one, POST => 'manage/me/password', headers => [ 'X-APIDesigner' => 1 ],
    json => { old => 'third password', password => 'fourth password' })->status, 429, 'or by whom';
is me($one)->status, 200, 'a session goes on';

my $log = $web->log . $web->access;

# Names do not leak: those that nobody has are held back as well.
$web = Rig->apache(database => $db, conf => "APIDesignerThrottle failures=3\n$sample",
    modules => [ qw(auth_form authz_host request session session_cookie session_crypto) ]);
is join(' ', map { sign_in(browser(), 'no one', 'guess')->status } 1 .. 4), '401 401 401 429',
    'who guesses names is held back';

unlike $log . $web->log . $web->access, qr/correct horse|correct%20horse|correct\+horse|battery/,
    'no log holds a password';
done_testing;
