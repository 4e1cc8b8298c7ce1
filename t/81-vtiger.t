#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The contacts of vtiger CRM 8.4: t/vadl/modules/VtigerContacts.xml over tables
# of its columns and types, without the data
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $db = Rig->database;
$db->ctl_ok('init');
$db->run(<<'SQL');
CREATE TABLE vtiger_crmentity_seq (id int NOT NULL) ENGINE=InnoDB;
INSERT INTO vtiger_crmentity_seq VALUES (41);
CREATE TABLE vtiger_crmentity (
    crmid int(19) NOT NULL, smcreatorid int(19) NOT NULL DEFAULT 0, smownerid int(19) NOT NULL DEFAULT 0,
    modifiedby int(19) NOT NULL DEFAULT 0, setype varchar(100) DEFAULT NULL, description mediumtext DEFAULT NULL,
    createdtime datetime NOT NULL, modifiedtime datetime NOT NULL, viewedtime datetime DEFAULT NULL,
    status varchar(50) DEFAULT NULL, version int(19) NOT NULL DEFAULT 0, presence int(1) DEFAULT 1,
    deleted int(1) NOT NULL DEFAULT 0, smgroupid int(19) DEFAULT NULL, source varchar(100) DEFAULT NULL,
    label varchar(255) DEFAULT NULL, PRIMARY KEY (crmid), KEY crmentity_deleted_idx (deleted),
    KEY crm_ownerid_del_setype_idx (smownerid, deleted, setype)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
CREATE TABLE vtiger_contactdetails (
    contactid int(19) NOT NULL DEFAULT 0, contact_no varchar(100) NOT NULL, accountid int(19) DEFAULT NULL,
    salutation varchar(200) DEFAULT NULL, firstname varchar(40) DEFAULT NULL, lastname varchar(80) NOT NULL,
    email varchar(100) DEFAULT NULL, phone varchar(50) DEFAULT NULL, mobile varchar(50) DEFAULT NULL,
    title varchar(50) DEFAULT NULL, department varchar(30) DEFAULT NULL, fax varchar(50) DEFAULT NULL,
    reportsto varchar(30) DEFAULT NULL, training varchar(50) DEFAULT NULL, usertype varchar(50) DEFAULT NULL,
    contacttype varchar(50) DEFAULT NULL, otheremail varchar(100) DEFAULT NULL,
    secondaryemail varchar(100) DEFAULT NULL, donotcall varchar(3) DEFAULT NULL, emailoptout varchar(3) DEFAULT '0',
    imagename varchar(150) DEFAULT NULL, reference varchar(3) DEFAULT NULL, notify_owner varchar(3) DEFAULT '0',
    isconvertedfromlead varchar(3) DEFAULT '0', tags varchar(1) DEFAULT NULL, PRIMARY KEY (contactid),
    KEY email_idx (email), FOREIGN KEY (contactid) REFERENCES vtiger_crmentity (crmid) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
CREATE TABLE vtiger_contactaddress (
    contactaddressid int(19) NOT NULL DEFAULT 0, mailingcity varchar(40) DEFAULT NULL,
    mailingstreet varchar(250) DEFAULT NULL, mailingcountry varchar(40) DEFAULT NULL,
    othercountry varchar(30) DEFAULT NULL, mailingstate varchar(30) DEFAULT NULL,
    mailingpobox varchar(30) DEFAULT NULL, othercity varchar(40) DEFAULT NULL, otherstate varchar(50) DEFAULT NULL,
    mailingzip varchar(30) DEFAULT NULL, otherzip varchar(30) DEFAULT NULL, otherstreet varchar(250) DEFAULT NULL,
    otherpobox varchar(30) DEFAULT NULL, PRIMARY KEY (contactaddressid),
    FOREIGN KEY (contactaddressid) REFERENCES vtiger_contactdetails (contactid) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
CREATE TABLE vtiger_contactsubdetails (
    contactsubscriptionid int(19) NOT NULL DEFAULT 0, homephone varchar(50) DEFAULT NULL,
    otherphone varchar(50) DEFAULT NULL, assistant varchar(30) DEFAULT NULL, assistantphone varchar(50) DEFAULT NULL,
    birthday date DEFAULT NULL, laststayintouchrequest int(30) DEFAULT 0, laststayintouchsavedate int(19) DEFAULT 0,
    leadsource varchar(200) DEFAULT NULL, PRIMARY KEY (contactsubscriptionid),
    FOREIGN KEY (contactsubscriptionid) REFERENCES vtiger_contactdetails (contactid) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
CREATE TABLE vtiger_contactscf (
    contactid int(19) NOT NULL DEFAULT 0, PRIMARY KEY (contactid),
    FOREIGN KEY (contactid) REFERENCES vtiger_contactdetails (contactid) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
CREATE TABLE vtiger_customerdetails (
    customerid int(19) NOT NULL, portal varchar(3) DEFAULT NULL, support_start_date date DEFAULT NULL,
    support_end_date date DEFAULT NULL, PRIMARY KEY (customerid),
    FOREIGN KEY (customerid) REFERENCES vtiger_contactdetails (contactid) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
-- as vtiger leaves it: a contact whose further rows are missing, and a record of another module
INSERT INTO vtiger_crmentity (crmid, setype, createdtime, modifiedtime)
    VALUES (6, 'Accounts', '2020-01-01', '2020-01-01'), (7, 'Contacts', '2020-01-01', '2020-01-01');
INSERT INTO vtiger_contactdetails (contactid, contact_no, lastname) VALUES (7, 'CON1', 'Scarred');
SQL

my $file = "$Rig::SOURCE/t/vadl/modules/VtigerContacts.xml";
is $db->ctl('module', 'apply', $file)->{code}, 0, 'its module fits the tables';

# Every field that may be written, with a value that its column takes.
my %value = (
    salutationtype => 'Ms.', firstname => 'Ada', contact_no => 'CON9', lastname => 'Lovelace', account_id => '6',
    leadsource => 'Web', birthday => '1815-12-10', email => 'ada@example.com', secondaryemail => 'a@b.example',
    contact_id => '12x7', assigned_user_id => '19', support_start_date => '2024-01-01',
    support_end_date => '2024-12-31', description => "two\nlines",
    map({ $_ => "+1 555 0100 $_" =~ s/[a-z]+//r } qw(phone mobile homephone otherphone fax assistantphone)),
    map({ $_ => Rig->json('true') } qw(donotcall emailoptout reference notify_owner portal)),
    map({ $_ => "of $_" } qw(title department assistant), map { ("mailing$_", "other$_") }
        qw(street city state zip country pobox)),
);
my @written = Rig::slurp($file) =~ /<field name="(\w+)"(?![^>]*readonly)/g;
is_deeply [ sort keys %value ], [ sort @written ], 'every field is written';
my $record = '<record>' . join('', map { qq(<field name="$_" value="\@$_"/>) } sort keys %value) . '</record>';
my $where = '<where><field name="id" value="@id"/></where>';
$db->ctl_ok('apply', Served::files(
    qq(<api name="Add" method="post"><create module="VtigerContacts">$record</create></api>),
    qq(<api name="One" path="contacts/{id}"><select module="VtigerContacts" one="true">$where</select></api>),
    qq(<api name="All" path="contacts"><select module="VtigerContacts"/></api>),
    qq(<api name="Change" path="contacts/{id}" method="put"><update module="VtigerContacts">$record$where</update></api>),
    qq(<api name="Remove" path="contacts/{id}" method="delete"><delete module="VtigerContacts">$where</delete></api>)));
my $user = Rig->json($db->ctl_ok('--json', 'user', 'add', 'ann', '--id', '19'));
my $web = Rig->apache(database => $db);
sub call ($method, $path, %more) {
    return $web->request($method, "/api/$path", basic => [ 'ann', $user->{key} ], %more);
}

my $got = call(POST => 'Add', json => \%value);
is $got->status, 201, 'a contact is created' or diag $got->body;
is $got->json->{id}, '12x42', '  its id is the next of the sequence';
is $db->value('SELECT id FROM vtiger_crmentity_seq'), 42, '  which went on by one';
$got = call(GET => 'contacts/12x42')->json;
is_deeply { map { $_ => $got->{$_} } keys %value }, \%value, '  and read as it was written';
is_deeply [ @$got{qw(source modifiedby isconvertedfromlead)} ], [ 'WEBSERVICE', '19', Rig->json('false') ],
    '  with what the module fills';
for my $case ([ vtiger_contactdetails => 'contactid' ], [ vtiger_contactaddress => 'contactaddressid' ],
              [ vtiger_contactsubdetails => 'contactsubscriptionid' ], [ vtiger_contactscf => 'contactid' ],
              [ vtiger_customerdetails => 'customerid' ]) {
    is $db->value("SELECT COUNT(*) FROM $case->[0] WHERE $case->[1] = 42"), 1, "  a row in $case->[0]";
}
is_deeply $db->row('SELECT setype, smcreatorid, smownerid, deleted FROM vtiger_crmentity WHERE crmid = 42'),
    { setype => 'Contacts', smcreatorid => 19, smownerid => 19, deleted => 0 }, '  and in vtiger_crmentity';

is call(PUT => 'contacts/12x42', json => $got)->header('X-Outcome'), 'unchanged', 'what was read changes nothing';
is_deeply [ map { $_->{id} } @{ call(GET => 'contacts')->json } ], [ '12x7', '12x42' ], 'no record of another module';
is call(PUT => 'contacts/12x7', json => { mailingcity => 'Rome', portal => '1' })->status, 200,
    'a contact whose further rows are missing';
is call(GET => 'contacts/12x7')->json->{mailingcity}, 'Rome', '  gets them';
is call(DELETE => 'contacts/12x42')->status, 204, 'a contact is deleted';
is $db->value('SELECT deleted FROM vtiger_crmentity WHERE crmid = 42'), 1, '  and only marked';
is call(GET => 'contacts/12x42')->status, 404, '  and gone';
done_testing;
