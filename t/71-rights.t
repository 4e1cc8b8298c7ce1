# SPDX-License-Identifier: Apache-2.0
# Rights over HTTP: what groups allow, and that nothing else can be done, seen
# or found out. The sections are those items of the OWASP API Security Top 10
# (2023) that are about authorisation: API5 functions, API1 objects, API3
# properties.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $db = Rig->database;
$db->ctl_ok('init');
$db->run(<<'END');
CREATE TABLE orgs (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40), turnover INT, owner INT,
    parent INT);
CREATE TABLE jobs (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40));
CREATE TABLE job_meta (job_id INT PRIMARY KEY, keeper INT, gone INT NOT NULL DEFAULT 0);
CREATE TABLE deals (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(40) NOT NULL, amount INT,
    secret VARCHAR(40), code VARCHAR(10) UNIQUE, owner_id INT, org_id INT, job_id INT,
    made DATETIME(3), changed DATE, FOREIGN KEY (org_id) REFERENCES orgs (id));
CREATE TABLE plain (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40));
END
sub modules { Served::files(<<'A', <<'B', <<'C', <<'D') }
<module name="Orgs" owner="owner"><table name="orgs" key="id"/><field name="name" type="string"/>
  <field name="turnover" type="integer"/><field name="owner" type="owner"/>
  <field name="parent" type="reference" refers="Orgs"/></module>
A
<module name="Jobs" owner="keeper"><table name="jobs" key="id"/><table name="job_meta" key="job_id"/>
  <softdelete table="job_meta" column="gone"/><field name="name" type="string"/>
  <field name="keeper" type="owner" table="job_meta" default="99"/></module>
B
<module name="Deals" owner="owner_id" created="made" modified="changed"><table name="deals" key="id"/>
  <field name="title" type="string" mandatory="true"/><field name="amount" type="integer"/>
  <field name="secret" type="string"/><field name="code" type="string" unique="true"/>
  <field name="owner_id" type="owner"/><field name="org_id" type="reference" refers="Orgs"/>
  <field name="job_id" type="reference" refers="Jobs"/>
  <field name="made" type="datetime" fsp="3" readonly="true"/><field name="changed" type="date"/>
</module>
C
<module name="Plain"><table name="plain" key="id"/><field name="name" type="string"/></module>
D
$db->ctl_ok('module', 'apply', modules());

my $record = join '', map { qq(<field name="$_" value="\@$_"/>) }
    qw(title amount secret code owner_id org_id);
my $return = '<return>' . join('', map { qq(<field name="$_"/>) }
    qw(id title amount secret owner_id org_id.name)) . '</return>';
