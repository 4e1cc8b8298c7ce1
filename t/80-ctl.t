#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# apidesignerctl: every command, what it prints, what it leaves in the database
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use IO::Socket::INET;
use Rig;
use Test::More;

my $db = Rig->database;
$db->run('CREATE TABLE people (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(80) NOT NULL, email VARCHAR(100)) ENGINE=InnoDB');
my $dir = Rig->directory;
mkdir "$dir/modules";
sub file ($name, $text) { mkdir "$dir/" . dirname $name; Rig::spew("$dir/$name.xml", $text); "$dir/$name.xml" }
my $people = file('modules/People', <<'XML');
<module name="People" label="People" prefix="7x">
  <table name="people" key="id"/>
  <key made="auto" type="integer" bits="32" unsigned="true"/>
  <field name="name" label="Name" type="string" length="80" nullable="false" mandatory="true"/>
  <field name="email" label="Mail" type="email" length="100"/>
</module>
XML
sub api ($name, $path, $field = 'name') {
    return file($name, qq(<api name="$name" path="$path"><select module="People">)
        . qq(<record><field name="$field"/></record></select></api>\n));
}
sub said ($what, $ran, $code, $out, $err = qr/^\z/) {
    subtest $what => sub {
        is $ran->{code}, $code, 'exit status';
        ref $out ? like $ran->{out}, $out : is $ran->{out}, $out;
        ref $err ? like $ran->{err}, $err : is $ran->{err}, $err;
    };
}
sub json (@words) { Rig->json($db->ctl_ok('--json', @words)) }

# ---- before init, wrong usage, no database

said 'no command', $db->ctl, 2, qr/^usage: apidesignerctl/m;
said '--help', $db->ctl('--help'), 0, qr/^  module apply FILE\.\.\. \[--base TEXT\]\n      Creates/m;
said 'help', $db->ctl('help'), 0, qr/^  user add NAME \[--role TEXT\]/m;
said "help of a command, as @$_", $db->ctl(@$_), 0, <<'OUT'
usage: apidesignerctl [OPTION...] apply FILE... [--note TEXT] [--check]
          [--breaking]

Creates or changes definitions and publishes them, all or none.

  FILE...                       files of one document each
  [--note TEXT]                 what is to be remembered of it
  [--check]                     changes nothing: shows what differs from the
                                live versions, and refuses breaking changes
  [--breaking]                  with --check: breaking changes are meant
  [--json]                      print JSON
OUT
    for [qw(apply --help)], [qw(--help apply)], [qw(help apply)];
said "help of the commands of a word, as @$_", $db->ctl(@$_), 0,
    qr/\A  module apply .*^  module import .*^  module edit NAME\n.*\z/ms
    for [qw(module --help)], [qw(--help module)], [qw(help module)];
said 'a word of several commands alone', $db->ctl('user'), 2, qr/\A  user add .*^  user list$/ms;
said 'another after it', $db->ctl('--as', 'x', 'module', '--as', 'x', 'aply'), 2, '',
    "apidesignerctl: there is no command 'module aply'; did you mean 'module apply'?\n";
for my $words ([], [qw(apply)], [qw(user add)], [qw(group right)], [qw(module import)]) {
    is_deeply [ grep { length > 80 } split /\n/, $db->ctl(@$words, '--help')->{out} ], [],
        "no line of help of '@$words' is too long";
}
said 'a directory is no document', $db->ctl('check', $dir), 2, '',
    "apidesignerctl: $dir: Is a directory\n";
said "no file for $_", $db->ctl(split ' '), 2, '',
    qr/^apidesignerctl: FILE is missing: file/ for 'apply', 'check', 'module apply', 'draft save';
said 'after -- there are no options', $db->ctl('apply', '--', '--note'), 2, '',
    "apidesignerctl: --note: No such file or directory\n";
said 'a wrong word', $db->ctl('aply'), 2, '',
    "apidesignerctl: there is no command 'aply'; did you mean 'apply'?\n";
is Rig->json($db->ctl('aply', '--json')->{out})->{code}, 'INVALID_REQUEST', '  as JSON, asked for later';
said 'two wrong words', $db->ctl('modul', 'apply'), 2, '',
    "apidesignerctl: there is no command 'modul apply'; did you mean 'module apply'?\n";
said 'a wrong option', $db->ctl('list', '--colour'), 2, '',
    "apidesignerctl: unknown option --colour; see --help\n";
said 'a short one', $db->ctl('-h'), 2, '', "apidesignerctl: unknown option -h; see --help\n";
like $db->ctl_ok('--version'), qr/^apidesignerctl \d+\.\d+\.\d+\n\z/, '--version';
said '  which is another option of a command', $db->ctl('openapi', 'All', '--version', 'x'), 2, '', qr/^apidesignerctl: version is not /;
said 'help of module edit', $db->ctl('module', 'edit', '--help'), 0,
    "  module edit NAME\n      Opens the document of a module in \$EDITOR, and applies it.\n";
said 'module edit of two', $db->ctl('module', 'edit', 'a', 'b'), 2, '',
    "apidesignerctl: 'b' is one word too many for 'module edit'\n";
said 'standard input twice', $db->ctl('check', '-', '-'), 2, '',
    "apidesignerctl: -: standard input can be read once only\n";
