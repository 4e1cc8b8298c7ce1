# SPDX-License-Identifier: Apache-2.0
# Rig::Database: one private MariaDB on a unix socket, without network. Its
# data begin as a copy of a template that is made once, under var/. With
# APID_MYSQLD=/usr/sbin/mysqld it is that MySQL, or another MariaDB.
#
#   my $db = Rig->database(name => 'crm', args => ['--max-connections=10']);
#   $db->run($sql);        # any statements; dies with the server's message
#   $db->load($file);      # a file of them
#   my @rows = $db->rows('SELECT id, name FROM t');  # hashes; NULL is undef
#   my $row  = $db->row('SELECT ...');               # the first, or undef
#   my $n    = $db->value('SELECT COUNT(*) FROM t'); # first column of it
#   my $table = $db->series(1, 900);   # these numbers, in a column seq
#   $db->url               # what APIDesignerDatabase takes
#   $db->ctl(@words)       # { code, out, err } of apidesignerctl
#   $db->ctl_ok(@words)    # its output; dies if it fails
#   $db->ctl({ stdin => ..., env => {...} }, @words)
#   $db->signal('STOP'); $db->signal('CONT'); $db->signal('KILL');
#   $db->stop; $db->again; # the same data, a new process
#   $db->is_mysql          # and not MariaDB
#   $db->socket, $db->pid, $db->name, $db->log
package Rig::Database;
use v5.36;
use Fcntl qw(:flock);
use File::Path qw(make_path);

my $mysqld = $ENV{APID_MYSQLD} || undef;
my $is_mysql = $mysqld && `$mysqld --no-defaults --version` !~ /MariaDB/;
my @small = (qw(--skip-networking --skip-name-resolve --skip-log-bin --innodb-buffer-pool-size=32M
    --innodb-flush-method=nosync --key-buffer-size=1M --performance-schema=OFF
    --character-set-server=utf8mb4 --default-time-zone=+00:00), $is_mysql
    ? qw(--mysqlx=OFF --secure-file-priv=NULL --innodb-redo-log-capacity=16M)
    : qw(--innodb-log-file-size=8M --aria-pagecache-buffer-size=1M --lower-case-table-names=0));

