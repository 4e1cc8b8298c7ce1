# SPDX-License-Identifier: Apache-2.0
# Directives: what configtest refuses and with which sentence. How sections
# are merged is in 70-http.t, where their effect can be seen.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $database = 'APIDesignerDatabase "mysql://u@/crm?socket=/nowhere/sock"';

my $told = '';    # every line that was tried

sub check ($conf) {
    $told .= "$conf\n";
    return Rig::Apache->test("$conf\n", locations => 0);
}

sub refused ($conf, $sentence) {
    my $ran = check($conf);
    isnt $ran->{code}, 0, 'refused: ' . $conf =~ s/\n/ /gr;
    my $said = $ran->{err} . $ran->{out};
    ok index($said, $sentence) >= 0, "  it says: $sentence" or diag $said;
}

sub accepted ($conf) {
    my $ran = check($conf);
    is $ran->{code}, 0, 'accepted: ' . $conf =~ s/\n/ /gr
        or diag $ran->{err};
}

sub location ($directives, $section = 'Location "/api"') {
    my ($name) = $section =~ /^(\w+)/;
    return "$database\n<$section>\n$directives\n</$name>";
}

# ---- numbers: both ends, what is beyond them, and other words

for my $case (
    [ 'APIDesignerReload ',           0.05, 60,         0.01, 61 ],
    [ 'APIDesignerStatementTimeout ', 0,    3600,       -1,   3601 ],
    [ 'APIDesignerStatementCache ',   0,    10000,      -1,   10001 ],
    [ 'APIDesignerMaxBody ',          1,    1073741824, 0,    1073741825 ],
    [ 'APIDesignerMaxRows ',          1,    1000000000, 0,    1000000001 ],
    [ 'APIDesignerReplayTTL ',        60,   31536000,   59,   31536001 ],
    [ 'APIDesignerCounters ',         16,   4194304,    15,   4194305 ],
    [ 'APIDesignerExchange ',         0.1,  60,         0.09, 61 ],
    [ 'APIDesignerActivityDays ',     1,    36500,      0,    36501 ],
    [ 'APIDesignerRefusals ',         0,    100000000,  -1,   100000001 ],
    [ 'APIDesignerThrottle failures=', 0,   1000000,    -1,   1000001 ],
    [ 'APIDesignerThrottle window=',  1,    86400,      0,    86401 ],
    [ 'APIDesignerLimit minute=',     0,    2000000000, -1,   2000000001 ],
    [ 'APIDesignerLimit day=',        0,    2000000000, -1,   2000000001 ],
    [ 'APIDesignerPool max=',         1,    1000,       0,    1001 ],
    [ 'APIDesignerPool ttl=',         1,    86400,      0,    86401 ],
    [ 'APIDesignerPool acquire=',     0.01, 60,         0,    61 ],
    [ 'APIDesignerPool waiters=',     0,    100000,     -1,   100001 ],
    [ 'APIDesignerPool max=1000 min=',  0,  1000,       -1,   1001 ],
    [ 'APIDesignerPool max=1000 keep=', 0,  1000,       -1,   1001 ],
) {
    my ($directive, $least, $most, @beyond) = @$case;
    my $name = $directive =~ s/max=1000 //r =~ s/[ =]$//r;
    accepted("$directive$_") for $least, $most;
    refused("$directive$_", "$name must be from $least to $most, not $_")
        for @beyond;
}
refused('APIDesignerReload soon', "APIDesignerReload takes a number, not 'soon'");
refused('APIDesignerReload 1s', "APIDesignerReload takes a number, not '1s'");
refused('APIDesignerReload nan', "APIDesignerReload takes a number, not 'nan'");
refused('APIDesignerMaxRows 1.5',
        "APIDesignerMaxRows takes a whole number, not '1.5'");
refused('APIDesignerPool max=many',
        "APIDesignerPool max takes a whole number, not 'many'");

refused("$_ 1.5", "$_ takes a whole number, not '1.5'")
    for qw(APIDesignerCounters APIDesignerActivityDays APIDesignerRefusals);

# ---- failed sign-ins, limits of a Location, a server of a cluster

accepted('APIDesignerThrottle failures=3 window=60');
refused('APIDesignerThrottle 10', 'APIDesignerThrottle takes failures or window, '
        . "each with = and a number, not '10'");
refused('APIDesignerThrottle failures=few',
        "APIDesignerThrottle failures takes a whole number, not 'few'");
accepted('APIDesignerLimit minute=60 day=5000');
accepted(location('APIDesignerLimit minute=60'));
refused('APIDesignerLimit hour=1', 'APIDesignerLimit takes minute or day, '
        . "each with = and a number, not 'hour=1'");
refused(location('APIDesignerThrottle failures=3'), 'not allowed');
accepted('APIDesignerNode ' . 'n' x $_) for 1, 190;
refused('APIDesignerNode ' . 'n' x 191, 'APIDesignerNode takes a name of 1 to 190 bytes');

# ---- the pool

accepted('APIDesignerPool min=0 keep=4 max=16 ttl=60 acquire=2 waiters=64');
accepted('APIDesignerPool max=2');
refused('APIDesignerPool size=3', 'APIDesignerPool takes min, keep, max, ttl, '
        . "acquire or waiters, each with = and a number, not 'size=3'");
refused('APIDesignerPool max=4 keep=1 max=5', 'APIDesignerPool: max is there twice');
accepted("APIDesignerPool max=4\nAPIDesignerPool max=5");
refused('APIDesignerPool 8', "each with = and a number, not '8'");
refused('APIDesignerPool min=9 max=8',
        'APIDesignerPool: min must not be above max');
