#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# README: what it says to type, typed
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $readme = Rig::slurp("$Rig::SOURCE/README");
my $db = Rig->database;
$db->run('CREATE TABLE organizations (id INT AUTO_INCREMENT PRIMARY KEY, '
    . 'accountname VARCHAR(80) NOT NULL, website VARCHAR(80));'
    . "INSERT INTO organizations VALUES (7, 'Zuse', 'https://zuse.example')");

my ($definition) = $readme =~ m{^(    <api .*?</api>\n)}ms;
my $dir = Rig->directory;
Rig::spew("$dir/organizations.xml", $definition =~ s/^    //gmr);

my $key;
sub type (@lines) {
    for my $line (@lines) {
        my @words = map { /\.xml$/ ? "$dir/$_" : $_ } split ' ', $line;
        my $ran = $db->ctl(@words);
        is $ran->{code}, 0, "apidesignerctl $line" or diag $ran->{err};
        $key //= $1 if $ran->{out} =~ /key:?\s+(\S+)/;
    }
}
my @typed = $readme =~ /^    apidesignerctl (.*)$/mg;
is scalar @typed, 7, 'init, import, apply, add a user; a group, its right, its user';
type(@typed[0 .. 3]);

# Its Locations, without the lines that are the machine's.
my ($conf) = $readme =~ m{^    APIDesignerDatabase .*?\n(.*?</Location>\n)\n}ms;
my $web = Rig->apache(database => $db, locations => 0, conf => $conf);
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
