#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Documented: every directive in conf/, every operation in the manual and the
# help, every word of definitions and every error code in mod_apidesigner/README;
# and nothing that is not there
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Sources;
use Test::More;

sub source ($name) { Rig::slurp("$Rig::SOURCE/$name") }

# Lists that should hold the same: what only one of them has is told.
sub same ($what, $have, $told, $where) {
    my %have = map { $_ => 1 } @$have;
    my %told = map { $_ => 1 } @$told;
    cmp_ok scalar keys %have, '>', 0, "$what: there are some";
    Sources->none("$what: each is in $where", grep { !$told{$_} } sort keys %have);
    Sources->none("$what: $where tells of no others", grep { !$have{$_} } sort keys %told);
}

# ---- directives: a name stands alone in its literal; numbers are rows

my $header = source('mod_apidesigner/mod_apidesigner.h') =~ s/\\\n//gr;
my $config = source('mod_apidesigner/mod_apidesigner_config.c');
my $conf   = source('conf/apidesigner.conf');

my @directives = "$header$config" =~ /"(APIDesigner[A-Z]\w*)"/g;
my %default = $conf =~ /^\#(APIDesigner\w+) +(.+)$/mg;
same('directives', \@directives, [ keys %default ], 'conf/apidesigner.conf');

# { name => default } of a table of numbers.
sub numbers ($table) {
    my ($rows) = $header =~ /^\#define \Q$table\E\(ROW\)(.*)$/m;
    return $rows =~ /ROW\(\s*\w+, *"(\w+)", *\w+, *([\d.]+),/g;
}
my %number = (numbers('APID_SERVER_TABLE'), numbers('APID_DIR_TABLE'));
cmp_ok scalar keys %number, '>', 3, 'directives that take numbers are rows';
is $default{$_}, $number{$_}, "the default of $_ is told" for sort keys %number;
my %pool = numbers('APID_POOL_TABLE');
is_deeply { map { split /=/ } split ' ', $default{APIDesignerPool} }, \%pool,
    'the defaults of APIDesignerPool are told';
my ($shown) = $config =~ /(min=[^;]*?)"\),/s;
is $shown =~ s/"\s*"//gr, $default{APIDesignerPool}, 'and its help tells them';
my @words = ($header . source('mod_apidesigner/apid_api.h')) =~ /\bROW\(\w+, *"(\w+)"\)/g;
cmp_ok scalar @words, '>=', 6, 'directives that take words are rows';
like $conf, qr/^\#.*\b$_\b/m, "conf/apidesigner.conf tells of $_" for @words;
Sources->none('every directive has a sentence', grep { $conf !~ /^\#\ .*\.\n\#$_\b/m }
    sort keys %default);

# ---- operations of the tool

my $ops = join '', map { Sources->text($_) } Sources->files('apid_ops*.c');
my @operations = $ops =~ /\{\s*"([a-z][a-z ]*)",\s*"(?:GET|POST|PUT|PATCH|DELETE)"/g;
my $manual = source('mod_apidesigner/apidesignerctl.1') =~ s/\\-/-/gr;
my @sections = split /^\.SH +/m, $manual;
my ($commands) = grep { /^"?(?:COMMANDS|OPERATIONS)/ } @sections;
my @told = ($commands // '') =~ /^\.(?:B|SS) +"?([a-z][a-z ]*?)"?(?= *(?:\n|\\f|"|[A-Z\[]))/mg;
same('operations', \@operations, \@told, 'apidesignerctl.1');

my $help = Rig->run({}, "$Rig::BUILD/apidesignerctl", '--help');
is $help->{code}, 0, 'apidesignerctl --help';
Sources->none('operations: each is in --help',
    grep { my $words = $_; $help->{out} !~ /^ *(?:apidesignerctl )?\Q$words\E\b/m } @operations);
for my $option ($help->{out} =~ /^ +(--[a-z]+)/mg) {
    like $manual, qr/\Q$option\E/, "apidesignerctl.1 tells of $option";
}

# ---- the language of definitions

my $vadl = join '', map { source("mod_apidesigner/$_") } qw(apid_vadl.h apid_vadl.c apid_vadl_ops.c);
my %vadl = map { $_ => 1 } $vadl =~ /(?:\bROW|_ROW)\([^"()]*"([a-z-]+)"/g,
    map { /"([a-z-]+)"/g } $vadl =~ /const elements\[\] = \{(.*?)\}/s;
my ($language) = source('mod_apidesigner/README') =~ /^Definition document\n---+\n(.*?)(?=\n\w[^\n]*\n---)/ms;
cmp_ok scalar keys %vadl, '>', 50, 'definitions: there are words';
Sources->none('definitions: each word is in mod_apidesigner/README',
    grep { ($language // '') !~ /(?<![\w-])\Q$_\E(?![\w-])/ } sort keys %vadl);

# ---- codes of errors

my @rows = Sources->text(Sources::directory() . '/apid_err.h')
    =~ /ROW\(\w+, *(\d+), *(\d+), *"(\w+)"\)/g;
my %code;
while (my ($vtiger, $rest, $name) = splice @rows, 0, 3) { $code{$name} = "$vtiger $rest" }
my ($codes) = source('mod_apidesigner/README') =~ /^Codes of errors\n---+\n(.*?)(?=\n\w[^\n]*\n---|\z)/ms;
my %documented = ($codes // '') =~ /^([A-Z_]+) +(\d+ +\d+) /mg;
s/ +/ / for values %documented;
cmp_ok scalar keys %code, '>', 15, 'there are codes';
is_deeply \%documented, \%code, 'mod_apidesigner/README tells every code with both statuses';

done_testing;
