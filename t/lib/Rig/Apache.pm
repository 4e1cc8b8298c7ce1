# SPDX-License-Identifier: Apache-2.0
# Rig::Apache: one private Apache on 127.0.0.1 and a free port, with the
# module of the build tree and few others.
#
#   my $web = Rig->apache(database => $db,   # or none: no APIDesignerDatabase
#       mpm => 'event',                      # worker, prefork
#       modules => ['remoteip', 'status'],   # beside the few it needs
#       conf => "APIDesignerPool max=2\n",   # added at the end; failed sign-ins
#                                            # are not throttled unless it says so
#       locations => 0,                      # without the sample's Locations
#       workers => 16, children => 1,        # threads (processes) that serve
#       user => 'u',                         # instead of root on the database
#       reload => '',                        # APIDesignerReload as it is by default,
#                                            # not 0.1 s
#       under => ['strace', '-D']);          # a command that becomes httpd
#   $web->get($path, %options)               # one connection per request;
#   $web->request($method, $path, %options)  # options: see Rig::Client
#   $web->connect                            # a connection that is kept
#   $web->errors; $web->mark                 # error log, since the last mark
#   $web->access                             # access log
#   $web->signal('USR1')                     # graceful; HUP restarts
#   $web->pid, children, port, url, dir
#   Rig::Apache->test($conf)                 # { code, out, err } of httpd -t
# /static.txt is a file of the document root.
package Rig::Apache;
use v5.36;
use IO::Socket::INET;

my @modules = qw(authn_core authz_core authz_user auth_basic alias headers);

my $locations = <<'END';
<Location "/restapi/vtap/api">
    APIDesignerServe api
    APIDesignerProfile vtiger
</Location>
<Location "/restapi/vtap/webhook">
    APIDesignerServe webhook
    APIDesignerProfile vtiger
</Location>
<Location "/api">
    APIDesignerServe api
</Location>
<Location "/hooks">
    APIDesignerServe webhook
</Location>
<Location "/apidesigner/health">
    APIDesignerServe health
</Location>
<Location "/apidesigner/metrics">
    APIDesignerServe metrics
</Location>
END

sub program {
    my ($found) = grep { -x } map { ("$_/apache2", "$_/httpd") }
        split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/apache2/bin';
    return $found // die "no apache2 or httpd found\n";
}

sub module_directory {
    state $found = Rig->run({}, 'apxs', '-q', 'LIBEXECDIR')->{out} =~ s/\s+\z//r;
    return $found;
}

sub free_port {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "no port: $!";
    return $socket->sockport;
}

sub mpm_text ($mpm, $workers, $children) {
    return "StartServers $workers\nMaxRequestWorkers $workers\nServerLimit $workers"
        if $mpm eq 'prefork';
    my $all = $workers * $children;
    return "ServerLimit $children\nStartServers $children\n"
        . "ThreadLimit $workers\nThreadsPerChild $workers\n"
        . "MinSpareThreads 1\nMaxSpareThreads $all\nMaxRequestWorkers $all";
}

