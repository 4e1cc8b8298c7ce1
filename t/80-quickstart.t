#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# quickstart: run, start, stop, status, reset, in checkouts of its own
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Postman;
use Test::More;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

# A checkout with its build: quickstart builds the rest, or nothing.
my $home = Rig->directory;
my $one = "$home/one";
Rig->run({}, 'sh', '-c', "mkdir $one && cd $Rig::SOURCE && tar cf - --exclude=./var --exclude=./.git "
    . "--exclude='./mod_apidesigner-*' --exclude=./htdocs/node_modules . | tar xf - -C $one");
my %port = ($one => Rig::Apache::free_port(), "$home/two" => Rig::Apache::free_port());
my %began;

# Runs quickstart's command; it may leave servers running, so they are
# stopped at the end, whatever happens.
sub quickstart ($dir, @words) {
    $began{$dir} = 1;
    return Rig->run({ timeout => 300, env => { PORT => $port{$dir} // '' } },
                    "$dir/quickstart", @words);
}
END { my $code = $?; quickstart($_, 'stop') for keys %began; $? = $code }

sub env_of ($dir) {
    return { Rig::slurp("$dir/var/quickstart.env") =~ /^(\w+)='?(.*?)'?$/mg };
}

sub answers ($dir) {
    my $client = eval { Rig::Client->connect($port{$dir}) } or return 0;
    my $env = env_of($dir);
    return $client->request(GET => '/api/Get%20Organizations',
        basic => [ @$env{qw(API_USER API_KEY)} ])->status;
}

my $ran = quickstart($one, 'start');
is $ran->{code}, 0, 'start' or diag "$ran->{out}$ran->{err}";
is answers($one), 200, 'the demo answers when start returns';

my $env = env_of($one);
unlike Rig::slurp("$one/var/error.log"), qr/:(?:warn|error|crit)\]/, 'nothing to warn of';
is +(stat "$one/var/quickstart.env")[2] & 0777, 0600, 'quickstart.env is private';
is_deeply [ sort keys %$env ], [ qw(ADMIN_PASSWORD ADMIN_USER API_KEY API_USER
    CTL DB_NAME DB_SOCKET PORT SUPPORT_KEY SUPPORT_USER URL WEBHOOK_TOKEN) ],
    'what it holds';
is $env->{URL}, "http://127.0.0.1:$port{$one}", 'URL';
like $env->{ADMIN_PASSWORD}, qr/^\w{20,}$/, 'the password is random';

my $hook = Rig::Client->connect($port{$one})->request(
    POST => '/hooks/Create%20Webhook', json => { lastname => 'Lovelace' },
    headers => [ Token => $env->{WEBHOOK_TOKEN} ]);
is $hook->status, 201, 'the webhook takes its token' or diag $hook->body;
is Rig->run({}, 'mariadb', '--no-defaults', "--socket=$env->{DB_SOCKET}",
            $env->{DB_NAME}, '-Ne', "SELECT 'there'")->{out}, "there\n",
   'the database is at DB_SOCKET, and its name DB_NAME';
is Rig->run({}, $env->{CTL}, 'list')->{code}, 0, 'CTL is the tool';

# The walkthrough, as Postman does it.
my %environment = Postman->environment(
    sub (@words) { Rig->run({}, $env->{CTL}, '--json', @words)->{out} },
    baseUrl => $env->{URL}, user => $env->{API_USER}, key => $env->{API_KEY},
    token => $env->{WEBHOOK_TOKEN});
Postman->run('the collection, by Postman', \%environment);

my $client = Rig::Client->connect($port{$one});
my $signed = $client->request(POST => '/apidesigner/login', form => [
    httpd_username => $env->{ADMIN_USER}, httpd_password => $env->{ADMIN_PASSWORD} ]);
is $signed->status, 200, 'the admin signs in to the console';
my ($cookie) = $signed->header('Set-Cookie') =~ /^([^;]*)/;
is $client->request(GET => '/apidesigner/manage/me', headers => [ Cookie => $cookie ])->json->{role},
    'admin', 'and is who may do everything';
is +(stat "$one/var/secret/session")[2] & 0777, 0600, 'what sessions are encrypted with is private';

is quickstart($one, 'status')->{code}, 0, 'status: both run';
is quickstart($one, 'start')->{code}, 0, 'start again is no error';

# Another port while it runs; a taken one changes nothing.
{
    my $old = $port{$one};
    $port{$one} = Rig::Apache::free_port();
    is quickstart($one, 'start')->{code}, 0, 'start on another port';
    is env_of($one)->{URL}, "http://127.0.0.1:$port{$one}", '  the URL that is told';
    is answers($one), 200, '  is the one that answers';
    my $new = $port{$one};
    $port{$one} = $old;
    is answers($one), 0, '  and the only one';
    my $taken = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1,
        LocalAddr => "127.0.0.1:$old") or die "$old: $!";
    $ran = quickstart($one, 'start');
    like $ran->{err}, qr/port $old is taken/, 'a port that is taken is refused';
    isnt $ran->{code}, 0, '  and it fails';
    $port{$one} = $new;
    is env_of($one)->{PORT}, $new, '  and is not remembered';
    is answers($one), 200, '  what runs goes on';
    delete $port{$one};
    is quickstart($one, 'start')->{code}, 0, 'without PORT';
    $port{$one} = $new;
    is answers($one), 200, '  it is the one of before';
    $env = env_of($one);
}