my $by_id = '<where><field name="id" value="@id"/></where>';
my %definition = (
    'Deals' => '<api path="deals"><select module="Deals"/></api>',
    'Deal' => qq(<api path="deals/{id}"><select module="Deals" one="true">$by_id</select></api>),
    'Add' => qq(<api method="post" path="deals"><create module="Deals"><record>$record</record>
        $return</create></api>),
    'Change' => qq(<api method="put" path="deals/{id}"><update module="Deals"><record>
        <field name="id" value="\@id"/>$record</record>$return</update></api>),
    'Put' => qq(<api method="put" path="deals"><upsert module="Deals"><record>$record</record>
        <where><field name="code" value="\@code"/></where>$return</upsert></api>),
    'Put By Id' => qq(<api method="patch" path="deals/{id}"><upsert module="Deals"><record>
        <field name="id" value="\@id"/>$record</record>$return</upsert></api>),
    'Drop' => qq(<api method="delete" path="deals/{id}"><delete module="Deals">$by_id</delete></api>),
    'Drop Titled' => '<api method="delete" path="deals"><delete module="Deals"><where>
        <field name="title" condition="like" value="@title"/></where></delete></api>',
    'Change Titled' => '<api method="patch" path="deals"><update module="Deals"><record>
        <field name="amount" value="@amount"/></record><where>
        <field name="title" condition="like" value="@title"/></where></update></api>',
    'Dotted' => '<api path="dotted"><select module="Deals"><record><field name="title"/>
        <field name="org_id.name" as="org"/><field name="org_id.turnover" as="turnover"/>
        <field name="job_id.name" as="job"/></record></select></api>',
    'Far' => '<api path="far"><select module="Deals"><record><field name="title"/>
        <field name="org_id.parent.name" as="far"/></record></select></api>',
    'By Org' => '<api path="by-org"><select module="Deals"><record><field name="title"/></record>
        <sort><field name="org_id.name" order="descending"/></sort></select></api>',
    'By Amount' => '<api path="by-amount"><select module="Deals"><record><field name="title"/></record>
        <sort><field name="amount" order="descending"/></sort><limit max="1" after="@cursor"/>
        </select></api>',
    'Pages' => '<api path="pages"><select module="Deals"><record><field name="title"/></record>
        <limit max="1" after="@cursor"/></select></api>',
    'Find' => '<api path="find"><select module="Deals"><record><field name="title"/></record><where>
        <field name="title" value="@title" optional="true"/>
        <field name="id" value="@id" condition="in" optional="true"/>
        <field name="secret" value="@secret" condition="startswith" optional="true"/>
        <where glue="or"><field name="amount" value="@more" condition="greaterthan" optional="true"/>
        </where><field name="org_id.name" value="@org" optional="true"/>
        <field name="org_id.turnover" value="@turnover" optional="true"/></where></select></api>',
    'Secret X' => '<api path="x"><select module="Deals"><record><field name="title"/></record><where>
        <field name="secret" value="x"/></where></select></api>',
    'Two' => '<api method="post" path="two"><create module="Orgs" as="org"><record>
        <field name="name" value="@name"/></record></create><create module="Deals"><record>
        <field name="title" value="@title"/><field name="org_id" value="@org.id"/></record></create>
        </api>',
    'Copy' => '<api method="post" path="copy"><select module="Deals" as="old" one="true"><where>
        <field name="id" value="@id"/></where></select><create module="Deals"><record>
        <field name="title" value="@old.secret"/></record></create></api>',
    'Owned By 12' => qq(<api method="post" path="hand-over/{id}"><update module="Deals"><record>
        <field name="owner_id" value="12"/></record>$by_id</update></api>),
    'Fixed' => qq(<api method="post" path="fixed"><create module="Deals"><record>
        <field name="title" value="\@title"/><field name="amount" value="7"/>
        <field name="secret" value="\@none" default="s"/></record>$return</create></api>),
    'Add Job' => '<api method="post" path="jobs"><create module="Jobs"><record>
        <field name="name" value="@name"/></record><return><field name="keeper"/></return></create>
        </api>',
    'Plain' => '<api path="plain"><select module="Plain"/></api>',
    'Allowed' => '<api path="allowed"><allow groups="own"/><select module="Deals"/></api>',
    'Hook' => '<webhook><create module="Deals"><record><field name="title" value="@title"/></record>
        <return><field name="title"/><field name="owner_id"/></return></create></webhook>',
    'Hook Read' => '<webhook><select module="Deals"><record><field name="title"/></record></select>
        </webhook>',
);