# The configuration file as text.
sub conf_text ($dir, $port, %want) {
    my $mpm = $want{mpm} // $ENV{APID_MPM} // 'event';
    my $from = module_directory();
    my $load = join "\n", map { "LoadModule ${_}_module $from/mod_$_.so" }
        "mpm_$mpm", @modules, @{ $want{modules} // [] };
    my $user = $> ? '' : "User www-data\nGroup www-data\n";
    my $served = $want{locations} // 1 ? $locations : '';
    my $database = '';
    if (my $db = $want{database}) {
        my $url = ref $db ? $db->url : $db;
        $url =~ s{//root@}{//$want{user}@} if $want{user};
        $database = "APIDesignerDatabase \"$url\"\nAPIDesignerThrottle failures=0\n"
            . ($want{reload} // "APIDesignerReload 0.1\n");
    }
    my $workers = mpm_text($mpm, $want{workers} // 16, $want{children} // 1);
    return <<"END";
$load
LoadModule apidesigner_module $Rig::BUILD/.libs/mod_apidesigner.so
ServerRoot "$dir"
DefaultRuntimeDir "$dir"
PidFile "$dir/httpd.pid"
Listen 127.0.0.1:$port
ServerName 127.0.0.1
${user}DocumentRoot "$dir/htdocs"
ErrorLog "$dir/error.log"
LogLevel info
CustomLog "$dir/access.log" "%h %u %t \\"%r\\" %>s %b %D"
EnableSendfile off
Timeout 30
GracefulShutdownTimeout 5
$workers
$database$served@{[ $want{conf} // '' ]}
END
}

sub write_files ($dir, $port, %want) {
    mkdir "$dir/htdocs";
    Rig::spew("$dir/htdocs/static.txt", "static\n");
    my $conf = conf_text($dir, $port, %want);
    utf8::encode($conf) if utf8::is_utf8($conf);
    Rig::spew("$dir/httpd.conf", $conf);
}

# Preloads the sanitizer's library: the stock httpd is not linked with it.
sub environment ($dir) {
    return {} unless $ENV{APID_ASAN};
    my $library = Rig->run({}, $ENV{CC} // 'gcc',
                           '-print-file-name=libasan.so')->{out} =~ s/\s+\z//r;
    return { LD_PRELOAD => $library,
             ASAN_OPTIONS => "detect_leaks=0:log_path=$dir/sanitizer",
             UBSAN_OPTIONS => "print_stacktrace=1:halt_on_error=1:"
                            . "log_path=$dir/sanitizer" };
}

sub test ($class, $conf, %want) {
    my $dir = Rig->directory;
    write_files($dir, free_port(), %want, conf => $conf);
    return Rig->run({ env => environment($dir) }, program(), '-f',
                    "$dir/httpd.conf", '-t');
}

sub start ($class, %want) {
    my $dir = Rig->directory;
    chmod 01777, $dir if $ENV{APID_ASAN};    # children write their reports
    my $self = bless { dir => $dir, want => \%want, mark => 0 }, $class;
    for my $try (1 .. 3) {
        $self->{port} = free_port();
        write_files($dir, $self->{port}, %want);
        return $self if $self->again;
    }
    die "httpd did not start:\n" . $self->log;
}

# Starts it on its configuration; false if it ended at once.
sub again ($self) {
    my $dir = $self->{dir};
    unlink "$dir/httpd.pid";
    $self->{pid} = Rig->spawn('httpd', "$dir/output", environment($dir),
        @{ $self->{want}{under} // [] }, program(), '-f', "$dir/httpd.conf", '-DFOREGROUND');
    my $answers = sub {
        return -1 unless Rig->alive($self->{pid});
        my $got = eval { $self->get('/static.txt', timeout => 5) };
        return $got && $got->status == 200;
    };
    return Rig->until(30, 'httpd', $answers) > 0;
}

sub stop ($self) { Rig->stop($self->{pid}) }

sub signal ($self, $signal) { kill $signal => $self->{pid} }

sub children ($self) {
    my $file = "/proc/$self->{pid}/task/$self->{pid}/children";
    return split " ", Rig::slurp($file);
}

sub pid  ($self) { $self->{pid} }
sub dir  ($self) { $self->{dir} }
sub port ($self) { $self->{port} }
sub url  ($self) { "http://127.0.0.1:$self->{port}" }

sub connect ($self, %option) { Rig::Client->connect($self->{port}, %option) }

sub request ($self, $method, $path, %want) {
    my $client = $self->connect;
    push @{ $want{headers} = [ @{ $want{headers} // [] } ] }, Connection => 'close';
    my $answer = $client->request($method, $path, %want);
    $client->close;
    return $answer;
}

sub get ($self, $path, %want) { $self->request(GET => $path, %want) }

sub log ($self) {
    return Rig::slurp("$self->{dir}/output") . Rig::slurp("$self->{dir}/error.log");
}

sub mark ($self) { $self->{mark} = -s "$self->{dir}/error.log" // 0 }

sub errors ($self) {
    return substr Rig::slurp("$self->{dir}/error.log"), $self->{mark};
}

sub access ($self) { Rig::slurp("$self->{dir}/access.log") }

1;
