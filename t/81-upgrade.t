#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Upgrade: `apidesignerctl init` over tables of an earlier schema
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $db = Rig->database;
my $our = 'table_schema = DATABASE() AND table_name LIKE "apid\\_%"';

# What the tables are, apart from their rows.
sub names ($what, $from) {
    return join ' ', map { $_->{n} } $db->rows("SELECT $what n FROM information_schema.$from "
        . "WHERE $our ORDER BY 1");
}

sub columns { names 'CONCAT(table_name, ".", column_name, " ", column_type, " ", is_nullable, " ", '
    . 'ordinal_position, " ", IFNULL(column_default, ""), " ", column_comment)', 'columns' }
sub indexes { names 'CONCAT(table_name, ".", index_name, " ", seq_in_index, " ", column_name)',
    'statistics' }

$db->ctl_ok('init');
my ($columns, $indexes) = (columns(), indexes());
cmp_ok length $columns, '>', 1000, 'the tables of a new installation';
$db->run('SET foreign_key_checks = 0; ' . join '', map { "DROP TABLE $_->{t};" }
    $db->rows("SELECT table_name t FROM information_schema.tables WHERE $our"));

# Schema 1, in use.
$db->load("$FindBin::Bin/sql/schema-1.sql");
$db->run(<<'END');
INSERT INTO apid_meta VALUES ('seal', REPEAT('s', 32));
INSERT INTO apid_user (name, ident, role, created_by, created_at, revision)
    VALUES ('ann', '7', 'admin', 'root', NOW(6), 1), ('bob', '8', 'caller', 'root', NOW(6), 1);
END
isnt columns(), $columns, 'schema 1 is another';
like $db->ctl_ok('init'), qr/^schema: 3\ntables: upgraded\n\ngrants:/, 'init upgrades';
is columns(), $columns, 'the columns are those of a new installation';
is indexes(), $indexes, 'and so are the indexes';
is $db->value('SELECT value FROM apid_meta WHERE name = "schema"'), 3, 'the number is kept';
is $db->value('SELECT value FROM apid_meta WHERE name = "seal"'), 's' x 32, 'the seal is the same';
is_deeply [ map { $_->{name} } $db->rows('SELECT name FROM apid_user ORDER BY id') ],
    [ 'ann', 'bob' ], 'nothing is lost';
is_deeply [ map { "$_->{name} $_->{groups}[0]" } @{ Rig->json($db->ctl_ok('--json', 'user', 'list')) } ],
    [ 'ann everyone', 'bob everyone' ], 'everybody may what everybody could';
is_deeply Rig->json($db->ctl_ok('--json', 'group', 'show', 'everyone'))->{rights},
    [ { module => '*', allow => 'create,read,update,delete', scope => 'all', hidden => '',
        readonly => '' } ], '  which was everything';

# One that was cut short: some of it is done, the number is still the old one.
$db->run('UPDATE apid_meta SET value = "1" WHERE name = "schema";'
    . 'ALTER TABLE apid_token DROP COLUMN day_limit');
$db->ctl_ok('init');
is columns(), $columns, 'an upgrade that was interrupted is made whole';

# Schema 2: ids of records were shorter.
$db->run('UPDATE apid_meta SET value = "2" WHERE name = "schema"; ALTER TABLE apid_update '
    . 'MODIFY record VARCHAR(190) NOT NULL, DROP KEY record, ADD KEY record (module, record, id);'
    . 'INSERT INTO apid_update (module, record, operation, label, api, version, source, at, changes) '
    . 'VALUES ("M", "1", "create", "", "A", 1, "api", NOW(6), "[]")');
$db->ctl_ok('init');
is columns(), $columns, 'from schema 2 too';
is $db->value('SELECT record FROM apid_update'), '1', '  with its history';
is $db->value('SELECT value FROM apid_meta WHERE name = "schema"'), 3, '  to schema 3';
done_testing;