refused('APIDesignerPool keep=9 max=8',
        'APIDesignerPool: keep must not be above max');

# ---- the database

accepted($database);
refused('APIDesignerDatabase "mysql://u:secret@/crm"', 'APIDesignerDatabase: ');
unlike check('APIDesignerDatabase "mysql://u:secret@/crm"')->{err}, qr/secret/,
    '  and does not repeat the password';
refused('APIDesignerDatabase "postgresql://u@/crm"', 'APIDesignerDatabase: ');
refused('APIDesignerDatabase "mysql://u@/crm?socket=/s&password=file:/nowhere"',
        '/nowhere');
refused('APIDesignerDatabase "mysql://u@db/crm?tls=verify&ca=/nowhere.pem"',
        'APIDesignerDatabase: the certificates ca=/nowhere.pem cannot be read: No such file');
refused("APIDesignerDatabase \"mysql://u@/crm?socket=/s&tls=$_\"",
        'APIDesignerDatabase: tls= is for hosts') for qw(require verify);
accepted('APIDesignerDatabase "mysql://u@/crm?socket=/s&tls=off"');
refused("<Location /a>\n$database\n</Location>", 'not allowed');

# ---- Locations

accepted(location("APIDesignerServe $_")) for qw(api webhook console docs metrics health API);
accepted(location('APIDesignerServe api "Get Organizations"'));
refused(location('APIDesignerServe api ""'), 'APIDesignerServe: the name of the definition is empty');
refused(location('APIDesignerServe pages'), 'APIDesignerServe takes api, '
        . "webhook, console, docs, metrics or health, not 'pages'");
refused(location('APIDesignerServe health X'), 'APIDesignerServe takes the '
        . 'name of a definition only after api or webhook');
refused('APIDesignerServe api', 'not allowed');
refused(location('APIDesignerServe api', 'Directory "/srv"'),
        'APIDesignerServe belongs into a <Location>');
refused("<Location /api>\nAPIDesignerServe api\n</Location>",
        'needs an APIDesignerDatabase');
refused("<VirtualHost *:80>\n$database\n</VirtualHost>\n"
        . "<Location /api>\nAPIDesignerServe api\n</Location>",
        'needs an APIDesignerDatabase');
accepted("$database\n<VirtualHost *:80>\n<Location /api>\n"
         . "APIDesignerServe api\n</Location>\n</VirtualHost>");
for my $pattern ('LocationMatch "^/api"', 'Location ~ "^/api"',
                 'Location "/api/*"') {
    refused(location('APIDesignerServe api', $pattern),
            'APIDesignerServe in a Location that is a pattern needs the name '
            . 'of the definition to serve');
    accepted(location('APIDesignerServe api "Get Organizations"', $pattern));
    accepted(location('APIDesignerServe health', $pattern));
    refused(location('APIDesignerServe console', $pattern),
            'APIDesignerServe console belongs into a <Location> with a path');
}
accepted(location("APIDesignerProfile $_")) for qw(rest vtiger REST);
refused(location('APIDesignerProfile xml'),
        "APIDesignerProfile takes rest or vtiger, not 'xml'");

# ---- documentation, the console

accepted(location('APIDesignerServe api') . "\n<Location /docs>\nAPIDesignerServe docs /api\n</Location>");
refused(location('APIDesignerServe docs /api'),
        'APIDesignerServe docs /api: no <Location "/api"> serves api or webhook');
refused(location('APIDesignerServe docs api'), 'APIDesignerServe docs may be followed by the path of a '
        . 'Location, such as /api');
refused(location('APIDesignerServe docs', 'LocationMatch "^/docs"'),
        'APIDesignerServe docs does not go into a Location that is a pattern');
accepted("APIDesignerConsole /tmp");
accepted(location('APIDesignerConsole /tmp'));

# ---- every directive, and every number that one takes, was tried

my $source = join '', map { Rig::slurp("$Rig::SOURCE/mod_apidesigner/$_") =~ s/\\\n//gr }
    'mod_apidesigner.h', 'mod_apidesigner_config.c';
my %directive = map { $_ => 1 } $source =~ /"(APIDesigner[A-Z]\w*)"/g;
my %numbers = (APIDesignerPool => 'POOL', APIDesignerThrottle => 'THROTTLE',
               APIDesignerLimit => 'LIMIT');
for my $name (sort keys %numbers) {
    my ($rows) = $source =~ /^\#define APID_$numbers{$name}_TABLE\(ROW\)(.*)$/m;
    delete $directive{$name};
    $directive{"$name $_="} = 1 for $rows =~ /ROW\(\w+, "(\w+)"/g;
}
cmp_ok scalar keys %directive, '>', 20, 'directives are found';
is_deeply [ grep { my $words = join '\b.*\b', split / /; $told !~ /^$words/m } sort keys %directive ],
    [], 'every directive was tried';

# What we serve is no file: in sections about files they would do nothing.
for my $directive ('APIDesignerProfile rest', 'APIDesignerMaxRows 7', 'APIDesignerLimit day=1',
                   'APIDesignerConsole /tmp') {
    my ($name) = $directive =~ /^(\w+)/;
    accepted(location($directive));
    refused(location($directive, 'Directory "/srv"'), "$name cannot occur within <Directory> section");
    refused(location($directive, 'Files "x"'), "$name cannot occur within <Files> section");
}

done_testing;
