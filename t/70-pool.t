# SPDX-License-Identifier: Apache-2.0
# APIDesignerPool: the connections that the database sees.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

my $on = Served->start(conf => "APIDesignerPool min=3 keep=3 max=6\n");
my $db = $on->db;
sub connections { $db->value('SELECT COUNT(*) FROM information_schema.processlist '
    . "WHERE id <> CONNECTION_ID() AND db = 'apid'") }

is Rig->until(30, 'connections', sub { connections() >= 3 && connections() }), 3,
    'min: so many are there before any request';

# Of those with close-on-exec nothing is inherited by a CGI script.
my @left;
for my $pid ($on->web->children) {
    for my $fd (grep { (readlink $_ // '') =~ /^socket:/ } glob "/proc/$pid/fd/*") {
        my ($flags) = Rig::slurp($fd =~ s/fd(?=\/\d+$)/fdinfo/r) =~ /^flags:\s+(\d+)/m;
        push @left, "$pid $fd" unless oct($flags) & 02000000;
    }
}
is_deeply \@left, [], '  which programs that httpd starts do not get';
$on->web->stop;
Rig->until(30, 'no connection', sub { !connections() });

$db->run('CREATE VIEW naps AS SELECT id, SLEEP(0.5) nap FROM orgs');
$db->ctl_ok('module', 'apply', Served::files('<module name="Naps"><table name="naps"/>'
    . '<field name="nap" type="integer"/></module>'));
$db->ctl_ok('apply', Served::files('<api name="Nap" path="nap"><select module="Naps"/></api>'));

# Connections after requests beside each other, and then one after the other
# until there are as few as wanted, or for 10 s.
sub left ($ttl, $few) {
    my $web = $on->{web} = Rig->apache(database => $db,
        conf => "APIDesignerPool keep=1 max=6 ttl=$ttl\n");
    Rig->until(60, 'several connections', sub {
        Rig->parallel(5, sub ($i) { $on->get('/api/nap')->status });
        return connections() > 2;
    });
    my $end = time + 10;
    do { $on->get('/api/orgs'); select undef, undef, undef, 0.1 }
        until connections() <= $few || time > $end;
    my $n = connections();
    $web->stop;
    Rig->until(30, 'no connection', sub { !connections() });
    return $n;
}
cmp_ok left(86400, 0), '>', 2, 'ttl: idle connections above keep stay so long';
is left(1, 1), 1, '  and are closed then';
done_testing;