Rig::spew("$dir/wide.xml", join '', map { "$_\0" } split //, '<api/>');
said 'a file of UTF-16', $db->ctl('check', "$dir/wide.xml"), 2, '',
    "apidesignerctl: $dir/wide.xml: the file holds NUL bytes; expected UTF-8\n";
said 'an option twice', $db->ctl('user', 'add', 'x', '--role', 'admin', '--role=viewer'), 2, '',
    "apidesignerctl: --role is there twice\n";
said 'an option of every command without its value', $db->ctl('--as', '', 'list'), 2, '',
    "apidesignerctl: --as needs a value\n";
said 'an option without its value', $db->ctl('apply', '--note'), 2, '',
    "apidesignerctl: --note needs a value\n";
said 'a word is missing', $db->ctl('rollback', 'All'), 2, '',
    "apidesignerctl: version is missing: number of the version\n";
said 'a word that is no number', $db->ctl('rollback', 'All', 'one'), 2, '',
    "apidesignerctl: version is not what was expected: number of the version\n";
said 'a word too many', $db->ctl('list', 'All'), 2, '',
    "apidesignerctl: 'All' is one word too many for 'list'\n";
said 'a file that is not there', $db->ctl('apply', "$dir/none.xml"), 2, '',
    "apidesignerctl: $dir/none.xml: No such file or directory\n";
said 'no database named', $db->ctl({ env => { APIDESIGNER_DATABASE => '' } }, 'list'), 2, '',
    "apidesignerctl: the database URL does not begin with mysql://\n";

# no database: why, and what is to be done
sub away ($url, @words) { $db->ctl('--database', $url, @words ? @words : 'list') }
my ($socket) = $db->url =~ /socket=([^&]+)/;
my $secret = "$dir/secret";
Rig::spew($secret, "hunter2\n");
$db->run('CREATE USER narrow@localhost; CREATE USER sealed@localhost IDENTIFIED BY "other"');
said 'a socket that is not there', away('mysql://u@/x?socket=/nowhere'), 3, '',
    qr{^apidesignerctl: no database: /nowhere: no server answers there: start it, .*: 2002 };
said 'a port that is not there', away('mysql://u@127.0.0.1:1/x'), 3, '',
    qr{^apidesignerctl: no database: 127\.0\.0\.1:1: no server answers there: .*: 200[23] };
said '  of IPv6', away('mysql://u@[::1]:1/x'), 3, '', qr{: no database: \[::1\]:1: no server answers there: };
my $mute = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
said 'a port of something else', away('mysql://u@127.0.0.1:' . $mute->sockport . '/x'), 3, '',
    qr{: what is there does not answer as a database server does: it hangs, or is another program: 2013 };
said 'a host that is not there', away('mysql://u@no-such-host.invalid/x'), 3, '',
    qr{: no database: no-such-host\.invalid:3306: no host has this name: .*: 2005 };
said 'no password', away("mysql://sealed@/apid?socket=$socket"), 3, '',
    qr{: user 'sealed' is refused without a password; password=file:/PATH .*: 1045 };
for ([ "file:$secret", "file $secret" ], [ 'exec:cat%20' . $secret, 'command in the database URL' ]) {
    my $wrong = away("mysql://sealed@/apid?socket=$socket&password=$_->[0]");
    said "a wrong password, of $_->[0]", $wrong, 3, '',
        qr{: user 'sealed' is refused with the password of the \Q$_->[1]\E: it is wrong, .*: 1045 };
    unlike $wrong->{err}, qr/hunter2/, '  is not told';
}
said 'a database that is not there', away("mysql://root@/none?socket=$socket"), 3, '',
    qr{: there is no database 'none': CREATE DATABASE it, .*: 1049 };
said '  to who may see none', away("mysql://narrow@/none?socket=$socket"), 3, '',
    qr{: there is no database 'none' that user 'narrow' may use: GRANT it, .*: 1044 };
said 'a database without our tables', $db->ctl('list'), 3, '',
    qr/^apidesignerctl: no database: the database is not set up: run apidesignerctl init: 1146 /;
like Rig->json($db->ctl('--json', 'list')->{out})->{errors}[0]{message}, qr/: run apidesignerctl init: /,
    '  as JSON';
$db->run('GRANT SELECT ON apid.people TO narrow@localhost');
my $narrow = away("mysql://narrow@/apid?socket=$socket", '--json', 'list');
is $narrow->{code}, 1, 'tables that the user may not see';
said '  nor make', away("mysql://narrow@/apid?socket=$socket", 'init'), 1, '',
    qr/^apidesignerctl: Internal error \(a GRANT is missing: 1142 CREATE /;
like Rig->json($narrow->{out})->{errors}[0]{cause}, qr/^a GRANT is missing: 1142 /, '  the cause as JSON';

like $db->ctl('why', '--help')->{out} =~ s/\s+/ /gr, qr/limits, and what Apache's database user may, are known to the server alone\./,
    'what the tool cannot know';

# ---- init

said 'an admin who cannot be called so', $db->ctl('init', '--admin', 'a:b'), 1, '',
    qr/^name: 'a:b' cannot be the name of a user/;
is $db->value('SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() '
    . 'AND table_name LIKE "apid\\_%"'), 0, '  makes nothing';
$db->run('SET GLOBAL sql_safe_updates = 1');    # changes need a key, unless a session says otherwise
my $init = $db->ctl_ok('init');
$db->run('SET GLOBAL sql_safe_updates = 0');
like $init, qr/^schema: 3\ntables: created\nadmin: admin\npassword: \S{43}\n\ngrants:\n  GRANT /, 'init';
my $again = $db->ctl_ok('init');
like $again, qr/^schema: 3\ntables: unchanged\n\ngrants:\n  GRANT /, 'again: nothing is made';
unlike $again, qr/admin|password/, 'again: no second admin';
like $db->ctl_ok('init', '--admin', 'bob'),
    qr/^admin: there is one already; bob was not added \("user add bob --role admin" does\)\n\n/m,
    'nor if one is named, which is told';
like $db->ctl_ok('init', '--admin', 'admin'), qr/^admin: admin is a user already$/m, '  or that it is that one';
like $again, qr/^  -- "module import" and "module apply" print those for the tables of modules$/m,
    'what there is no GRANT for yet is a comment';
is $db->value('SELECT COUNT(*) FROM apid_user WHERE role = "admin"'), 1, 'there is one';
is length $db->value('SELECT HEX(value) FROM apid_meta WHERE name = "seal"'), 64, 'a seal';
my $bare = $db->value('SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '
    . 'DATABASE() AND table_name LIKE "apid\\_%" AND column_comment = ""')
    + $db->value('SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '
    . 'DATABASE() AND table_name LIKE "apid\\_%" AND table_comment = ""');
is $bare, 0, 'every table and column tells its purpose';
$db->run('UPDATE apid_meta SET value = "99" WHERE name = "schema"');
said 'a newer schema', $db->ctl('init'), 1, '',
    "apidesignerctl: the database has schema 99, this program knows 3: install the newer "
    . "mod_apidesigner\n";
said '  which no command touches', $db->ctl('list'), 1, '',
    "apidesignerctl: the database has schema 99, this program knows 3: install the newer "
    . "mod_apidesigner\n";
$db->run('UPDATE apid_meta SET value = "2" WHERE name = "schema"');
said 'an older schema', $db->ctl('list'), 3, '',
    "apidesignerctl: the database has schema 2, this program needs 3: run apidesignerctl init\n";
$db->ctl_ok('init');
said '  is upgraded', $db->ctl('list'), 0, '';

# ---- modules

said 'module apply', $db->ctl('module', 'apply', $people), 0,
    "name    outcome\nPeople  created\n\ngrants:\n"
    . "  GRANT SELECT, INSERT, UPDATE, DELETE ON `people` TO apidesigner\@localhost;\n";
said 'again', $db->ctl('module', 'apply', $people), 0, "name    outcome\nPeople  unchanged\n";
said '  whatever ends it', $db->ctl('module', 'apply', file('end/People', Rig::slurp($people) =~ s/\n\z//r),
    '--base', Rig::slurp($people) . "\n"), 0, "name    outcome\nPeople  unchanged\n";
said 'changed from what a shell gave', $db->ctl('module', 'apply',
    file('end/People', Rig::slurp($people) =~ s/"Mail"/"E-Mail"/r), '--base', Rig::slurp($people) =~ s/\n\z//r),
    0, qr/^People  changed$/m;
$db->ctl_ok('module', 'apply', $people);
is_deeply json('module', 'list')->[0]{name}, 'People', 'module list';
is $db->ctl_ok('module', 'export', 'People'), Rig::slurp($people), 'module export';
like $db->ctl_ok('module', 'show', 'People'), qr/^email +Mail +email +`people`.`email`/m,
    'module show';
said 'module export of none', $db->ctl('module', 'export', 'Peple'), 1, '',
    "apidesignerctl: there is no module 'Peple'; did you mean 'People'?\n";
said 'a bad module', $db->ctl('module', 'apply', file('bad-module', <<'XML')), 1, '',
<module name="Bad"><table name="people" key="id"/>
  <field name="a" type="strin"/>
  <field name="b" typ="string"/>
</module>
XML
    qr{^\Q$dir\E/bad-module\.xml:2:3: .*strin.*\n\Q$dir\E/bad-module\.xml:3:3: .*'typ'.*'type'\?$}m;
said 'a module whose columns are not there', $db->ctl('module', 'apply',
    file('Gone', qq(<module name="Gone"><table name="people" key="id"/>\n)
        . '<field name="fax" type="string"/></module>')), 1, '',
    "$dir/Gone.xml:2:1: field 'fax': there is no column `people`.`fax` in the database\n";
said 'one module twice', $db->ctl('module', 'apply', $people, file('People2', Rig::slurp($people))), 1, '',
    "$dir/People2.xml: module 'People' is in another document too: $people\n";
said 'files that are not named as their modules', $db->ctl('module', 'apply',
    file('here/some', '<module name="Gone"><table name="people" key="id"/><field name="fax" type="string"/></module>'),
    file('there/some', '<module name="Lost"><table name="people" key="name"/></module>')), 1, '',
    qr{\A\Q$dir\E/here/some\.xml:1:52: field 'fax': there is no column .*
\Q$dir\E/there/some\.xml:1:21: the key `name` of table `people` is not unique, };
said 'nor its table', $db->ctl('module', 'apply',
    file('Gone', '<module name="Gone"><table name="nothing" key="id"/></module>')), 1, '',
    "$dir/Gone.xml:1:21: there is no table `nothing` in the database, or its user has no right to it "
    . "(apidesignerctl init prints the GRANTs)\n";

# ---- printing

$db->run("CREATE TABLE harm (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(99)); INSERT INTO harm (word) VALUES "
    . "(CONCAT('a', CHAR(27), '[2J', CHAR(10), 'b', CHAR(9), CHAR(127), CONVERT(UNHEX('C29B') USING utf8mb4), 'ü'))");
like $db->ctl_ok('table', 'preview', 'harm'), qr/^1 +a\\x1b\[2J\\nb\\t\\x7f\\x9bü$/m,
    'no record commands the terminal, or breaks its line';
like $db->ctl_ok('--json', 'table', 'preview', 'harm'), qr/"word":"a\\u001b\[2J\\nb\\t/, '  as JSON it is itself';
$db->run('DROP TABLE harm');
for my $words ('module list', '--json list', '--help') {
    said "an answer that cannot be written: $words", Rig->run({ env => { APIDESIGNER_DATABASE => $db->url } }, 'sh', '-c',
        "exec '$Rig::BUILD/apidesignerctl' $words >/dev/full"), 1, '',
        "apidesignerctl: the answer cannot be written: No space left on device\n";
}

for my $closed ('>&-', '2>&-', '<&-', '<&- >&- 2>&-') {
    is Rig->run({ env => { APIDESIGNER_DATABASE => $db->url } }, 'sh', '-c',
        "exec '$Rig::BUILD/apidesignerctl' module list $closed")->{code}, 0, "a stream that is closed: $closed";
}

# ---- check and plan, with and without a database

my $all = api('All', 'people');
said 'check', $db->ctl('check', $all), 0, "name  kind  method  path\nAll   api   get     people\n";
my @offline = (env => { APIDESIGNER_DATABASE => 'mysql://u@/x?socket=/nowhere' });
said 'check without a database', $db->ctl({@offline}, 'check', '--modules', "$dir/modules", $all),
    0, qr/^All   api/m;
my $bad = file('bad', <<'XML');
<api method="get">
  <select module="Peple"/>
  <select module="People"><record><field name="emial"/></record></select>
</api>
XML
said 'all errors of all files', $db->ctl({@offline}, 'check', '--modules', "$dir/modules",
    $bad, file('worse', '<api><selct/></api>')), 1, '', <<"ERR";
$dir/bad.xml:2:3: unknown module 'Peple'; did you mean 'People'?
$dir/bad.xml:3:35: unknown field 'emial' in People; did you mean 'email'?
$dir/worse.xml:1:6: unknown element 'selct' in <api>; did you mean 'select'?
ERR
said 'of files of one name too', $db->ctl({@offline}, 'check', '--modules', "$dir/modules",
    map { file("$_/one", qq(<api name="$_"><select module="$_"/></api>)) } qw(north south)), 1, '', <<"ERR";
$dir/north/one.xml:1:19: unknown module 'north'
$dir/south/one.xml:1:19: unknown module 'south'
ERR
said 'a bad module among those of the directory', $db->ctl({@offline}, 'check', '--modules', $dir, $all),
    1, '', qr/^\Q$dir\E\/\w[^:]*\.xml:\d+:\d+: /;
file("twice-modules/$_", Rig::slurp($people)) for qw(People Again);
said 'a module twice in it', $db->ctl({@offline}, 'check', '--modules', "$dir/twice-modules", $all), 1, '',
    qr{^\Q$dir\E/twice-modules/\w+\.xml: module 'People' is in another document too: \Q$dir\E/twice-modules/\w+\.xml$};
mkdir "$dir/twice-modules/$_.xml" for 'Also';
unlink "$dir/twice-modules/$_.xml" for qw(People Again);
said 'a directory in it', $db->ctl({@offline}, 'check', '--modules', "$dir/twice-modules", $all), 2, '',
    "apidesignerctl: $dir/twice-modules/Also.xml: Is a directory\n";
said 'a command that works on the database', $db->ctl('apply', '--modules', "$dir/modules", $all), 2, '',
    "apidesignerctl: --modules is for check, plan and describe: 'apply' works on the database\n";
said 'no directory', $db->ctl('check', '--modules', "$dir/none", $all), 2, '',
    "apidesignerctl: $dir/none is no directory that can be read\n";
is_deeply Rig->json($db->ctl('--json', 'check', $bad)->{out})->{errors}[1],
    { name => 'bad', file => "$dir/bad.xml", line => 3, column => 35,
      message => "unknown field 'emial' in People; did you mean 'email'?" }, 'the same as JSON';
$db->run('ALTER TABLE apid_definition RENAME COLUMN route TO away');
said "$_: what keeps the database from being asked is no error of the document", $db->ctl($_, $all),
    1, '', qr/^\Q$all\E: .* \(1054 / for qw(check describe);
$db->run('ALTER TABLE apid_definition RENAME COLUMN away TO route');
like $db->ctl_ok('plan', $all), qr/SELECT t0\.`name` FROM `people` t0/, 'plan';
like $db->ctl({@offline}, 'plan', '--modules', "$dir/modules", $all)->{out},
    qr/SELECT t0\.`name`/, 'plan without a database';

# ---- names and paths

my %refused = (
    ' x'  => "name ' x' begins or ends with a blank, or holds control characters",
    '{x}' => "name '{x}' holds a brace; a template is the path=\"...\"",
    'a//b' => "path 'a//b' cannot be reached: it has an empty segment, '.' or '..' "
        . "(it begins without a '/')",
    '/a'  => "path '/a' cannot be reached: it has an empty segment, '.' or '..' "
        . "(it begins without a '/')",
    'a/../b' => "path 'a/../b' cannot be reached: it has an empty segment, '.' or '..' "
        . "(it begins without a '/')",
    'n' x 191 => 'a name has 1 to 190 characters',
);
for my $name (sort keys %refused) {
    is $db->ctl('check', file('named', qq(<api name="$name"><select module="People"/></api>)))
        ->{err}, "$dir/named.xml:1:1: $refused{$name}\n", "the name '$name'";
}
like $db->ctl_ok('check', file('Über (ä) b-c', '<api><select module="People"/></api>')),
    qr/^Über \(ä\) b-c +api +get +Über \(ä\) b-c$/m, 'a name from the file: blanks, hyphens, umlauts';

# ---- apply, list, show, history, export, rollback

said 'apply', $db->ctl('--as', 'dora', 'apply', $all, api('Best', 'people/best')), 0,
    "name  outcome  version\nAll   created  1\nBest  created  1\n";
my $revision = $db->value('SELECT value FROM apid_revision');
said 'unchanged', $db->ctl('apply', $all), 0, "name  outcome    version\nAll   unchanged  1\n";
said '  whatever ends it', $db->ctl('apply', file('end/All', Rig::slurp($all) =~ s/\n*\z//r)), 0,
    "name  outcome    version\nAll   unchanged  1\n";
is $db->value('SELECT COUNT(*) FROM apid_version'), 2, 'makes no version';
is $db->value('SELECT MAX(revision) FROM apid_definition') <= $revision, 1, 'and no change';
said 'changed', $db->ctl('apply', '--note', 'mail instead', api('All', 'people', 'email')), 0,
    "name  outcome  version\nAll   changed  2\n";
is_deeply [ map { [ @$_{qw(version state published_by note)} ] } @{ json('history', 'All') } ],
    [ [ 2, 'live', 'root', 'mail instead' ], [ 1, 'published', 'dora', '' ] ], 'history';
is $db->ctl_ok('export', 'All'), Rig::slurp("$dir/All.xml"), 'export';
is $db->ctl_ok('export'), Rig::slurp("$dir/All.xml") . Rig::slurp("$dir/Best.xml"), 'export of all';
like $db->ctl_ok('list'), qr/^\Q$_\E +20\S+Z *$/m, 'list' for
    'All   api   get     People  people       active  2               root',
    'Best  api   get     People  people/best  active  1               dora';
is json('show', 'All')->{versions}[1]{version}, 1, 'show';
is json('show', 'All')->{owner}, 'admin', 'the first admin owns what no user applied';
said 'rollback', $db->ctl('rollback', 'All', 1), 0, "name: All\noutcome: live\nversion: 1\n";
is json('show', 'All')->{version}, 1, 'the live version is the old one';
said 'rollback to nothing', $db->ctl('rollback', 'All', 9), 1, '',
    "apidesignerctl: 'All' has no version 9, or it is retired\n";
said 'rollback to a number beyond an int', $db->ctl('rollback', 'All', '4294967297'), 1, '',
    qr/^apidesignerctl: 'All' has no version /;
said 'deprecate', $db->ctl('deprecate', 'All', 2, '--sunset', '2031-05-06'), 0, qr/deprecated/;
is json('history', 'All')->[0]{sunset}, '2031-05-06T00:00:00Z', 'with its end';
said 'the live one', $db->ctl('retire', 'All', 1), 1, '',
    "apidesignerctl: version 1 of 'All' is the live one: publish or roll back to another first\n";
said 'retire', $db->ctl('retire', 'All', 2), 0, qr/retired/;
said 'a sunset that is no time', $db->ctl('deprecate', 'Best', 1, '--sunset', 'soon'), 1, '',
    qr/^sunset: must be a date/;
said 'a retired version does not come back', $db->ctl('rollback', 'All', 2), 1, '', qr/retired/;
said 'but can be compared', $db->ctl('diff', 'All', '--from', 1, '--to', 2), 0, qr/./;
said 'a sunset that is past', $db->ctl('deprecate', 'All', 2, '--sunset', '2020-01-01'), 1, '', qr/./;

# ---- all or none, and what is taken already

$db->ctl_ok('apply', api('Clash', 'clash'));
for my $case ([ 'a path', api('Other', 'people/best'),
                "Other:1:1: path 'people/best' and method get is taken by 'Best'" ],
              [ 'a template', file('Part', '<api name="Part" path="clash/{a}"><select '
                  . 'module="People"><where><field name="id" value="@a"/></where></select></api>'),
                undef ],
              [ 'the same template', file('Same', '<api name="Same" path="clash/{b}"><select '
                  . 'module="People"><where><field name="id" value="@b"/></where></select></api>'),
                "Same:1:1: path 'clash/{b}' and method get is taken by 'Part'" ]) {
    my ($what, $document, $text) = @$case;
    my $fresh = api("Fresh $what", "fresh $what");
    my $ran = $db->ctl('apply', $fresh, $document);
    my $want = defined $text ? $text =~ s/^(\w+)/$dir\/$1.xml/r . "\n" : '';
    is $ran->{err}, $want, $what;
    is_deeply [ @{ $db->ctl('check', $fresh, $document) }{qw(code err)} ],
        defined $text ? [ 1, $want ] : [ 0, '' ], '  check says the same, whether applied or not';
    is $db->ctl('show', "Fresh $what")->{code}, defined $text ? 1 : 0,
        defined $text ? 'nothing of it is there' : 'all of it is there';
}
said 'a bad one among them', $db->ctl('apply', api('Fresh', 'fresh'), $bad), 1, '', qr/bad\.xml:2:3/;
is $db->ctl('show', 'Fresh')->{code}, 1, 'none is applied';
said 'one name twice', $db->ctl('apply', $all, file('twice/All', Rig::slurp($all))), 1, '',
    qr/^\Q$dir\E\/twice\/All\.xml:1:1: 'All' is the name of another document too/;

# ---- paths that go from one to another

$db->ctl_ok('apply', api('Left', 'left'), api('Right', 'right'));
for my $case ([ 'two swap', Left => 'right', Right => 'left' ],
              [ 'one takes what the other leaves', Left => 'left', Right => 'farther' ],
              [ 'and back', Right => 'right', Left => 'farther' ]) {
    my ($what, @paths) = @$case;
    $db->ctl_ok($_, map { api(@$_) } [ @paths[0, 1] ], [ @paths[2, 3] ]) for qw(check apply);
    is_deeply { map { $_ => json('show', $_)->{path} } @paths[0, 2] }, { @paths }, $what;
}
said 'what another keeps is taken', $db->ctl('apply', api('Left', 'right')), 1, '',
    qr/path 'right' and method get is taken by 'Right'/;
said 'two of one path', $db->ctl($_, api('One', 'same'), api('Two', 'same')), 1, '',
    "$dir/Two.xml:1:1: path 'same' and method get is that of another document too: $dir/One.xml\n" for qw(check apply);
my $lists = file('Lists', '<api name="Lists"><allow users="admin, amdin" groups="everyon"/>'
    . '<select module="People"/></api>');
said 'whom it allows is not there', $db->ctl($_, $lists), 1, '',
    "$dir/Lists.xml:1:19: allow: there is no user 'amdin'; did you mean 'admin'?\n"
    . "$dir/Lists.xml:1:19: allow: there is no group 'everyon'; did you mean 'everyone'?\n" for qw(check apply);
$db->ctl_ok('draft', 'save', $lists);
said '  nor does its draft go live', $db->ctl('draft', 'publish', 'Lists'), 1, '',
    qr/^Lists:1:19: allow: .*'amdin'.*^Lists:1:19: allow: .*'everyon'/ms;
said '  which needs a database to be known', $db->ctl({@offline}, 'check', '--modules', "$dir/modules", $lists), 0,
    qr/^Lists/m;
sub hook ($name, $path = '') {
    return file($name, qq(<webhook name="$name"$path><select module="People"/></webhook>));
}
$db->ctl_ok('apply', api('Turns', 'turn/{x}'), hook('Hooked', ' path="turn/{y}"'));
my $turned = file('Turns', '<webhook name="Turns"><select module="People"/></webhook>');
said 'an API becomes a webhook', $db->ctl('apply', $turned), 0,
    "name   outcome  version\nTurns  changed  2\n";
said 'and an API again', $db->ctl('rollback', 'Turns', 1), 0, qr/^outcome: live$/m;
$db->ctl_ok('draft', 'save', $turned);
said 'by its draft', $db->ctl('draft', 'publish', 'Turns'), 0, qr/^outcome: published$/m;
$db->ctl_ok('drop', $_) for qw(Left Right Turns Hooked);

# ---- on, off, gone

said 'deactivate', $db->ctl('deactivate', 'All'), 0, qr/^outcome: deactivated$/m;
is json('show', 'All')->{status}, 'inactive', 'it is off';
said 'activate', $db->ctl('activate', 'All'), 0, qr/^outcome: activated$/m;
file('All', Rig::slurp($all) =~ s/<api/<api status="inactive"/r);
said 'a document switches off', $db->ctl('apply', $all), 0, qr/^All +changed +3$/m;
is json('show', 'All')->{status}, 'inactive', 'by its status';
said 'drop', $db->ctl('drop', 'All'), 0, qr/^outcome: dropped$/m;
said 'gone', $db->ctl('show', 'All'), 1, '', "apidesignerctl: there is no API 'All'\n";
said 'its name and path are free', $db->ctl('apply', api('All', 'people')), 0, qr/^All +created +1$/m;
said 'module drop', $db->ctl('module', 'drop', 'People'), 1, '',
    qr/^apidesignerctl: module 'People' is used by 'All', 'Best', 'Clash', /;
$db->run('CREATE TABLE pair (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b INT) ENGINE=InnoDB');
sub pair ($name, $field, $refers) {
    return file("modules/$name", qq(<module name="$name"><table name="pair" key="id"/><key bits="32"/>)
        . qq(<field name="$field" type="reference" refers="$refers" bits="32"/></module>));
}
$db->ctl_ok('module', 'apply', pair('One', 'a', 'Two'), pair('Two', 'b', 'Two'));
said '  what others refer to', $db->ctl('module', 'drop', 'Two'), 1, '',
    "apidesignerctl: module 'Two' is referred to by 'One.a'\n";
$db->ctl_ok('module', 'drop', $_) for qw(One Two);

# ---- what differs, and whether it breaks callers

my $best = api('Best', 'people/best');
my $mail = api('Mail', 'people/mail');
my $other = file('other/Best', Rig::slurp($best) =~ s/"name"\/>/"email"\/>/r);
my $untouched = $db->value("SELECT value FROM apid_revision");
said 'apply --check', $db->ctl('apply', '--check', $best, $mail), 0, "Best: unchanged\nMail: created\n";
said 'breaking changes are refused', $db->ctl('apply', '--check', $mail, $other), 1, '',
    "$other: breaking: Field 'name' is no longer answered.\n";
said 'unless they are meant', $db->ctl('apply', '--check', '--breaking', $other), 0, <<'OUT';
Best: changed
  breaking: Field 'name' is no longer answered.
  Field 'email' is answered too.
OUT
is $db->value("SELECT value FROM apid_revision"), $untouched, "nothing is changed by it";
is_deeply json('apply', '--check', '--breaking', $other), [ { name => 'Best', outcome => 'changed',
    breaking => Rig->json('true'), changes => [
        { kind => 'field-removed', name => 'name', old => 'string', new => undef,
          breaking => Rig->json('true'), text => "Field 'name' is no longer answered." },
        { kind => 'field-added', name => 'email', old => undef, new => 'email',
          breaking => Rig->json('false'), text => "Field 'email' is answered too." } ] } ], '  as JSON';
said 'a flag takes no value', $db->ctl('apply', '--check=perhaps', $best), 2, '',
    "apidesignerctl: check is not what was expected: changes nothing: shows what differs from the live "
    . "versions, and refuses breaking changes\n";
$db->ctl_ok('draft', 'save', $other);
said 'diff: the live version and the draft', $db->ctl('diff', 'Best'), 0,
    "breaking: true\n  breaking: Field 'name' is no longer answered.\n  Field 'email' is answered too.\n";
said 'what a draft changed is told when it is published', $db->ctl('draft', 'publish', 'Best'), 0,
    "name: Best\noutcome: published\nversion: 2\nbreaking: true\n"
    . "  breaking: Field 'name' is no longer answered.\n  Field 'email' is answered too.\n";
said 'diff: nothing', $db->ctl('diff', 'Best'), 0, "breaking: false\n";
my $diff = json('diff', 'Best', '--from', 2, '--to', 1);
is_deeply [ map { $diff->{$_}{version} } qw(from to) ], [ 2, 1 ], 'diff of two versions';
is $diff->{to}{document}, Rig::slurp($best), '  with their documents';
is join(' ', map { "$_->{kind} $_->{name}" } @{ $diff->{changes} }), 'field-removed email field-added name',
    '  and what differs';
said 'diff of a version that is not there', $db->ctl('diff', 'Best', '--to', 7), 1, '', qr/no version 7/;

# ---- drafts

my $draft = api('Sketch', 'sketch');
my $saved = json('draft', 'save', $draft);
is $saved->{outcome}, 'saved', 'a draft of something new';
is json('show', 'Sketch')->{version}, undef, 'is not published';
said 'export finds the draft', $db->ctl('export', 'Sketch'), 1, '', qr/never published; see: draft show/;
is $db->ctl_ok('draft', 'show', 'Sketch'), Rig::slurp($draft), 'draft show';
file('Sketch', '<api name="Sketch"><select modu');
$db->ctl_ok('--as', 'eve', 'draft', 'save', '--base', $saved->{draft_revision}, $draft);
is $db->ctl_ok('draft', 'show', 'Sketch'), "<api name=\"Sketch\"><select modu\n", 'half a document';
said 'an older base', $db->ctl('draft', 'save', '--base', $saved->{draft_revision}, $draft), 1, '',
    "apidesignerctl: the draft of 'Sketch' was saved by somebody else meanwhile\n";
said 'half a document is not published', $db->ctl('draft', 'publish', 'Sketch'), 1, '', qr/^Sketch:1:/;
api('Sketch', 'sketch');
$db->ctl_ok('draft', 'save', $draft);
said 'publish', $db->ctl('draft', 'publish', 'Sketch', '--note', 'first'), 0, qr/^outcome: published\n/m;
said 'no draft is left', $db->ctl('draft', 'show', 'Sketch'), 1, '', qr/has no draft/;
$db->ctl_ok('draft', 'save', $draft);
Rig::spew("$dir/large.xml", ' ' x (256 * 1024 + 1));
said 'a draft that could never be published', $db->ctl('draft', 'save', "$dir/large.xml"), 1, '',
    "$dir/large.xml:1:1: the document is larger than 256 KiB\n";
said 'draft drop', $db->ctl('draft', 'drop', 'Sketch'), 0, qr/draft dropped/;

# ---- users

$db->run("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1");
my $ann = json('user', 'add', 'ann@x+y', '--id', '17x1', '--role', 'designer');
like $ann->{key}, qr/^[\w-]{43}$/, 'user add prints a key';
my $row = $db->row('SELECT *, LOWER(HEX(access_key)) AS digest FROM apid_user WHERE name = "ann@x+y"');
is $row->{digest}, sha256_hex($ann->{key}), 'its SHA-256 is kept';
is join('|', @$row{qw(ident role password)[0, 1]}, $row->{password} // 'NULL'),
    '17x1|designer|NULL', 'with id and role, without a password';
said 'the same again', $db->ctl('user', 'add', 'ann@x+y'), 1, '',
    "name: 'ann\@x+y' is a user already\n";
said 'a role that is none', $db->ctl('user', 'add', 'x', '--role', 'boss'), 1, '', qr/'boss' is no role/;
said 'a name that is none', $db->ctl('user', 'add', 'a:b'), 1, '', qr/'a:b' cannot be the name/;
isnt json('user', 'key', 'ann@x+y')->{key}, $ann->{key}, 'user key makes another';
Rig::spew("$dir/password", "correct horse\n");
said 'user password', $db->ctl('user', 'password', 'ann@x+y', '--password-file', "$dir/password"),
    0, "name: ann\@x+y\n";
like $db->value('SELECT password FROM apid_user WHERE name = "ann@x+y"'), qr/^\$2[aby]\$/, 'bcrypt';
said 'from standard input', $db->ctl({ stdin => "another horse\n" }, 'user', 'password', 'ann@x+y',
    '--password-file', '-'), 0, "name: ann\@x+y\n";
said 'a short one', $db->ctl({ stdin => "short\n" }, 'user', 'password', 'ann@x+y',
    '--password-file', '-'), 1, '', qr/^password: /;
like json('user', 'password', 'ann@x+y')->{password}, qr/^\S{43}$/, 'a random one is printed';
said 'user disable', $db->ctl('user', 'disable', 'ann@x+y'), 0, "name: ann\@x+y\nstatus: disabled\n";
said 'user enable', $db->ctl('user', 'enable', 'ann@x+y'), 0, "name: ann\@x+y\nstatus: enabled\n";
said 'the last admin', $db->ctl('user', 'disable', 'admin'), 1, '',
    "apidesignerctl: 'admin' is the last admin\n";
is $db->value('SELECT disabled FROM apid_user WHERE name = "admin"'), 0, 'is not locked out';
is_deeply [ map { "$_->{name} $_->{role}" } @{ json('user', 'list') } ],
    [ 'admin admin', 'ann@x+y designer' ], 'user list';
unlike $db->ctl_ok('--json', 'user', 'list'), qr/\$2[aby]\$/, 'without secrets';
said 'me', $db->ctl('--as', 'ann@x+y', 'me'), 0, qr/^name: ann\@x\+y\n.*^role: designer\n/ms;
said 'me, who is no user', $db->ctl('--as', 'an@x+y', 'me'), 1, '',
    "apidesignerctl: there is no user 'an\@x+y'; did you mean 'ann\@x+y'?\n";
like json('--as', 'ann@x+y', 'me', 'key')->{key}, qr/^[\w-]{43}$/, 'me key';
Rig::spew("$dir/new", "correct horse\n");
Rig::spew("$dir/old", "battery staple\n");
$db->ctl_ok('user', 'password', 'ann@x+y', '--password-file', "$dir/old");
said 'me password', $db->ctl('--as', 'ann@x+y', 'me', 'password', '--old-file', "$dir/$_->[0]",
    '--password-file', "$dir/new"), @$_[1 .. 3]
    for [ 'new', 1, '', "old: is not your password\n" ],
        [ 'old', 0, "name: ann\@x+y\n", '' ], [ 'new', 0, "name: ann\@x+y\n", '' ];

said '  without the old one', $db->ctl('--as', 'ann@x+y', 'me', 'password'), 1, '',
    "old: is missing: the password that you have until now\n";

# ---- groups and rights

said 'group add', $db->ctl('group', 'add', 'sales'), 0, "name: sales\noutcome: added\n";
said 'the same again', $db->ctl('group', 'add', 'sales'), 1, '',
    "name: 'sales' is a group already\n";
said 'a name that is none', $db->ctl('group', 'add', 'a,b'), 1, '', qr/'a,b' cannot be the name of a group/;
said 'a group whose name is an escape', $db->ctl('group', 'add', "a\e[2J"), 1, '', qr/no ':', ',' or control characters/;
for ([ 2, 'user is not UTF-8', 'refusals', '--user', "\xff" ], [ 2, 'name is not UTF-8', 'user', 'add', "a\xff" ],
     [ 1, 'the name, which is that of the file, is not UTF-8', 'check', file("\xff", '<api><select module="People"/></api>') ]) {
    my ($code, $text, @words) = @$_;
    said "what is not UTF-8: $words[0]", $db->ctl(@words), $code, '', qr/: \Q$text\E$/;
}
said 'what is too long', $db->ctl('user', 'add', 'long', '--id', 'n' x 191), 1, '',
    qr/^apidesignerctl: what was given for 'ident' is too long, or not UTF-8 \(1406 /;
said 'group right', $db->ctl('group', 'right', 'sales', 'People', '--allow', 'read, update', '--hidden',
    'email', '--readonly', 'name,email'), 0, "name: sales\nmodule: People\noutcome: set\n";
$db->ctl_ok('group', 'right', 'sales', '*', '--allow', 'delete,read', '--scope', 'own');
said 'group show', $db->ctl('group', 'show', 'sales'), 0, <<'OUT';
name: sales

rights:
module  allow        scope  hidden  readonly
*       read,delete  own            
People  read,update  all    email   name,email
OUT
$db->ctl_ok('group', 'right', 'sales', 'People', '--allow', 'create');
is_deeply json('group', 'show', 'sales')->{rights}[1],
    { module => 'People', allow => 'create', scope => 'all', hidden => '', readonly => '' },
    'a right takes the place of the one before';
for (
    [ [ 'sales', 'Peple', '--allow', 'read' ], "there is no module 'Peple'; did you mean 'People'?" ],
    [ [ 'sale', 'People', '--allow', 'read' ], "there is no group 'sale'; did you mean 'sales'?" ],
    [ [ 'sales', 'People', '--allow', 'read,write' ],
      "'write' cannot be allowed: expected create, read, update or delete" ],
    [ [ 'sales', 'People', '--allow', 'read', '--scope', 'mine' ],
      "'mine' is no scope: expected all or own" ],
    [ [ 'sales', 'People', '--allow', 'read', '--scope', 'own' ],
      "People has no owner field, so that no record there is anybody's own" ],
    [ [ 'sales', 'People', '--allow', 'read', '--hidden', 'emial' ],
      "unknown field 'emial' in People; did you mean 'email'?" ],
    [ [ 'sales', 'People', '--allow', 'read', '--readonly', 'id' ],
      "'id' can be neither hidden nor read-only" ],
    [ [ 'sales', '*', '--allow', 'read', '--hidden', 'email' ],
      'hidden: fields are of one module, not of all' ],
) {
    my ($words, $error) = @$_;
    said "group right @$words", $db->ctl('group', 'right', @$words), 1, '', "apidesignerctl: $error\n";
}
said 'group right without allow', $db->ctl('group', 'right', 'sales', 'People'), 2, '',
    "apidesignerctl: allow is missing: some of create,read,update,delete\n";
said 'user add into a group that is not there', $db->ctl('user', 'add', 'bea', '--groups', 'sale'), 1, '',
    "apidesignerctl: there is no group 'sale'; did you mean 'sales'?\n";
is $db->value('SELECT COUNT(*) FROM apid_user WHERE name = "bea"'), 0, 'adds nobody';
$db->ctl_ok('user', 'add', 'bea', '--groups', 'sales, everyone');
$db->ctl_ok('user', 'add', 'cat', '--groups', '');
is_deeply { map { $_->{name} => join ',', @{ $_->{groups} } } @{ json('user', 'list') } },
    { admin => 'everyone', 'ann@x+y' => 'everyone', bea => 'everyone,sales', cat => '' },
    'user list shows groups: everyone unless others are named';
like $db->ctl_ok('user', 'list'), qr/^bea .* everyone, sales$/m, 'for people too';
said 'user groups', $db->ctl('user', 'groups', 'bea', 'sales'), 0, "name: bea\ngroups: sales\n";
is_deeply json('group', 'list'), [ { name => 'everyone', users => 2, rights => 1 },
    { name => 'sales', users => 1, rights => 2 } ], 'group list';
is_deeply json('group', 'show', 'sales')->{users},
    [ { name => 'bea', role => 'caller', status => 'enabled' } ], 'who is in a group';
said 'user role', $db->ctl('user', 'role', 'bea', 'viewer'), 0, "name: bea\nrole: viewer\n";
said 'a role that is none', $db->ctl('user', 'role', 'bea', 'boss'), 1, '', qr/'boss' is no role/;
said 'the last admin', $db->ctl('user', 'role', 'admin', 'viewer'), 1, '',
    "apidesignerctl: 'admin' is the last admin\n";
said 'group unright', $db->ctl('group', 'unright', 'sales', 'People'), 0,
    "name: sales\nmodule: People\noutcome: taken away\n";
said 'what is not there', $db->ctl('group', 'unright', 'sales', 'People'), 1, '',
    "apidesignerctl: group 'sales' has no right in 'People'\n";
$db->ctl_ok('group', 'drop', $_) for 'sales', 'everyone';
is $db->value('SELECT COUNT(*) FROM apid_right') + $db->value('SELECT COUNT(*) FROM apid_user_group'), 0,
    'group drop takes rights and users along';
$db->ctl_ok('init');
is_deeply json('group', 'list'), [], 'everyone does not come again';
$db->ctl_ok('user', 'add', 'dan');
is_deeply json('--as', 'dan', 'me')->{groups}, [], '  and who is added is in no group';
$db->run('DELETE FROM apid_user WHERE name IN ("bea", "cat", "dan")');

# ---- tokens and owners of webhooks

my $hook = file('Hook', '<webhook name="Hook"><select module="People"/></webhook>');
$db->ctl_ok('--as', 'ann@x+y', 'apply', $hook);
is json('show', 'Hook')->{owner}, 'ann@x+y', 'who applied it owns it';
my $token = json('token', 'Hook')->{token};
like $token, qr/^[\w-]{43}$/, 'token prints a token';
is $db->value('SELECT LOWER(HEX(digest)) FROM apid_token'), sha256_hex($token), 'its SHA-256 is kept';
$db->run('SET GLOBAL general_log = 0');
for ([ user => $ann->{key} ], [ token => $token ]) {
    my ($table, $secret) = @$_;
    my $log = join "\n", map { pack 'H*', $_->{statement} }
        $db->rows("SELECT HEX(argument) AS statement FROM mysql.general_log WHERE argument LIKE '%apid_$table %'");
    like $log, qr/'\Q${\ substr $secret, 0, 8 }\E'/, "what the database logs of apid_$table has the beginning of a secret";
    unlike $log, qr/\Q$secret/, '  and no more of it';
}
my $second = json('token', 'Hook')->{token};
is $db->value('SELECT COUNT(*) FROM apid_token'), 1, 'the old one ends at once';
json('token', 'Hook', '--keep', 24);
is_deeply [ map { [ $_->{prefix} eq substr($second, 0, 8) ? 'old' : 'new', defined $_->{expires} ? 1 : 0 ] }
            @{ json('show', 'Hook')->{tokens} } ], [ [ old => 1 ], [ new => 0 ] ],
    'or after some hours';
json('token', 'Hook', '--keep', 24);
is $db->value('SELECT COUNT(*) FROM apid_token'), 2, 'two at most';
said 'beyond what a date can be', $db->ctl('token', 'Hook', '--keep', 9_999_999_999), 1, '',
    qr/^keep: must not be above 878400$/m;
said 'a token of an API', $db->ctl('token', 'Best'), 1, '', qr/'Best' is no webhook/;
said 'owner', $db->ctl('owner', 'Hook', 'admin'), 0, "name: Hook\nowner: admin\n";
said 'an owner that is none', $db->ctl('owner', 'Hook', 'admn'), 1, '',
    "apidesignerctl: there is no user 'admn'; did you mean 'admin'?\n";

# ---- updates

$db->run(q(INSERT INTO apid_update (module, record, operation, label, api, version, user, source,
    request_id, at, changes) VALUES ('People', '5', 'update', 'API Designer - All', 'All', 1, 'ann',
    'api', 'r1', '2026-01-02 03:04:05', '[{"field":"email","old":null,"new":"a@b.example"}]')));
is_deeply json('updates', 'People', '7x5'), [ { at => '2026-01-02T03:04:05Z', operation => 'update',
    label => 'API Designer - All', api => 'All', version => 1, user => 'ann', source => 'api',
    request_id => 'r1', changes => [ { field => 'email', old => undef, new => 'a@b.example' } ] } ],
    'updates as JSON';
like $db->ctl_ok('updates', 'People', '5'), qr/email: NULL -> a\@b\.example$/m, 'and for people';
is $db->ctl_ok('updates', 'People', '6'), '', 'none';
said 'updates of no module', $db->ctl('updates', 'Peple', '6'), 1, '',
    "apidesignerctl: there is no module 'Peple'; did you mean 'People'?\n";
said 'updates of what is no id', $db->ctl('updates', 'People', 'abc'), 1, '',
    qr/^\w+: .*id/;

# ---- module edit

my $editor = file('editor.sh', qq(#!/bin/sh\nsed -i 's/label="Mail"/label="Post"/' "\$1"\n));
chmod 0755, $editor;
said 'module edit', $db->ctl({ env => { EDITOR => $editor, VISUAL => $editor } }, 'module', 'edit',
    'People'), 0, "name    outcome\nPeople  changed\n";
like $db->ctl_ok('module', 'export', 'People'), qr/label="Post"/, 'the document is the edited one';
said 'an editor that fails', $db->ctl({ env => { VISUAL => 'false' } }, 'module', 'edit', 'People'),
    1, '', qr/the editor failed; nothing is changed/;
my $crashed = $db->ctl({ env => { VISUAL => q(sh -c 'sed -i s/Post/Mail/ "$1"; exit 1' -) } }, 'module', 'edit', 'People');
said 'an editor that saves and fails', $crashed, 1, '', qr/the editor failed; nothing is changed/;
my ($rescued) = $crashed->{err} =~ /^your text is kept in (\S+)$/m;
like Rig::slurp($rescued), qr/label="Mail"/, '  what it saved is kept';
unlink $rescued;
said 'a variable that is empty', $db->ctl({ env => { VISUAL => '', EDITOR => 'true' } }, 'module', 'edit', 'People'),
    0, "name    outcome\nPeople  unchanged\n";
mkdir "$dir/scratch";
my $renamed = $db->ctl({ env => { VISUAL => q(sed -i 's/name="People"/name="Folk"/'), TMPDIR => "$dir/scratch" } },
    'module', 'edit', 'People');
said 'another name', $renamed, 1, '',
    qr{^\Q$dir\E/scratch/apidesignerctl\.\w+: module 'People' cannot be renamed to 'Folk': apply }m;
my $rival = $db->ctl_ok('module', 'export', 'People') =~ s/label="Post"/label="Rival"/r;
my $late = file('late.sh', qq(#!/bin/sh\nAPIDESIGNER_DATABASE='@{[ $db->url ]}' $Rig::BUILD/apidesignerctl )
    . 'module apply ' . file('rival.xml', $rival) . qq( >/dev/null\nsed -i 's/label="Post"/label="Mine"/' "\$1"\n));
chmod 0755, $late;
my $lost = $db->ctl({ env => { VISUAL => $late } }, 'module', 'edit', 'People');
said 'somebody else was faster', $lost, 1, '',
    qr{^/tmp/apidesignerctl\.\w+: module 'People' was changed by somebody else meanwhile$}m;
is $db->ctl_ok('module', 'export', 'People'), $rival, 'whose document stays';
my ($kept) = $lost->{err} =~ /your text is kept in (\S+)$/m;
like Rig::slurp($kept), qr/label="Mine"/, 'and nothing is lost';
unlink $kept;

# ---- writers at once: every version has its number

my @codes = Rig->parallel(4, sub ($i) {
    my @got;
    for my $n (1 .. 5) {
        Rig::spew("$dir/race$i.xml", qq(<api name="Race" path="race"><select module="People">)
            . qq(<limit max="${\ ($i * 5 + $n) }"/></select></api>));
        push @got, $db->ctl('apply', "$dir/race$i.xml")->{code};
    }
    return \@got;
});
is_deeply [ map { @$_ } @codes ], [ (0) x 20 ], 'twenty publishes of four writers';
is $db->value('SELECT GROUP_CONCAT(v.version ORDER BY v.version) FROM apid_version v JOIN '
    . 'apid_definition d ON d.id = v.definition_id WHERE d.name = "Race"'), join(',', 1 .. 20),
    'are twenty versions';
# ---- what is taken, and what comes back

$db->ctl_ok('apply', api('Again', 'again'));
$db->ctl_ok('apply', api('Again', 'again', 'email'));
$db->ctl_ok('deprecate', 'Again', 1, '--sunset', '2099-01-01');
$db->ctl_ok('rollback', 'Again', 1);
is_deeply [ map { $_->{sunset} } grep { $_->{version} == 1 } @{ json('history', 'Again') } ], [undef],
    'a deprecated version that is live again is that no more';
json('token', 'Hook');
my $ends = substr json('token', 'Hook', '--keep', 24)->{token}, 0, 8;
said 'revoke', $db->ctl('token', 'revoke', 'Hook', $ends), 0, qr/revoked/;
is $db->value('SELECT COUNT(*) FROM apid_token'), 1, '  ends one token';
is $db->value("SELECT COUNT(*) FROM apid_token WHERE prefix = '$ends'"), 0, '  that one';
said 'revoke nothing', $db->ctl('token', 'revoke', 'Hook', 'nothing1'), 1, '',
    "apidesignerctl: 'Hook' has no token that begins with 'nothing1'\n";
$db->run('CREATE TABLE taken (id INT AUTO_INCREMENT PRIMARY KEY, n INT)');
said 'import under a name that is taken', $db->ctl('module', 'import', 'taken', '--name', 'People'), 1, '',
    qr/^name: 'People' is a module already: choose another name, or replace it/;
like $db->ctl_ok('module', 'export', 'People'), qr/name="email"/, '  it is left alone';
$db->ctl_ok('module', 'import', 'taken');
said 'import of the same again', $db->ctl('module', 'import', 'taken'), 0, qr/unchanged/;
$db->run('ALTER TABLE taken ADD COLUMN m INT');
said 'import to replace', $db->ctl('module', 'import', 'taken', '--replace'), 0, qr/changed/;
said "import under a name that is none ('$_')", $db->ctl('module', 'import', 'taken', '--name', $_), 1, '',
    qr/cannot be the name of a module/ for '  ', '..', 'x' x 191;
said 'an API with a name that no address can have', $db->ctl('apply', file('dots', '<api name=".."><select module="People"/></api>')),
    1, '', qr/'\.\.' cannot be a name/;

done_testing;
