#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# README: what it says to type, typed
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $readme = Rig::slurp("$Rig::SOURCE/README");
my $db = Rig->database(name => 'crm');
$db->run('CREATE TABLE organizations (id INT AUTO_INCREMENT PRIMARY KEY, '
    . 'accountname VARCHAR(80) NOT NULL, website VARCHAR(80));'
    . "INSERT INTO organizations VALUES (7, 'Zuse', 'https://zuse.example')");

my ($definition) = $readme =~ m{^(    <api .*?</api>\n)}ms;
my $dir = Rig->directory;
Rig::spew("$dir/organizations.xml", $definition =~ s/^    //gmr);

# What it has to be typed, with the places that are another machine's. Lines
# below "grants" go into the database, as they are printed.
my %here = ('/run/mysqld/mysqld.sock' => $db->socket, '/etc/apache2/apidesigner.password' => "$dir/password",
            'organizations.xml' => "$dir/organizations.xml");
sub here ($text) {
    my $places = join '|', map { quotemeta } keys %here;
    return $text =~ s/($places)/$here{$1}/gr;
}
my $begin = here(<<"END");
mariadb() { command mariadb --no-defaults --socket=/run/mysqld/mysqld.sock --user=root "\$@"; }
PATH=$Rig::BUILD:\$PATH
END
my $key;
sub type (@lines) {
    for my $line (@lines) {
        my $ran = Rig->run({}, 'bash', '-ec', $begin . here($line));
        is $ran->{code}, 0, $line or diag $ran->{err};
        $key //= $1 if $ran->{out} =~ /key:?\s+(\S+)/;
        my $grants = join '', $ran->{out} =~ /^  .*\n/mg;
        next unless $ran->{out} =~ /^grants:/m;
        Rig::spew("$dir/grants.sql", $grants);
        $ran = Rig->run({}, 'bash', '-ec', "${begin}mariadb crm < $dir/grants.sql");
        is $ran->{code}, 0, '  and its GRANTs' or diag $ran->{err}, $grants;
    }
}
my ($user_line, $password, $export) = $readme =~ /^    (mariadb crm .*)\n    (install .*)\n    (export .*)$/m;
$begin .= here("$export\n");
my @typed = $readme =~ /^    (apidesignerctl .*)$/mg;
is scalar @typed, 7, 'init, import, apply, add a user; a group, its right, its user';
type($user_line, $password, @typed[0 .. 3]);
unlike $db->run('SHOW GRANTS FOR apidesigner@localhost'), qr/`crm`\.\*|ALL PRIV/,
    'Apache has no other rights';

my ($conf) = $readme =~ m{^(    APIDesignerDatabase .*?</Location>\n)\n}ms;
my $web = Rig->apache(locations => 0, conf => here($conf));
my ($user, $path) = $readme =~ m{^    curl -u (\w+):KEY http://localhost(\S+)$}m;
my $got = $web->get($path, basic => [ $user, $key ]);
is $got->status, 200, "curl $path" or diag $got->body;
is_deeply $got->json, [ { id => 7, accountname => 'Zuse',
                          website => 'https://zuse.example' } ], 'the answer';
type(@typed[4 .. 6]);
Rig->until(10, 'the right', sub {
    $web->get($path, basic => [ $user, $key ])->body eq '[{"id":7,"accountname":"Zuse"}]'
});
pass 'the websites are hidden';
done_testing;
