#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The demo CRM: how much there is, that it is linked, that loading it again
# gives the same rows and touches nobody else's.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;
use Time::HiRes qw(time);

my $db = Rig->database;
my $file = "$Rig::SOURCE/sql/demo.sql";
$db->run('CREATE TABLE contacts (id INT PRIMARY KEY); INSERT INTO contacts VALUES (1)');
my $began = time;
$db->load($file);
cmp_ok time - $began, '<', 10, 'it loads in seconds';
cmp_ok -s $file, '<', 60_000, 'from a small file';

my %rows = (organizations => 500, contacts => 3000, contact_addresses => 3000,
            leads => 1500, products => 200, cases => 1200, deals => 1500, weather => 150);
is $db->value("SELECT COUNT(*) FROM demo_$_"), $rows{$_}, "$rows{$_} $_" for sort keys %rows;

is scalar(my @tables = $db->rows("SHOW TABLES LIKE 'demo%'")), scalar keys %rows,
    'nothing it was made from is left';
is $db->value('SELECT COUNT(DISTINCT account_id) FROM demo_contacts'), 500,
    'every organization has a contact';
is $db->value('SELECT COUNT(*) FROM demo_contacts WHERE account_id IS NULL'), 300,
    'some contacts have no organization';
for my $table (qw(cases deals)) {
    is $db->value("SELECT COUNT(*) FROM demo_$table x JOIN demo_contacts c
                   ON c.id = x.contact_id AND c.account_id = x.account_id"), $rows{$table},
        "contact and organization of the $table belong together";
}
is $db->value('SELECT COUNT(DISTINCT email) FROM demo_contacts'), 3000, 'e-mail addresses are unique';
is $db->value("SELECT COUNT(*) FROM demo_contacts WHERE email NOT REGEXP '^[a-z0-9.-]+@[a-z-]+[.]example\$'"),
    0, 'and nobody\'s';
is $db->value("SELECT accountname FROM demo_organizations WHERE id = 1"),
    'Müller Maschinenbau GmbH', 'umlauts are kept';
is $db->value("SELECT productname FROM demo_products WHERE id = 181"), 'Jupiter 🪐 Desk',
    'and what needs four bytes';
is $db->value("SELECT SUM(deleted) FROM demo_leads"), 25, 'some leads are deleted';

my $tables = join ', ', map { "demo_$_" } sort keys %rows;
my $before = $db->client([ $db->name ], "CHECKSUM TABLE $tables");
$db->run("UPDATE demo_contacts SET lastname = 'Changed'; DELETE FROM demo_cases LIMIT 10");
isnt $db->client([ $db->name ], "CHECKSUM TABLE $tables"), $before, 'what is changed';
$db->load($file);
is $db->client([ $db->name ], "CHECKSUM TABLE $tables"), $before, 'is as it was when loaded again';
is $db->value('SELECT COUNT(*) FROM contacts'), 1, 'tables of others are left alone';

my @apis = glob "$Rig::SOURCE/sql/demo/apis/*.xml";
my $checked = Rig->run({}, "$Rig::BUILD/apidesignerctl", 'check', @apis,
                       '--modules', "$Rig::SOURCE/sql/demo/modules");
is $checked->{code}, 0, 'its definitions fit its modules, without a database'
    or diag $checked->{out}, $checked->{err};

# The modules say of their columns what the tables do.
$db->ctl_ok('init', '--admin', 'admin');
$db->ctl_ok('module', 'apply', glob "$Rig::SOURCE/sql/demo/modules/*.xml");
my %type = (integer => qr/int/, decimal => qr/decimal/, boolean => qr/tinyint/, date => qr/^date$/,
            datetime => qr/datetime/, reference => qr/int/, owner => qr/int/, json => qr/text|json/);
for my $module (map { m{([^/]+)[.]xml$} } glob "$Rig::SOURCE/sql/demo/modules/*.xml") {
    my $xml = Rig::slurp("$Rig::SOURCE/sql/demo/modules/$module.xml");
    my ($main) = $xml =~ /<table name="(\w+)"/;
    my %columns = map { ("$main.$_->{Field}" => $_) } $db->rows("SHOW COLUMNS FROM $main");
    $columns{"demo_contact_addresses.$_->{Field}"} = $_
        for $db->rows('SHOW COLUMNS FROM demo_contact_addresses');
    my @wrong;
    while ($xml =~ /<field (.*?)>/g) {
        my %field = $1 =~ /(\w+)="([^"]*)"/g;
        my $column = $columns{ ($field{table} // $main) . '.' . ($field{column} // $field{name}) };
        push @wrong, $field{name} unless $column
            && $column->{Type} =~ ($type{ $field{type} } // qr/char|text|enum/)
            && (($column->{Null} eq 'NO') == (($field{nullable} // '') eq 'false'))
            && (!$field{length} || $column->{Type} eq "varchar($field{length})"
                                || $column->{Type} eq "char($field{length})");
    }
    is_deeply \@wrong, [], "$module describes its table";
}

done_testing;