# name of a group => its rights: module, what is allowed, further options
my %group = (
    read    => [ [ 'Deals', 'read' ], [ 'Orgs', 'read' ], [ 'Jobs', 'read' ] ],
    all     => [ [ '*', 'create,read,update,delete' ] ],
    make    => [ [ 'Deals', 'create' ] ],
    change  => [ [ 'Deals', 'update' ] ],
    drop    => [ [ 'Deals', 'delete' ] ],
    deals   => [ [ 'Deals', 'create,read,update,delete' ] ],
    orgs    => [ [ 'Orgs', 'create' ] ],
    own     => [ map { [ $_, 'create,read,update,delete', '--scope', 'own' ] } qw(Deals Orgs Jobs) ],
    anyown  => [ [ '*', 'read', '--scope', 'own' ] ],
    seeall  => [ [ 'Deals', 'read' ], [ 'Orgs', 'read', '--scope', 'own' ] ],
    blind   => [ [ 'Deals', 'create,read,update,delete', '--hidden', 'secret,amount' ],
                 [ 'Orgs', 'read', '--hidden', 'turnover' ] ],
    norefs  => [ [ 'Deals', 'read', '--hidden', 'org_id' ], [ 'Orgs', 'read' ] ],
    keep    => [ [ 'Deals', 'create,read,update', '--readonly', 'amount, secret' ] ],
);
for my $name (sort keys %group) {
    $db->ctl_ok('group', 'add', $name);
    for my $right (@{ $group{$name} }) {
        my ($module, $allow, @more) = @$right;
        $db->ctl_ok('group', 'right', $name, $module, '--allow', $allow, @more);
    }
}
$db->ctl_ok('apply', Served::files(map { Served::document($_, $definition{$_}) } sort keys %definition));
# name of a user => its groups, and what @user.id is
my %user = (nobody => [''], reader => ['read'], writer => ['all'], maker => ['make'],
    changer => ['change'], makechange => ['make,change'], dropper => ['drop'],
    dealer => ['deals'], orger => ['orgs'], ann => [ 'own', 11 ], bob => [ 'own', 12 ], eve => [ 'own', 13 ],
    word => [ 'own', 'w' ], anyown => [ 'anyown', 11 ], seeall => [ 'seeall', 11 ],
    blind => ['blind'], sighted => ['blind,read'], norefs => ['norefs'], keeper => ['keep'],
    ownmaker => [ 'own,make', 11 ], ownreader => [ 'own,read', 11 ]);
my %key;
for my $name (sort keys %user) {
    my ($groups, $id) = @{ $user{$name} };
    $key{$name} = Served::secret($db->ctl_ok('user', 'add', $name, '--groups', $groups,
                                             $id ? ('--id', $id) : ()));
}
$db->ctl_ok('user', 'add', 'chief', '--role', 'admin', '--groups', '');
$key{chief} = Served::secret($db->ctl_ok('user', 'key', 'chief'));
my %token;
for my $hook ('Hook', 'Hook Read') {
    $token{$hook} = Served::secret($db->ctl_ok('token', $hook));
    $db->ctl_ok('owner', $hook, 'ann');
}
my $web = Rig->apache(database => $db);

# The records that every section begins with: of ann (11) and of bob (12).
sub fill { $db->run(<<'END') }
SET foreign_key_checks = 0;
TRUNCATE deals; TRUNCATE orgs; TRUNCATE jobs; TRUNCATE job_meta;
INSERT INTO orgs VALUES (1, 'Acme', 100, 11, NULL), (2, 'Bolt', 200, 12, 1);
INSERT INTO jobs VALUES (1, 'Paint', 0), (2, 'Build', 0), (3, 'Lost', 0);
INSERT INTO job_meta VALUES (1, 11, 0), (2, 12, 0), (3, 11, 1);
INSERT INTO deals (id, title, amount, secret, code, owner_id, org_id, job_id) VALUES
    (1, 'One', 10, 'x', 'A', 11, 1, 1), (2, 'Two', 20, 'y', 'B', 12, 2, 2),
    (3, 'Three', 30, 'xz', 'C', 11, 2, 3);
END
$db->run('ALTER TABLE jobs ADD spare INT');
fill();

sub call ($user, $method, $path, $json = undef, @more) {
    return $web->request($method, $path =~ m{^/} ? $path : "/api/$path", @more,
        basic => [ $user, $key{$user} ], defined $json ? (json => $json) : ());
}

