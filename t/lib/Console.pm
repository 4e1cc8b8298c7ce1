# SPDX-License-Identifier: Apache-2.0
# Console: what the tests of the console share: the demo, users who can sign
# in, Apache with the console as conf/apidesigner.conf shows it, and Node with
# Chromium (t/console), whose TAP is passed on.
#
#   Console->run('walkthrough.mjs');    # runs it, ends with its exit status
package Console;
use v5.36;
use Rig;

my %users = (admin => 'admin', dana => 'designer', dora => 'designer', vic => 'viewer');

# One set of Node modules for all builds of a source tree.
sub modules {
    my $tree = -e "$Rig::SOURCE/Makefile" ? $Rig::SOURCE : $Rig::BUILD;
    local $ENV{MAKEFLAGS} = '';
    for my $target ('var/console/.made', "$Rig::SOURCE/htdocs/dist/index.html") {
        my $made = Rig->run({ timeout => 300 }, 'make', '-C', $tree, "srcdir=$Rig::SOURCE", $target);
        die "make $target: $made->{out}$made->{err}" if $made->{code};
    }
    return "$tree/var/console";
}

# The Locations of the console in the sample, here without HTTPS; its files are
# where httpd's children can read them, wherever the checkout is.
sub conf ($dir) {
    Rig->run({}, 'cp', '-R', "$Rig::SOURCE/htdocs/dist", "$dir/console");
    my ($sample) = Rig::slurp("$Rig::SOURCE/conf/apidesigner.conf")
        =~ /^(\#   AllowEncodedSlashes .*?)^\#$/ms or die 'no sample';
    $sample =~ s/^\#//gm;
    $sample =~ s/;Secure//;
    $sample =~ s{/etc/apache2/apidesigner\.session}{$dir/session};
    return $sample =~ s{(APIDesignerServe console)}{$1\n    APIDesignerConsole "$dir/console"}r;
}

# Runs a script in Node, whose TAP is passed on as it comes. Gives its exit
# status, 128 + the signal if one ended it: what dies after its plan is told by
# nothing else.
sub follow ($script, $env) {
    my $tap = Rig->directory . '/tap';
    my $node = Rig->spawn('node', $tap, $env, 'node', $script);
    my ($shown, $text, $status) = (0, '');
    Rig->until(600, $script, sub {
        $status = Rig->alive($node) ? undef : $?;
        $text = Rig::slurp($tap);
        print substr $text, $shown;
        $shown = length $text;
        return defined $status;
    });
    print STDERR "# $_" for $text =~ /^not ok.*\n(?:# .*\n)*/mg;    # prove hides what is not said here
    return $status & 127 ? 128 + ($status & 127) : $status >> 8;
}

sub run ($class, $script) {
    my $modules = modules();
    my $dir = Rig->directory;
    Rig::spew("$dir/password", "correct horse\n");
    Rig::spew("$dir/session", "of a test only, not of an installation\n");
    my $db = Rig->demo;
    $db->ctl_ok('user', $_ eq 'admin' ? 'password' : 'add', $_, '--password-file', "$dir/password",
                $_ eq 'admin' ? () : ('--role', $users{$_})) for sort keys %users;
    my $key = Rig->json($db->ctl_ok('--as', 'admin', '--json', 'user', 'add', 'carl'))->{key};
    my $web = Rig->apache(database => $db, conf => conf($dir),
        modules => [ qw(auth_form request session session_cookie session_crypto) ]);
    my $status = follow("$Rig::SOURCE/t/console/$script", {
        APID_URL => $web->url, APID_SOCKET => $db->socket, APID_DATABASE => $db->name,
        APID_NODE => $modules, APID_SCREENS => "$Rig::BUILD/var/screens", APID_KEY => $key,
        APIDESIGNER_DATABASE => $db->url, APID_CTL => "$Rig::BUILD/apidesignerctl",
    });
    my $errors = join '', grep { /\[(?:core|proxy|apidesigner):(?:error|crit|emerg)\]/ && /segfault|internal/i }
        split /^/, $web->errors;
    print STDERR "# $errors" if $errors;
    exit $status;
}

1;
