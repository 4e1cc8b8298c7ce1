# SPDX-License-Identifier: Apache-2.0
# Rig: private servers for the tests, each with its own temporary directory,
# and none of them left over when the test ends, however it ends.
#
#   use FindBin; use lib "$FindBin::Bin/lib"; use Rig; use Test::More;
#   my $db  = Rig->database;              # MariaDB, unix socket (Rig::Database)
#   $db->run('CREATE TABLE t (id INT PRIMARY KEY, name TEXT)');
#   $db->ctl_ok('init');                  # apidesignerctl against it
#   my $web = Rig->apache(database => $db, mpm => 'worker',
#                         conf => 'APIDesignerMaxRows 10');   # (Rig::Apache)
#   my $got = $web->get('/api/contacts', basic => ['ann', $key]);
#   is $got->status, 200;                 # an answer (Rig::Client)
#   is_deeply $got->json, [];
#
# Environment: APID_SOURCE, APID_BUILD: source and build tree (default: the
# checkout). APID_ASAN=1: the build tree is one of --enable-asan; httpd gets
# the sanitizer's library preloaded, and a report fails the test.
# APID_KEEP=1 keeps the temporary directories, and says where.
package Rig;
use v5.36;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use JSON::PP ();
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

our $SOURCE = $ENV{APID_SOURCE} // abs_path(dirname(__FILE__) . '/../..');
our $BUILD  = $ENV{APID_BUILD}  // $SOURCE;
umask 022;            # httpd's children, who may be others, read what is made
my $owner = $$;       # forked children of a test must not stop its servers
my %running;          # pid => what it is
my @directories;

require Rig::Client;
require Rig::Database;
require Rig::Apache;

# Starts a private MariaDB; see Rig::Database for what can be asked for.
sub database ($class, %want) { Rig::Database->start(%want) }

# Starts a private Apache; see Rig::Apache.
sub apache ($class, %want) { Rig::Apache->start(%want) }

# The demo: a database with our tables, sql/demo.sql, its modules and its
# definitions published.
sub demo ($class, %want) {
    my $db = $class->database(%want);
    $db->ctl_ok('init', '--admin', 'admin');
    $db->load("$SOURCE/sql/demo.sql");
    $db->ctl_ok('module', 'apply', sort glob "$SOURCE/sql/demo/modules/*.xml");
    $db->ctl_ok('apply', sort glob "$SOURCE/sql/demo/apis/*.xml");
    return $db;
}

# A new directory that httpd's children can read, gone at the end.
sub directory ($class = __PACKAGE__) {
    my $dir = tempdir('apid-XXXXXXXX', TMPDIR => 1);
    chmod 0755, $dir;
    push @directories, $dir;
    return $dir;
}

# Asks again until code gives a true value; dies after so many seconds.
sub until ($class, $seconds, $what, $code) {
    my $end = time + $seconds;
    while (1) {
        my $value = $code->();
        return $value if $value;
        die "waited $seconds s for $what\n" if time > $end;
        sleep 0.02;
    }
}

# Starts a server in a process group of its own, which dies with this test.
# Its output goes to a file. Gives its pid.
sub spawn ($class, $what, $output, $env, @command) {
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        POSIX::setsid();
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP PIPE);
        %ENV = (%ENV, %$env);
        open STDIN,  '<',  '/dev/null';
        open STDOUT, '>>', $output;
        open STDERR, '>&', \*STDOUT;
        exec 'setpriv', '--pdeathsig', 'TERM', @command
            or POSIX::_exit(127);
    }
    $running{$pid} = $what;
    return $pid;
}

# True while a spawned process runs.
sub alive ($class, $pid) {
    return 0 unless $running{$pid};
    return 1 unless waitpid($pid, WNOHANG) == $pid;
    kill KILL => -$pid;
    delete $running{$pid};
    return 0;
}

# Stops a spawned process: TERM, then after 10 s KILL for its whole group.
sub stop ($class, $pid, $signal = 'TERM') {
    return unless $running{$pid};
    kill CONT => -$pid;
    kill $signal => $pid;
    my $end = time + 10;
    sleep 0.02 while $class->alive($pid) && time < $end;
    return unless $running{$pid};
    kill KILL => -$pid;
    waitpid $pid, 0;
    delete $running{$pid};
}

# Runs a command to its end: { code, out, err }; code is 128 + the signal if
# one ended it. Options: stdin (bytes), env, timeout (60 s).
sub run ($class, $option, @command) {
    my $dir = tempdir(CLEANUP => 1);
    spew("$dir/in", $option->{stdin} // '');
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        %ENV = (%ENV, %{ $option->{env} // {} });
        open STDIN,  '<', "$dir/in";
        open STDOUT, '>', "$dir/out";
        open STDERR, '>', "$dir/err";
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    my $end = time + ($option->{timeout} // 60);
    my $late;
    until (waitpid($pid, WNOHANG) == $pid) {
        kill KILL => $pid if !$late && ($late = time > $end);
        sleep 0.005;
    }
    my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    return { code => $code, out => slurp("$dir/out"), err => slurp("$dir/err") };
}

# Runs code(0) .. code(n - 1) at once, each in a process of its own; gives
# their values (anything JSON can hold) in order. Dies if one died, or when
# they are not finished after 120 s.
sub parallel ($class, $n, $code) {
    my $json = JSON::PP->new->utf8->allow_nonref;
    my (@pipes, @pids);
    for my $i (0 .. $n - 1) {
        pipe my $read, my $write;
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            srand;
            $SIG{ALRM} = 'DEFAULT';
            alarm 120;
            my $value = eval { $code->($i) };
            print $write $json->encode($@ ? { died => "$@" } : { is => $value });
            close $write;
            POSIX::_exit(0);
        }
        push @pipes, $read;
        push @pids,  $pid;
    }
    my @values = map { local $/; readline $_ } @pipes;
    waitpid $_, 0 for @pids;
    return map {
        my $got = length ? $json->decode($_) : { died => 'ended early' };
        die "parallel: $got->{died}\n" if defined $got->{died};
        $got->{is};
    } @values;
}

# JSON text (bytes) to data, and back with its keys sorted.
sub json ($class, $text) {
    return JSON::PP->new->utf8->allow_nonref->allow_bignum->decode($text);
}
sub to_json ($class, $data) {
    return JSON::PP->new->utf8->allow_nonref->canonical->encode($data);
}

sub slurp ($file) {
    open my $in, '<:raw', $file or return '';
    local $/;
    return readline($in) // '';
}

sub spew ($file, $bytes) {
    open my $out, '>:raw', $file or die "$file: $!";
    print $out $bytes;
    close $out or die "$file: $!";
}

# The reports of the sanitizers so far; empty is good.
sub reports { join '', map { slurp($_) } map { glob "$_/sanitizer.*" } @directories }

sub clean_up {
    return if $$ != $owner;
    local ($?, $!, $@) = ($?, $!, $@);
    Rig->stop($_) for sort { $b <=> $a } keys %running;
    my $reports = reports();
    print STDERR "# $_\n" for split /\n/, $reports;
    if   ($ENV{APID_KEEP}) { print STDERR "# kept: @directories\n" }
    else                   { remove_tree(@directories) }
    @directories = ();
    return length $reports;
}

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);
$SIG{PIPE} = 'IGNORE';
END { $? ||= 1 if clean_up() }

1;
