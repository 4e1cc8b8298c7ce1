#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The way to the database: TCP, several hosts in order, TLS required and
# verified. The certificates are made here.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $dir = Rig->directory;

sub openssl (@words) {
    my $ran = Rig->run({}, 'openssl', @words);
    die "openssl @words: $ran->{err}" if $ran->{code};
}

# A certificate authority: $dir/NAME.pem, NAME.key.
sub authority ($name) {
    openssl(qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj), "/CN=$name",
        '-keyout', "$dir/$name.key", '-out', "$dir/$name.pem");
}

# A server's certificate, for these names, by an authority.
sub certificate ($name, $by, $names) {
    openssl(qw(req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj), "/CN=$name",
        '-keyout', "$dir/$name.key", '-out', "$dir/$name.csr");
    Rig::spew("$dir/$name.ext", "subjectAltName=$names\n");
    openssl(qw(x509 -req -days 2 -CAcreateserial), '-in', "$dir/$name.csr",
        '-CA', "$dir/$by.pem", '-CAkey', "$dir/$by.key",
        '-extfile', "$dir/$name.ext", '-out', "$dir/$name.pem");
    return ("--ssl-cert=$dir/$name.pem", "--ssl-key=$dir/$name.key", "--ssl-ca=$dir/$by.pem");
}

# A server on a port of 127.0.0.1, with two users that come over it: one may
# come in the clear. Gives it and its port.
sub server (@args) {
    my $port = Rig::Apache::free_port();
    my $db = Rig->database(args => [ '--skip-networking=0', '--bind-address=127.0.0.1',
                                     "--port=$port", @args ]);
    $db->run(q{CREATE USER clear@'127.0.0.1' IDENTIFIED BY 'secret';
        CREATE USER sealed@'127.0.0.1' IDENTIFIED BY 'secret' REQUIRE SSL;
        GRANT ALL ON *.* TO clear@'127.0.0.1'; GRANT ALL ON *.* TO sealed@'127.0.0.1'});
    return ($db, $port);
}

Rig::spew("$dir/password", "secret\n");
chmod 0644, "$dir/password";
sub url ($user, $hosts, @more) {
    return "mysql://$user\@$hosts/apid?" . join '&', "password=file:$dir/password", @more;
}

authority($_) for qw(ours another);
my ($db, $port) = server(certificate('right', 'ours', 'DNS:localhost,IP:127.0.0.1'));
my ($other, $other_port) = server(certificate('elsewhere', 'ours', 'DNS:db.example'));
$db->ctl_ok('init', '--admin', 'admin');
$db->run('CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(80));
    INSERT INTO notes (text) VALUES (@@port)');
$db->ctl_ok('module', 'import', 'notes', '--name', 'Notes');

# The tool: 0, or its exit status and what it said.
sub tried ($url) {
    my $ran = $db->ctl('--database', $url, 'module', 'list');
    return $ran->{code} ? "$ran->{code}: $ran->{err}" : $ran->{out} =~ /Notes/ ? 'Notes' : 'nothing';
}

# ---- TCP, hosts in order

my $dead = Rig::Apache::free_port();
is tried(url('clear', "127.0.0.1:$port")), 'Notes', 'TCP';
is tried(url('clear', "localhost:$port")), 'Notes', 'localhost is TCP too: a socket is told as one';
is tried(url('clear', "127.0.0.1:$dead,127.0.0.1:$port")), 'Notes', 'the first of two hosts is down';
is tried(url('clear', "127.0.0.1:$port,127.0.0.1:$other_port")), 'Notes', 'the first of two is taken';
like tried(url('clear', "127.0.0.1:$other_port,127.0.0.1:$port")), qr/^\d: .*init/s,
    '  whatever it knows';
like tried(url('clear', "127.0.0.1:$dead")), qr/^3: /, 'the only one is down';
like tried(url('nobody', "127.0.0.1:$port")), qr/^3: /, 'a user that is not there';

# ---- TLS

like tried(url('sealed', "127.0.0.1:$port")), qr/^3: /, 'without TLS, for a user who must';
is tried(url('sealed', "127.0.0.1:$port", 'tls=require')), 'Notes', 'tls=require';
is tried(url('sealed', "127.0.0.1:$port", 'tls=verify', "ca=$dir/ours.pem")), 'Notes', 'tls=verify';
is tried(url('sealed', "localhost:$port", 'tls=verify', "ca=$dir/ours.pem")), 'Notes', '  by name';
like tried(url('sealed', "127.0.0.1:$port", 'tls=verify', "ca=$dir/another.pem")),
    qr/^3: .*: TLS cannot be agreed on: see tls= and ca= /, '  another authority';
like tried(url('sealed', "127.0.0.1:$port", 'tls=verify')), qr/^3: /, '  one the system does not know';
like tried(url('sealed', "127.0.0.1:$port", 'tls=verify', "ca=$dir/none.pem")), qr/^2: .*cannot be read/,
    '  a file that is not there';
like tried(url('sealed', "127.0.0.1:$other_port", 'tls=verify', "ca=$dir/ours.pem")),
    qr/^3: /, "  another host's certificate";
like tried(url('sealed', "127.0.0.1:$other_port", 'tls=require', "ca=$dir/ours.pem")),
    qr/^\d: .*init/s, 'tls=require does not look at the name';
is tried(url('sealed', "127.0.0.1:$other_port,127.0.0.1:$port", 'tls=verify', "ca=$dir/ours.pem")),
    'Notes', 'a host that is not who it should be is passed by';

# ---- the same through Apache

my ($file) = "$dir/Notes.xml";
Rig::spew($file, '<api name="Notes" path="notes"><select module="Notes"/></api>');
Rig::spew("$dir/Add.xml", '<api name="Add" path="notes" method="post"><create module="Notes">
    <record><field name="text" value="@text"/></record></create></api>');
$db->ctl_ok('apply', $file, "$dir/Add.xml");
my ($key) = $db->ctl_ok('user', 'add', 'ann') =~ /([\w-]{43})/;
chmod 0644, glob "$dir/*.pem";
my $web = Rig->apache(database => url('sealed', "127.0.0.1:$dead,127.0.0.1:$port",
    'tls=verify', "ca=$dir/ours.pem"));
my @ann = (basic => [ 'ann', $key ]);
is $web->get('/api/notes', @ann)->json->[0]{text}, $port, 'Apache: TLS, the second host';
is $web->request(POST => '/api/notes', @ann, json => { text => "\x{1F512}" })->status, 201, '  it writes';
my @ids = map { $_->{id} } $db->rows(q{SELECT id FROM information_schema.processlist
    WHERE user = 'sealed'});
cmp_ok scalar @ids, '>', 0, '  its connections are there';
$db->run(join ';', map { "KILL $_" } @ids);
is $web->get('/api/notes', @ann)->json->[1]{text}, "\x{1F512}", '  and are replaced';
$web->stop;

$db->run('ALTER USER clear@\'127.0.0.1\' IDENTIFIED BY "another"');
$web = Rig->apache(database => url('clear', "127.0.0.1:$port"));
is $web->get('/api/notes', @ann)->status, 503, 'a password that is wrong';
unlike $web->errors, qr/secret/, '  and is not logged';

done_testing;
