#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# What does not fit the tables is not taken, and what stopped to fit is told:
# modules, definitions, and the rights of the database's user
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $db = Rig->database;
$db->ctl_ok('init');
my $dir = Rig->directory;
sub file ($name, $text) { Rig::spew("$dir/$name.xml", $text); "$dir/$name.xml" }
sub refused ($want, $what, @words) {
    my $got = $db->ctl(@words);
    is "$got->{code} $got->{err}", '1 ' . join('', map { "$dir/$_\n" } @$want), $what;
}
sub json (@words) { Rig->json($db->ctl_ok('--json', @words)) }

$db->run('CREATE TABLE kids (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), dbl DOUBLE);'
       . 'CREATE TABLE toys (toyid INT PRIMARY KEY); CREATE TABLE seq (num INT)');
my $rights = 'in the database, or its user has no right to it (apidesignerctl init prints the GRANTs)';
refused [ 'Kids.xml:2:3: there is no column `toys`.`kid` in the database',
          "Kids.xml:3:3: there is no table `nosq` $rights",
          'Kids.xml:4:3: there is no column `kids`.`zzz` in the database',
          'Kids.xml:5:3: there is no column `kids`.`gone` in the database',
          "Kids.xml:6:3: field 'fax': there is no column `kids`.`fax` in the database" ],
    'all that a module needs and is not there, each at its place',
    'module', 'apply', file('Kids', <<'XML');
<module name="Kids"><table name="kids" key="id"/>
  <table name="toys" key="kid"/>
  <key made="sequence" table="nosq" column="id"/>
  <constant column="zzz" value="1"/>
  <softdelete column="gone"/>
  <field name="fax" type="string"/>
</module>
XML
my $sequence = '<module name="Kids"><table name="kids" key="id"/><key made="sequence" table="seq" %s/>'
    . '<field name="name" type="string"/><field name="dbl" type="double"/></module>';
refused [ 'Kids.xml:1:50: there is no column `seq`.`id` in the database' ], 'the column of a sequence',
    'module', 'apply', file('Kids', sprintf $sequence, '');
$db->ctl_ok('module', 'apply', file('Kids', sprintf $sequence, 'column="num"'));

my $kd = file('Kd', qq(<api method="get">\n  <select module="Kids"><record><field name="dbl"/></record></select></api>));
my $all = file('All', '<api method="get"><select module="Kids"/></api>');
$db->ctl_ok('apply', $kd, $all, file('Name',
    '<api method="get"><select module="Kids"><record><field name="name"/></record></select></api>'));
is_deeply [ map { $_->{broken} } @{ json('list') } ], [ '', '', '' ], 'all fit';
is json('show', 'Kd')->{broken}, undef, '  and show says nothing';
$db->run('ALTER TABLE kids DROP COLUMN dbl');
my $why = "field 'dbl' of Kids does not work: there is no column `kids`.`dbl` in the database";
is_deeply { map { @$_{qw(name broken)} } @{ json('list') } },
    { All => "line 1: $why", Kd => "line 2: $why", Name => '' }, 'list says which are broken';
is json('show', 'Kd')->{broken}, "line 2: $why", 'and show';
like $db->ctl_ok('show', 'Kd'), qr/^broken: line 2: field 'dbl'/m, '  for people too';
refused [ "All.xml:1:19: $why", "Kd.xml:2:33: $why" ], "$_ refuses what is gone", $_, $all, $kd
    for qw(check apply);
my $add = file('Add', '<api method="post"><create module="Kids"><record><field name="name" value="@name"/></record></create></api>');
$db->ctl_ok('apply', $add);
for my $words ([ 'rollback', 'Kd', 1 ], [ 'diff', 'Kd' ], [ 'openapi', 'Kd' ]) {
    is $db->ctl(@$words)->{err}, "Kd:2:33: $why\n", "@$words names the API";
}
$db->run('ALTER TABLE seq RENAME TO seqs');
is json('show', 'Add')->{broken}, "line 1: module 'Kids' cannot be written: there is no table `seq` $rights",
    'a sequence that is gone';
is json('show', 'Name')->{broken}, undef, '  keeps nothing from being read';
refused [ "Add.xml:1:20: module 'Kids' cannot be written: there is no table `seq` $rights" ], '  check says so', 'check', $add;

$db->run('CREATE TABLE pets (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20));'
       . 'CREATE TABLE vets (pet INT PRIMARY KEY, vet VARCHAR(20))');
$db->ctl_ok('module', 'apply', map { file($_->[0], qq(<module name="$_->[0]"$_->[1]><table name="pets" key="id"/>)
    . '<table name="vets" key="pet"/><field name="name" type="string"/><field name="vet" table="vets" type="string"/></module>') }
    [ Pets => '' ], [ Seen => ' readonly="true"' ]);
my %pets = (Pet => '<select module="Pets" one="true"><record><field name="name"/></record><where><field name="id" value="@id"/></where></select>',
    Vet => '<select module="Pets"><record><field name="vet"/></record></select>',
    Give => '<update module="Pets"><record><field name="id" value="@id"/><field name="name" value="@name"/></record></update>');
$db->ctl_ok('apply', map { file($_, qq(<api method="put">$pets{$_}</api>)) } sort keys %pets);
$db->run('DROP TABLE vets');
is_deeply { map { $_ => json('show', $_)->{broken} } keys %pets }, { Pet => undef,
    Vet => "line 1: field 'vet' of Pets does not work: there is no table `vets` $rights",
    Give => "line 1: module 'Pets' cannot be written: there is no table `vets` $rights" },
    'a further table that is gone: what does not name its fields is read';
unlike $db->ctl_ok('plan', "$dir/Pet.xml"), qr/vets/, '  without it';
sub warnings ($module) { [ map { [ @$_{qw(field text)} ] } @{ json('module', 'warnings', $module) } ] }
my $unnamed = 'no API that names this field is answered';
is_deeply warnings('Pets'), [ [ undef, "no API that writes records is answered: there is no table `vets` $rights" ],
    [ 'vet', "there is no column `vets`.`vet`: $unnamed" ] ],
    '  module warnings say so, and do not say what to do to it';
is_deeply warnings('Seen'), [ [ 'vet', "there is no column `vets`.`vet`: $unnamed" ] ],
    '  where nothing is written, nothing else';
$db->run('ALTER TABLE kids RENAME COLUMN id TO kid');
is_deeply [ grep { !defined $_->[0] } @{ warnings('Kids') } ],
    [ [ undef, 'no API of the module is answered: there is no column `kids`.`id` in the database' ] ],
    '  also of what all of a module needs';

# what a reference refers to is known when all modules are there
$db->run('CREATE TABLE home (id INT AUTO_INCREMENT PRIMARY KEY); CREATE TABLE cat (id INT AUTO_INCREMENT PRIMARY KEY, home INT, old INT)');
my $cats = file('Cats', <<'XML');
<module name="Cats"><table name="cat" key="id"/>
  <field name="home" type="reference" refers="Homes" bits="32" default="abc"/>
  <field name="old" type="reference" refers="Homes" bits="32" default="@today"/>
</module>
XML
my $homes = file('Homes', '<module name="Homes" prefix="7x"><table name="home" key="id"/></module>');
refused [ map { "Cats.xml:$_ must be the id of a record" } "2:3: default of field 'home': 'abc'",
    "3:3: default of field 'old': '\@today'" ], 'a default that is no id of what it refers to', 'module', 'apply', $cats, $homes;
$db->ctl_ok('module', 'apply', $homes, file('Cats', Rig::slurp($cats) =~ s/abc/7x1/r =~ s/\@today/2/r));
done_testing;
