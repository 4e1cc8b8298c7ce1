# SPDX-License-Identifier: Apache-2.0
# Directives: what configtest refuses and with which sentence. How sections
# are merged is in 70-http.t, where their effect can be seen.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Test::More;

my $database = 'APIDesignerDatabase "mysql://u@/crm?socket=/nowhere/sock"';

sub check ($conf) {
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

# ---- the pool

accepted('APIDesignerPool min=0 keep=4 max=16 ttl=60 acquire=2 waiters=64');
accepted('APIDesignerPool max=2');
refused('APIDesignerPool size=3', 'APIDesignerPool takes min, keep, max, ttl, '
        . "acquire or waiters, each with = and a number, not 'size=3'");
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
refused("<Location /a>\n$database\n</Location>", 'not allowed');

# ---- Locations

accepted(location("APIDesignerServe $_")) for qw(api webhook console docs metrics health API);
accepted(location('APIDesignerServe api "Get Organizations"'));
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

done_testing;
