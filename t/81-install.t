#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# make install: what it puts where, and that httpd takes it
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $dir = Rig->directory;
my @at = ("DESTDIR=$dir", 'prefix=/usr', 'confdir=/etc/apache2/mods-available',
          'moduledir=/usr/lib/apache2/modules');

sub make (@words) {
    my $ran = Rig->run({ timeout => 300 }, 'make', '-C', $Rig::BUILD, @words);
    is $ran->{code}, 0, "make $words[0]" or diag $ran->{err};
    return $ran->{out};
}

sub files { [ map { s/^\.//r } sort split /\n/, Rig->run({}, 'sh', '-c',
    "cd $dir && find . -type f")->{out} ] }

make('install', @at);
my @console = grep { m{^/usr/share/mod_apidesigner/console/} } @{ files() };
is_deeply [ grep { !m{/console/} } @{ files() } ], [ qw(
    /etc/apache2/mods-available/apidesigner.conf
    /etc/apache2/mods-available/apidesigner.load
    /usr/bin/apidesignerctl
    /usr/lib/apache2/modules/mod_apidesigner.so
    /usr/share/doc/mod_apidesigner/fail2ban/apidesigner.conf
    /usr/share/man/man1/apidesignerctl.1) ], 'the files';
is !!@console, !!-d "$Rig::SOURCE/htdocs/dist", 'the console, if it is built';
is Rig::slurp("$dir/etc/apache2/mods-available/apidesigner.load"),
   "LoadModule apidesigner_module /usr/lib/apache2/modules/mod_apidesigner.so\n",
   'apidesigner.load loads the module from where it is';

# The sample configuration as it comes, and with its first example in force.
my $conf = Rig::slurp("$dir/etc/apache2/mods-available/apidesigner.conf");
my $test = sub ($text) {
    my $ran = Rig::Apache->test($text, locations => 0);
    is $ran->{code}, 0, 'httpd takes it' or diag $ran->{err};
};
$test->($conf);
my $password = Rig->directory . '/password';
Rig::spew($password, "secret\n");
my ($example) = $conf =~ /^((?:#   .*\n)+)/m;
$example =~ s/^#   //mg;
$example =~ s{/etc/apache2/apidesigner\.password}{$password};
like $example, qr/APIDesignerDatabase.*APIDesignerServe api/s, 'an example';
$test->($example);
my @directives = $conf =~ /^#(APIDesigner\w+ .*)$/mg;
cmp_ok scalar @directives, '>=', 9, 'every directive with its default';
$test->(join "\n", grep { !/Serve|Profile|MaxBody|MaxRows/ } @directives);
$test->("<Location /x>\n" . join("\n", grep { /Profile|MaxBody|MaxRows/ }
    @directives) . "\n</Location>");

# What the administrator wrote stays.
Rig::spew("$dir/etc/apache2/mods-available/apidesigner.conf", "mine\n");
make('install', @at);
is Rig::slurp("$dir/etc/apache2/mods-available/apidesigner.conf"), "mine\n",
   'an existing configuration is kept';
like make('uninstall', @at), qr{^kept, since it was changed: \Q$dir\E/.*/apidesigner\.conf$}m,
    'uninstall tells of it';
is_deeply files(), ['/etc/apache2/mods-available/apidesigner.conf'], '  and leaves nothing else';
Rig::spew("$dir/etc/apache2/mods-available/apidesigner.conf", $conf);
make('uninstall', @at);
is_deeply files(), [], 'one that nobody changed goes too';
done_testing;
