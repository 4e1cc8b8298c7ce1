# SPDX-License-Identifier: Apache-2.0
# Served: what the tests of the HTTP contract call: a database with a table that
# has a column of every type, its modules, definitions of every operation, two
# users and two webhooks.
#
#   my $on = Served->start(conf => '...', modules => [...]);   # as Rig->apache
#   $on->get('/api/people')                  # as ann, with her access key
#   $on->call(PUT => '/api/people/7x1', json => {...}, basic => undef)
#   $on->db, $on->web, $on->key('ann'), $on->token('Hook')
#   $on->publish($xml, ...)                  # and waits until it is in force
#   $on->settle                              # only waits
package Served;
use v5.36;
use utf8;
use Rig;

my $schema = <<'END';
CREATE TABLE orgs (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(80) NOT NULL,
    UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE people (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(80) NOT NULL,
    email VARCHAR(100),
    age INT,
    serial BIGINT,
    balance DECIMAL(12,2),
    score DOUBLE,
    active TINYINT(1),
    born DATE,
    seen DATETIME,
    wakes TIME,
    meta JSON,
    hobbies VARCHAR(200),
    days SET('mon','tue','wed'),
    photo VARBINARY(100),
    org_id INT UNSIGNED,
    note TEXT,
    UNIQUE KEY email (email),
    FOREIGN KEY (org_id) REFERENCES orgs (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO orgs (id, name) VALUES (1, 'Acme'), (2, 'Bolt');
INSERT INTO people VALUES (1, 'Ann "A" Ämter', 'ann@a.example', -7,
    9223372036854775807, '1234.50', 0.1, 1, '1990-02-28',
    '2024-01-31 12:30:00', '08:15:00', '{"a": [1, null]}',
    'chess |##| go', 'mon,wed', X'00FF10', 1, 'line\nnext');
INSERT INTO people (id, name) VALUES (2, 'Bob');
END
$schema .= 'INSERT INTO people (id, name, age, org_id) VALUES '
    . join ', ', map { "($_, 'P$_', $_, 2)" } 3 .. 12;

our %module = (
    Orgs => <<'END',
<module name="Orgs">
  <table name="orgs" key="id"/>
  <key made="auto" type="integer" bits="32" unsigned="true"/>
  <field name="name" type="string" length="80" nullable="false" mandatory="true" unique="true"/>
</module>
END
    People => <<'END',
<module name="People" prefix="7x">
  <table name="people" key="id"/>
  <key made="auto" type="integer" bits="32" unsigned="true"/>
  <field name="name" type="string" length="80" nullable="false" mandatory="true"/>
  <field name="email" type="email" length="100" unique="true"/>
  <field name="age" type="integer" bits="32" min="-10" max="200"/>
  <field name="serial" type="integer" bits="64" text="true"/>
  <field name="balance" type="decimal" precision="12" scale="2"/>
  <field name="score" type="double"/>
  <field name="active" type="boolean"/>
  <field name="born" type="date"/>
  <field name="seen" type="datetime"/>
  <field name="wakes" type="time"/>
  <field name="meta" type="json"/>
  <field name="hobbies" type="multipicklist" length="200">
    <value>chess</value><value>go</value><value>tennis</value>
  </field>
  <field name="days" type="multipicklist" set="true">
    <value>mon</value><value>tue</value><value>wed</value>
  </field>
  <field name="photo" type="binary" length="100"/>
  <field name="org_id" type="reference" refers="Orgs" bits="32" unsigned="true"/>
  <field name="note" type="text"/>
</module>
END
);

my $record = join "\n", map { qq(<field name="$_" value="\@$_"/>) }
    qw(name email age serial balance score active born seen wakes meta hobbies
       days photo org_id note);
my $short = '<record><field name="id"/><field name="name"/></record>';

our %definition = (
    'People' => qq(<api path="people"><select module="People">$short
        <limit max="5" page="\@page"/></select></api>),
    'People After' => qq(<api path="people/after"><select module="People">
        $short<limit max="5" after="\@cursor"/></select></api>),
    'All People' => qq(<api><select module="People">$short</select></api>),
    'Person' => qq(<api path="people/{id}"><select module="People" one="true">
        <where><field name="id" value="\@id"/></where></select></api>),
    'Find' => qq(<api path="find"><select module="People"><record>
        <field name="name"/></record><where>
        <field name="name" value="\@name" optional="true"/>
        <field name="id" value="\@id" condition="in" optional="true"/>
        <field name="meta" value="\@q.deep" optional="true"/>
        </where></select></api>),
    'Add Person' => qq(<api method="post" path="people"><create module="People">
        <record>$record</record></create></api>),
    'Change Person' => qq(<api method="put" path="people/{id}">
        <update module="People"><record><field name="id" value="\@id"/>$record
        </record></update></api>),
    'Age All' => qq(<api method="patch" path="ages"><update module="People">
        <record><field name="age" value="\@age"/></record><where>
        <field name="name" value="\@name" condition="startswith"/></where>
        </update></api>),
    'Put Person' => qq(<api method="put" path="people"><upsert module="People">
        <record>$record</record><where><field name="email" value="\@email"/>
        </where></upsert></api>),
    'Drop Person' => qq(<api method="delete" path="people/{id}">
        <delete module="People"><where><field name="id" value="\@id"/></where>
        </delete></api>),
    'Orgs' => qq(<api path="orgs"><select module="Orgs"/></api>),
    'Get (Odd) A+b-C/d é' => qq(<api><select module="Orgs"/></api>),
    'Hook' => qq(<webhook><security token-in="header"/><create module="People">
        <record><field name="name" value="\@name"/><field name="note"
        value="\@note"/></record></create></webhook>),
    'Query Hook' => qq(<webhook><security token-in="query"/>
        <select module="People"><record><field name="id"/></record>
        <where><field name="name" value="\@name"/></where></select></webhook>),
);

# The document of a definition: its root gets the name.
sub document ($name, $xml) { $xml =~ s/^<(\w+)/<$1 name="$name"/r }

sub files (@texts) {
    my $dir = Rig->directory;
    my $n = 0;
    return map { utf8::encode(my $bytes = $_);
                 Rig::spew(my $file = "$dir/" . ++$n . '.xml', $bytes);
                 $file } @texts;
}

sub secret ($text) { ($text =~ /([\w-]{43})(?![\w-])/)[0] // die "no secret in: $text" }

sub start ($class, %want) {
    my $self = bless {}, $class;
    my $db = $self->{db} = Rig->database(args => $want{args} // []);
    $db->run($schema);
    $db->ctl_ok('init', '--admin', 'admin');
    for my $user (qw(ann bob+c@d.example)) {
        $db->ctl_ok('user', 'add', $user);
        $self->{key}{$user} = secret($db->ctl_ok('user', 'key', $user));
    }
    $db->ctl_ok('module', 'apply', files(@module{qw(Orgs People)}));
    $db->ctl_ok('apply', files(map { document($_, $definition{$_}) }
                               sort keys %definition));
    $self->{token}{$_} = secret($db->ctl_ok('token', $_))
        for 'Hook', 'Query Hook';
    $self->{web} = Rig->apache(database => $db, %want);
    return $self;
}

sub publish ($self, @documents) {
    $self->{db}->ctl_ok('apply', files(@documents));
    $self->settle;
}

# Waits until what was changed is in force: Rig reloads every 0.1 s.
sub settle ($self) { select undef, undef, undef, 0.3 }

sub db    ($self) { $self->{db} }
sub web   ($self) { $self->{web} }
sub key   ($self, $user) { $self->{key}{$user} }
sub token ($self, $hook) { $self->{token}{$hook} }

sub call ($self, $method, $path, %want) {
    $want{basic} = [ 'ann', $self->{key}{ann} ] unless exists $want{basic};
    delete $want{basic} unless $want{basic};
    return $self->{web}->request($method, $path, %want);
}

sub get ($self, $path, %want) { $self->call(GET => $path, %want) }

1;