# Makes the template unless another test has; one at a time.
sub template {
    my $var = "$Rig::BUILD/var/t";
    make_path($var);
    open my $lock, '>', "$var/template.lock" or die "$var: $!";
    flock $lock, LOCK_EX;
    my $tree = ($ENV{APID_MYSQL_TREE} // q()) =~ s/\W+/-/gr;    # each version has its own
    my $dir = $mysqld ? "$var/template-mysql$tree" : "$var/template";
    return $dir if -e "$dir/.made";
    Rig->run({}, 'rm', '-rf', $dir);
    make_path($dir);
    my @install = $mysqld ? ($mysqld, qw(--no-defaults --initialize-insecure))
        : qw(mariadb-install-db --no-defaults --force --skip-test-db
             --auth-root-authentication-method=normal --innodb-log-file-size=8M);
    my $made = Rig->run({}, @install, "--datadir=$dir", '--user=' . getpwuid($>));
    die "$install[0]: $made->{out}$made->{err}" if $made->{code};
    Rig::spew("$dir/.made", '');
    return $dir;
}

sub start ($class, %want) {
    my $dir = Rig->directory;
    my $self = bless { dir => $dir, name => $want{name} // 'apid',
                       args => $want{args} // [] }, $class;
    my $copied = Rig->run({}, 'cp', '-a', template(), "$dir/data");
    die "copy of the template: $copied->{err}" if $copied->{code};
    $self->again;
    $self->client([], "CREATE DATABASE `$self->{name}` CHARACTER SET utf8mb4");
    return $self;
}

# Starts the server on its data, after stop or a kill.
sub again ($self) {
    my $dir = $self->{dir};
    $self->{pid} = Rig->spawn('mariadbd', "$dir/mariadb.log", {},
        $mysqld // 'mariadbd', '--no-defaults', "--datadir=$dir/data",
        "--socket=$dir/sock", "--pid-file=$dir/mariadb.pid", "--tmpdir=$dir",
        '--user=' . getpwuid($>), @small, @{ $self->{args} });
    my $up = sub {
        die "mariadbd ended:\n" . $self->log unless Rig->alive($self->{pid});
        Rig->run({ timeout => 5 }, $self->command, '-e', 'DO 1')->{code} == 0;
    };
    Rig->until(30, 'MariaDB', $up);
}

sub stop ($self) { Rig->stop($self->{pid}) }

# Sends a signal; a KILL is waited for.
sub signal ($self, $signal) {
    kill $signal => $self->{pid};
    Rig->until(10, 'the end of MariaDB', sub { !Rig->alive($self->{pid}) })
        if $signal eq 'KILL';
}

sub socket ($self) { "$self->{dir}/sock" }
sub pid    ($self) { $self->{pid} }
sub name   ($self) { $self->{name} }
sub is_mysql ($self) { !!$is_mysql }
sub log    ($self) { Rig::slurp("$self->{dir}/mariadb.log") }
sub url    ($self) { "mysql://root@/$self->{name}?socket=" . $self->socket }

sub command ($self) {
    return ('mariadb', '--no-defaults', '--socket=' . $self->socket,
            '--user=root', '--default-character-set=utf8mb4');
}

sub client ($self, $words, $sql) {
    utf8::encode($sql) if utf8::is_utf8($sql);
    my $ran = Rig->run({ stdin => $sql, timeout => 120 }, $self->command, @$words);
    die "SQL: $ran->{err}in: $sql\n" if $ran->{code};
    return $ran->{out};
}

sub run ($self, $sql) { $self->client([ $self->{name} ], $sql) }

sub load ($self, $file) {
    my $sql = Rig::slurp($file) or die "$file: nothing to load\n";
    $self->run($sql);
}

my %entity = (lt => '<', gt => '>', amp => '&', quot => '"', apos => "'");

# XML is the one format of the client that tells NULL from 'NULL'.
sub rows ($self, $sql) {
    my $xml = $self->client([ '--xml', $self->{name} ], $sql);
    utf8::decode($xml);
    my @rows;
    while ($xml =~ m{<row>(.*?)</row>}gs) {
        my ($cells, %row) = $1;
        while ($cells =~ m{<field name="([^"]*)"(?: xsi:nil="true" />|>(.*?)</field>)}gs) {
            my ($name, $value) = ($1, $2);
            $value =~ s/&(\w+);/$entity{$1}/g if defined $value;
            $row{$name} = $value;
        }
        push @rows, \%row;
    }
    return @rows;
}

sub row ($self, $sql) { ($self->rows($sql))[0] }

sub value ($self, $sql) {
    my $row = $self->row($sql) or return;
    die "value: more than one column in: $sql\n" if keys %$row > 1;
    return (values %$row)[0];
}

# MariaDB has such tables (seq_1_to_900), MySQL has not, and both end recursion
# after 1000 rows: so every digit is a table of ten.
sub series ($self, $first, $last) {
    my @places = 1 .. length($last - $first);
    my $ten = join ' UNION ALL ', 'SELECT 0 AS d', map { "SELECT $_" } 1 .. 9;
    my $tens = join ' CROSS JOIN ', map { "($ten) AS d$_" } @places;
    my $sum = join ' + ', map { "d$_.d * 1" . '0' x ($_ - 1) } @places;
    return "(SELECT $first + $sum AS seq FROM $tens HAVING seq <= $last) AS series";
}

sub ctl ($self, @words) {
    my $option = ref $words[0] ? shift @words : {};
    my %env = (APIDESIGNER_DATABASE => $self->url,
               ASAN_OPTIONS => "log_path=$self->{dir}/sanitizer",
               UBSAN_OPTIONS => 'print_stacktrace=1:halt_on_error=1',
               %{ $option->{env} // {} });
    return Rig->run({ %$option, env => \%env },
                    "$Rig::BUILD/apidesignerctl", @words);
}

sub ctl_ok ($self, @words) {
    my $ran = $self->ctl(@words);
    return $ran->{out} if $ran->{code} == 0;
    my @shown = grep { !ref } @words;
    die "apidesignerctl @shown: exit $ran->{code}\n$ran->{out}$ran->{err}";
}

1;