# Two checkouts, side by side.
Rig->run({}, 'sh', '-c', "mkdir $home/two && cd $one && "
    . "tar cf - --exclude=./var . | tar xf - -C $home/two");
$ran = quickstart("$home/two", 'start');
is $ran->{code}, 0, 'a second checkout starts' or diag "$ran->{out}$ran->{err}";
is answers($_), 200, 'both answer' for $one, "$home/two";
isnt env_of("$home/two")->{API_KEY}, $env->{API_KEY}, 'each has its own secrets';
is quickstart("$home/two", 'stop')->{code}, 0, 'the second stops';
is answers($one), 200, 'the first goes on';

# A checkout in a home that nobody else may look into, as root's is: httpd's
# children, who are somebody else then, serve all the same.
chmod 0700, "$home/two";
umask 077;
is quickstart("$home/two", 'start')->{code}, 0, 'a hidden checkout starts';
umask 022;
is answers("$home/two"), 200, 'it answers';
is Rig::Client->connect($port{"$home/two"})->request(GET => $_)->status, 200, "so does $_"
    for '/apidesigner/', '/';
is quickstart("$home/two", 'stop')->{code}, 0, 'and stops';

is quickstart($one, 'stop')->{code}, 0, 'stop';
is quickstart($one, 'status')->{code}, 3, 'status: none runs';

# The best of three: other work on the machine is not quickstart's.
my $fastest = 1e9;
for my $try (1 .. 3) {
    last if $fastest < 5;
    quickstart($one, 'stop') if $try > 1;
    my $begin = time;
    is quickstart($one, 'start')->{code}, 0, "start with data, try $try";
    my $took = time - $begin;
    $fastest = $took if $took < $fastest;
}
cmp_ok $fastest, '<', 5, 'takes less than 5 s';
is answers($one), 200, 'the keys are those of before';
is quickstart($one, 'stop')->{code}, 0, 'stop';

# Ctrl-C: the terminal signals the whole group.
my $log = "$home/run.log";
my $pid = Rig->spawn('quickstart', $log, { PORT => $port{$one} },
                     "$one/quickstart");
Rig->until(60, 'quickstart to run', sub { Rig::slurp($log) =~ /Ctrl-C/ });
my $shown = Rig::slurp($log);
my ($address) = $shown =~ m{(http://\S+)};
is $address, "http://127.0.0.1:$port{$one}/apidesigner/", 'the console is told of first';
my @curls = $shown =~ /^(curl .*)$/mg;
is scalar @curls, 3, 'it shows three lines to copy' or diag $shown;
for my $curl (@curls, $curls[2]) {
    sleep 1.1; # the address in the last has the time in it
    my $got = Rig->run({}, 'sh', '-c', "$curl -s -w ' %{http_code}'");
    like $got->{out}, qr/ 20[01]\z/, $curl or diag $got->{out};
}
like $shown, qr/\Q$env->{$_}\E/, "it shows $_" for qw(URL API_USER API_KEY
    ADMIN_USER ADMIN_PASSWORD WEBHOOK_TOKEN);
Rig->until(10, 'the log to be followed', sub {
    answers($one);
    Rig::slurp($log) =~ m{"GET /api/Get};
});
pass 'it follows the log';
kill INT => -$pid;
Rig->until(30, 'quickstart to end', sub { !Rig->alive($pid) });
is quickstart($one, 'status')->{code}, 3, 'Ctrl-C stopped both servers';

is quickstart($one, 'reset')->{code}, 0, 'reset';
ok !-e "$one/var/mariadb" && !-e "$one/var/quickstart.env", 'the data are gone';
is quickstart($one, 'nonsense')->{code}, 2, 'an unknown command';
done_testing;