# "403 ACCESS_DENIED /secret: may not be read"
sub told ($answer) {
    my $json = eval { $answer->json };
    return $answer->status if ref $json ne 'HASH' || !$json->{code};
    return join ' ', $answer->status, $json->{code},
        map { "$_->{pointer}: $_->{detail}" } @{ $json->{errors} // [] };
}
sub is_told ($answer, $want, $name) { is told($answer), $want, $name or diag $answer->body }

# "One Three": one member of all records that are answered, or what went wrong
sub names ($answer, $member = 'title') {
    return told($answer) if $answer->status != 200 && $answer->status != 201;
    my $json = $answer->json;
    return join ' ', map { $_->{$member} // 'null' } ref $json eq 'ARRAY' ? @$json : $json;
}
sub rows ($sql) { join ' ', map { join ':', map { $_ // 'null' } @$_{ sort keys %$_ } } $db->rows($sql) }
sub deals { rows('SELECT id a, title b, owner_id c FROM deals ORDER BY id') }
my $untouched = deals();
my $denied = '403 ACCESS_DENIED';
my $none = '404 RECORD_NOT_FOUND';

# ============ API5:2023 broken function level authorisation

# Which of the operations a user may call: each is one way to do one thing.
sub functions ($user) {
    my @way = ([ read => GET => 'deals' ], [ one => GET => 'deals/1' ],
        [ create => POST => 'deals', { title => 'New' } ],
        [ update => PUT => 'deals/1', { title => 'One' } ],
        [ updates => PATCH => 'deals', { title => 'Nothing', amount => 1 } ],
        [ upsert => PUT => 'deals', { code => 'N', title => 'New' } ],
        [ delete => DELETE => 'deals/2' ], [ deletes => DELETE => 'deals?title=Nothing' ]);
    my @may = map { my ($name, @call) = @$_; my $got = call($user, @call);
                    $got->status == 403 ? () : $got->status < 300 ? $name : "$name!" } @way;
    fill();
    return "@may";
}
is functions('nobody'), '', 'who is in no group may nothing';
is functions('reader'), 'read one', 'a reader reads';
is functions('maker'), 'create', 'create is create alone';
is functions('changer'), 'update updates', 'so is update';
is functions('dropper'), 'delete deletes', 'and delete';
is functions('makechange'), 'create update updates upsert', 'groups add up: an upsert needs two';
is functions('writer'), 'read one create update updates upsert delete deletes',
    'a right in every module';
is functions('chief'), functions('writer'), 'an admin may everything, in no group';

my $got = call(reader => POST => 'deals', { title => 'New' });
is_told $got, $denied, 'who may read and not write gets 403 on create';
is $got->json->{detail}, 'Permission denied', '  no more is told';
like $web->errors, qr/Permission denied: user 'reader' may not create Deals: no group of the user allows it/,
    '  the log has the reason';
is call(reader => POST => '/restapi/vtap/api/deals', { title => 'New' })->body,
    '{"success":false,"error":{"code":"ACCESS_DENIED","message":"Permission denied"}}', 'profile vtiger';
is_told call(maker => HEAD => 'deals'), 403, 'HEAD is a GET';
is_told $web->request(POST => '/api/deals', body => '{', basic => [ 'reader', $key{reader} ],
                      headers => [ 'Content-Type' => 'application/json' ]),
    $denied, 'rights come before the body is looked at';
is_told call($_ => POST => 'two', { name => 'New', title => 'New' }), $denied,
    "the rights of every operation are needed: $_" for 'dealer', 'orger';
is rows('SELECT COUNT(*) a FROM orgs'), 2, '  before any of them has run';
is names(call(writer => POST => 'two', { name => 'New', title => 'New' })), 'New', '  with them';
is_told call(dealer => GET => 'plain'), $denied, 'another module is another right';
is_told call(anyown => GET => 'plain'), $denied, 'own records of a module without owner: none';
like $web->errors, qr/may not select Plain: it is allowed for own records, and the module has no owner/,
    '  the log says why';
is_told call(word => GET => 'deals'), $denied, 'nor is there any for an id that is no owner';
is_told call(writer => GET => 'allowed'), $denied, 'a definition narrows further';
is names(call(ann => GET => 'allowed')), 'One Three', '  what a group of its own may';
$got = $web->request(POST => '/hooks/Hook', json => { title => 'Hooked' },
                     headers => [ Token => $token{Hook} ]);
is $got->body, '{"title":"Hooked","owner_id":11}', 'a webhook acts as its owner';
$got = $web->request(GET => '/hooks/Hook%20Read', headers => [ Token => $token{'Hook Read'} ]);
is names($got), 'One Three Hooked', '  and sees as its owner';
fill();

# ============ API1:2023 broken object level authorisation

# ---- reading and guessing somebody else's record
is names(call(ann => GET => 'deals')), 'One Three', "a list has one's own";
is names(call(bob => GET => 'deals')), 'Two', '  to everybody their own';
is names(call(eve => GET => 'deals')), '', '  or none';
is names(call(ann => GET => 'deals/3')), 'Three', "one's own by id";
is_told call(ann => GET => 'deals/2'), $none, "somebody else's is not there";
is call(ann => GET => 'deals/2')->body =~ s/"request_id":"\w+"//r,
    call(ann => GET => 'deals/99')->body =~ s/"request_id":"\w+"//r, '  as one that is not';
is names(call(ann => GET => 'find?id[]=1&id[]=2&id[]=3')), 'One Three', 'nor among others';
is names(call(ann => GET => 'find?title=Two')), '', 'nor by another field';
is names(call(ann => GET => 'find?more=15')), 'Three', 'nor in a nested condition';
is names(call(ann => GET => 'by-amount')), 'Three', 'nor at the top of a list';
is names(call(ownreader => GET => 'deals')), 'One Two Three', 'another group may allow all records';

# ---- changing and deleting it
for my $case ([ PUT => 'deals/2', { title => 'Mine' } ], [ PATCH => 'deals/2', { title => 'Mine' } ],
              [ DELETE => 'deals/2' ]) {
    my ($method, $path, $json) = @$case;
    is_told call(ann => $method => $path, $json), $none, "$method $path: not there";
}
is names(call(ann => PATCH => 'deals', { title => '%', amount => 1 }), 'id'), '1 3',
    "a condition that matches all changes one's own";
is_told call(ann => DELETE => 'deals?title=T%25'), 204, 'or deletes it';
is deals(), '1:One:11 2:Two:12', "and nothing of somebody else's";
is rows('SELECT amount a FROM deals WHERE id = 2'), 20, '  not a bit';
fill();
is_told call(ann => PUT => 'deals', { code => 'B', title => 'Mine' }),
    "409 DUPLICATE_RECORD_FOUND /code: Duplicate records found",
    "an upsert does not match it: it is the duplicate that a create would be";
is deals(), $untouched, '  nothing is changed';
is names(call(ann => PUT => 'deals', { code => 'A', title => 'Won' })), 'Won', '  but one\'s own';
is_told call(ann => PUT => 'deals/1', { title => 'Won', code => 'B' }),
    "409 DUPLICATE_RECORD_FOUND /code: Duplicate records found", 'a unique value that is taken';
unlike call(ann => PUT => 'deals/1', { title => 'Won', code => 'B' })->body =~ s/"request_id":"\w+"//r,
    qr/Two|12/, '  tells nothing of whose it is';
is_told $web->request(PUT => '/api/deals/2', json => { title => 'Mine' }, basic => [ 'ann', $key{ann} ],
                      headers => [ 'If-Match' => '*' ]), $none, 'nor does If-Match tell that it is there';
fill();

# ---- whose a record is
is names(call(ann => POST => 'deals', { title => 'New' }), 'owner_id'), 11, 'what ann creates is hers';
is names(call(bob => PUT => 'deals', { title => 'New', code => 'N' }), 'owner_id'), 12,
    "  what bob's upsert creates is his";
is names(call(ann => POST => 'deals', { title => 'New', owner_id => 11 }), 'owner_id'), 11,
    'she may say so';
is names(call(ann => POST => 'jobs', { name => 'New' }), 'keeper'), 11, 'whatever the default is';
is names(call(writer => POST => 'jobs', { name => 'New' }), 'keeper'), 99, '  that others get';
my $yourself = "$denied /owner_id: must be yourself";
is_told call(ann => POST => 'deals', { title => 'New', owner_id => 12 }), $yourself, 'but not another';
is_told call(ann => POST => 'deals', { title => 'New', owner_id => undef }), $yourself, '  nor nobody';
is_told call(ann => PUT => 'deals/1', { title => 'One', owner_id => 12 }), $yourself,
    'nothing is given away';
is_told call(ann => PUT => 'deals', { code => 'A', title => 'One', owner_id => 12 }), $yourself,
    '  by no operation';
is_told call(ann => POST => 'hand-over/1'), "$denied /owner_id: must be yourself", '  nor by a literal';
is names(call(ownmaker => POST => 'deals', { title => 'New', owner_id => 12 }), 'title'), 'New',
    'who may create for all may create for others';
is rows('SELECT owner_id a FROM deals ORDER BY id DESC LIMIT 1'), 12, '  as said';
is names(call(writer => POST => 'hand-over/1'), 'owner_id'), 12, 'and change owners';
fill();
is names(call(dealer => POST => 'deals', { title => 'New' }), 'owner_id'),
    $db->value('SELECT id FROM apid_user WHERE name = "dealer"'),
    'the owner of a new record is the caller, whatever the scope';
is rows('SELECT made > UTC_TIMESTAMP() - INTERVAL 1 MINUTE AND MICROSECOND(made) % 1000 = 0 a, '
    . 'changed = UTC_DATE() OR changed = UTC_DATE() - INTERVAL 1 DAY b FROM deals ORDER BY id DESC LIMIT 1'),
    '1:1', 'created and modified are the time of the request';
call(dealer => PUT => 'deals/1', { title => 'One' });
is rows('SELECT made a, changed b FROM deals WHERE id = 1'), 'null:null',
    'what changes nothing is no modification';
call(dealer => PUT => 'deals/1', { title => 'Other' });
is rows('SELECT made a, changed IS NOT NULL b FROM deals WHERE id = 1'), 'null:1', 'a change is';
unlike $db->value('SELECT changes FROM apid_update ORDER BY id DESC LIMIT 1'), qr/changed/,
    '  not told in its Updates';
fill();

# ---- by reference fields and dotted names
is call(ann => GET => 'dotted')->body, '[{"title":"One","org":"Acme","turnover":100,"job":"Paint"},'
    . '{"title":"Three","org":null,"turnover":null,"job":null}]',
    "a reference to somebody else's record, or a deleted one, leads nowhere";
is call(seeall => GET => 'dotted')->body =~ s/,"turnover":(?:\d+|null)//gr, '[{"title":"One","org":"Acme"},'
    . '{"title":"Two","org":null},{"title":"Three","org":null}]',
    'the scope of a record is that of its own module';
is names(call(ann => GET => 'find?org=Bolt')), '', 'nor can it be asked for';
is names(call(reader => GET => 'find?org=Bolt')), 'Two Three', '  as who may read it can';
is names(call(ann => GET => 'find?turnover=200')), '', '  by none of its fields';
is names(call(ann => POST => 'deals', { title => 'New', org_id => 2 }), 'org_id.name'), 'null',
    'setting a reference to it tells nothing of it';
is names(call(ann => PUT => 'deals/1', { title => 'One', org_id => 2 }), 'org_id.name'), 'null',
    '  nor does changing one';
is_told call(ann => POST => 'deals', { title => 'New', org_id => 99 }),
    '409 REFERENCE_INVALID /org_id: The record refers to one that does not exist',
    '  but what the foreign key says of any id';
fill();

is call(reader => GET => 'far')->body, '[{"title":"One","far":null},{"title":"Two","far":"Acme"},'
    . '{"title":"Three","far":"Acme"}]', 'a reference of a record that is referred to is followed';
is call(ann => GET => 'far')->body, '[{"title":"One","far":null},{"title":"Three","far":null}]',
    "  not through somebody else's record, though it leads to one of ann's";

# ---- by sort order and cursors
is names(call(reader => GET => 'by-org')), 'Two Three One', 'sorted by what may be read';
$db->run("UPDATE deals SET org_id = 1 WHERE id = 3; UPDATE deals SET org_id = 2 WHERE id = 1");
is names(call(ann => GET => 'by-org')), 'Three One', "somebody else's sorts as missing";
fill();
my ($cursor) = call(writer => GET => 'pages')->header('Link') =~ /cursor=([^>]+)>/;
is names(call(writer => GET => "pages?cursor=$cursor")), 'Two', 'the second page of all';
is names(call(ann => GET => "pages?cursor=$cursor")), 'Three', "with ann's rights, of her own";
is names(call(bob => GET => "pages?cursor=$cursor")), 'Two', "with bob's, of his";
is_told call(ann => GET => 'pages?cursor=' . $cursor =~ s/^(.)/$1 eq 'A' ? 'B' : 'A'/er),
    '422 INVALID_VALUE /cursor: must be a cursor that an earlier answer gave', 'a cursor cannot be made up';

# ============ API3:2023 broken object property level authorisation

# ---- reading
is join(' ', sort keys %{ call(blind => GET => 'deals/1')->json }),
    'changed code id job_id made org_id owner_id title', 'hidden fields are not there';
is call(blind => GET => '/restapi/vtap/api/deals/1')->body =~ /secret|amount/, '', '  in profile vtiger';
is call(blind => GET => 'dotted')->body, '[{"title":"One","org":"Acme"},{"title":"Two","org":"Bolt"},'
    . '{"title":"Three","org":"Bolt"}]', 'nor through a reference, nor what may not be read at all';
is call(norefs => GET => 'dotted')->body, '[{"title":"One"},{"title":"Two"},{"title":"Three"}]',
    'a hidden reference is not followed';
is call(norefs => GET => 'far')->body, '[{"title":"One"},{"title":"Two"},{"title":"Three"}]',
    '  nor one that it leads to';
is call(dealer => GET => 'dotted')->body, '[{"title":"One"},{"title":"Two"},{"title":"Three"}]',
    'nor one to a module that may not be read';
is call(sighted => GET => 'deals/1')->json->{secret}, 'x', 'a group that does not hide shows';
$db->run("SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = 1");
call(blind => GET => 'deals/1');
$db->run('SET GLOBAL general_log = 0');
my ($sql) = map { $_->{a} } $db->rows("SELECT CONVERT(argument USING utf8mb4) a FROM mysql.general_log"
    . " WHERE command_type = 'Execute' AND argument LIKE '%FROM `deals`%'");
like $sql, qr/SELECT t0.`id`, t0.`title`, NULL, NULL, t0.`code`/, 'the database is not asked for them';

# ---- asking by them
my $unread = 'may not be read';
my $compared = 'is compared with what may not be read';
is_told call(blind => GET => 'find?secret=x'), "$denied /secret: $unread", 'no condition on a hidden field';
is_told call(blind => GET => 'find?more=15'), "$denied /more: $compared", '  in nested ones neither';
is_told call(blind => GET => 'find?secret=x&turnover=100'),
    "$denied /secret: $unread /turnover: $compared", '  all of them are told';
is_told call(blind => GET => 'x'), "$denied /secret: $unread", '  nor a fixed one';
is_told call(blind => GET => 'by-amount'), "$denied /amount: $unread", 'no sort by it, no cursor';
is names(call(blind => GET => 'find?title=One')), 'One', 'a condition that is not sent asks nothing';
is names(call(sighted => GET => 'find?secret=x')), 'One Three', 'who may read it may ask';
is_told call(dealer => GET => 'find?org=Acme'), "$denied /org: $compared",
    'no condition on a module that may not be read';
is_told call(norefs => GET => 'find?org=Acme'), "$denied /org: $compared", '  or by a hidden reference';
is_told call(dealer => GET => 'by-org'), "$denied /org_id/name: $unread", '  no sort';
is_told call(blind => POST => 'copy', { id => 1 }), "$denied /old/secret: $unread",
    'no later operation gets hold of it';
is names(call(sighted => POST => 'copy', { id => 1 })), 'x', '  but for who may read it';
fill();

# ---- writing
my $unwritten = 'may not be written';
is_told call(keeper => POST => 'deals', { title => 'New', amount => 5 }), "$denied /amount: $unwritten",
    'no read-only field is created';
is_told call(keeper => PUT => 'deals/1', { title => 'One', amount => 5, secret => 's' }),
    "$denied /amount: $unwritten /secret: $unwritten", '  or changed';
is_told call(keeper => PUT => 'deals', { code => 'A', title => 'One', secret => 's' }),
    "$denied /secret: $unwritten", '  or upserted';
is_told call(keeper => PATCH => 'deals/1', { title => 'One', secret => undef }),
    "$denied /secret: $unwritten", '  or emptied';
is_told call(keeper => PUT => '/restapi/vtap/api/deals/1', { title => 'One', secret => undef }), 200,
    'null is as good as unsent in profile vtiger';
is_told call(blind => PUT => 'deals/1', { title => 'One', secret => 'x' }), "$denied /secret: $unwritten",
    'a guess at a hidden field cannot be written';
is rows("SELECT amount a, secret b FROM deals WHERE id = 1"), '10:x', 'nothing was changed';
is names(call(keeper => PUT => 'deals/1', { title => 'First' })), 'First', 'what is not sent is no matter';
is call(keeper => POST => 'fixed', { title => 'New' })->body =~ s/"id":\d+,|,"owner_id":\d+//gr,
    '{"title":"New","amount":7,"secret":"s"}', 'what the definition writes is not the caller\'s';
is names(call(keeper => PUT => 'deals/1', { title => 'One', job_id => 3, made => '2001-01-01' }), 'id'), 1,
    'what no field binds';
is rows('SELECT job_id a, made b FROM deals WHERE id = 1'), '1:null', '  is not written';
fill();

# ---- what a write answers
is join(' ', sort keys %{ call(blind => PUT => 'deals/1', { title => 'One' })->json->[0] }),
    'id org_id.name owner_id title', 'hidden fields are not in answers of writes';
is join(' ', sort keys %{ call(blind => POST => 'deals', { title => 'New' })->json }),
    'id org_id.name owner_id title', '  of creates neither';
is call(changer => PUT => 'deals/1', { title => 'Won', amount => 11 })->body,
    '[{"id":1,"title":"Won","amount":11}]', 'who may not read is answered what was sent';
is call(changer => PATCH => 'deals', { title => 'Two', amount => 12 })->body, '[{"id":2,"amount":12}]',
    '  and which record it was';
is call(maker => POST => 'deals', { title => 'Blind' })->body =~ s/\d+/0/r, '{"id":0,"title":"Blind"}',
    '  of a new one too';
is join(' ', sort keys %{ call(ownmaker => POST => 'deals', { title => 'New', owner_id => 12 })->json }),
    'id owner_id title', 'who may read own records reads no others in answers';
fill();

# ---- rights are in force as soon as they are changed
is_told call(maker => GET => 'deals'), $denied, 'not yet';
sub soon ($user, $want, $name) {
    Rig->until(5, $name, sub { names(call($user => GET => 'deals')) eq $want });
    pass $name;
}
$db->ctl_ok('group', 'right', 'make', 'Deals', '--allow', 'read,create');
soon('maker', 'One Two Three', 'a right that is added');
$db->ctl_ok('group', 'unright', 'make', 'Deals');
soon('maker', $denied, 'taken away');
$db->ctl_ok('user', 'groups', 'maker', 'read');
soon('maker', 'One Two Three', 'another group');
$db->ctl_ok('group', 'drop', 'read');
soon('maker', $denied, 'a group that is dropped');
$db->ctl_ok('user', 'role', 'maker', 'admin');
soon('maker', 'One Two Three', 'a role');
sub hooked { $web->request(GET => '/hooks/Hook%20Read', headers => [ Token => $token{'Hook Read'} ]) }
$db->ctl_ok('group', 'right', 'own', 'Deals', '--allow', 'update');
Rig->until(5, 'the webhook', sub { hooked()->status == 403 });
pass "a webhook's rights change with its owner's group";
$db->ctl_ok('group', 'right', 'own', 'Deals', '--allow', 'read');
Rig->until(5, 'the webhook', sub { hooked()->status == 200 });
pass '  and back';

# ---- a module calls its columns otherwise
my ($deals) = grep { Rig::slurp($_) =~ /name="Deals"/ } modules();
Rig::spew($deals, Rig::slurp($deals) =~ s/name="secret"/name="hush" column="SECRET"/r);
$db->ctl_ok('module', 'apply', $deals);
Rig->until(5, 'the new name', sub { call(chief => GET => 'deals')->body =~ /"hush":"x"/ });
is call(blind => GET => 'deals')->body =~ s/"title"|"hush"|"secret"|"amount"/<$&>/gr =~ s/[^<]*<([^>]*)>[^<]*/$1/gr,
    '"title"' x 3, 'what is hidden is hidden under its new name';
my ($held) = @{ Rig->json($db->ctl_ok('--json', 'group', 'show', 'keep'))->{rights} };
is "$held->{hidden}|$held->{readonly}", '|amount,secret,hush', '  and not written either';

done_testing;
