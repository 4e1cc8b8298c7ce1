#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Layers: mod_apidesigner/README's table of files is the include rule
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Sources;
use Test::More;

# The table as rows: { layer, name, at }; a row stands for its name, for names
# with a further word, and for those it tells in parentheses ("apid_plan*").
my (@rows, $row);
for my $line (split /\n/, Rig::slurp(Sources::directory() . '/README')) {
    if ($line =~ /^(words|db|data|server|tool)\s+(\w+)\s+(.*)/) {
        push @rows, $row = { layer => $1, name => $2, at => scalar @rows, text => $3 };
    }
    elsif ($row && $line =~ /^\s{20,}(\S.*)/) { $row->{text} .= " $1" }
    else { undef $row }
}
for my $row (@rows) {
    $row->{names} = [ $row->{name}, $row->{text} =~ /\b(apid_\w+)\*?:/g ];
}

sub base ($path) { $path =~ s{.*/}{}r }

# The row whose name is the longest that the file's name begins with.
sub row_of ($path) {
    my $stem = base($path) =~ s/\.\w+$//r;
    my ($best, $length) = (undef, 0);
    for my $row (@rows) {
        for my $name (@{ $row->{names} }) {
            next unless $stem =~ /^\Q$name\E(?:_|$)/ && length $name > $length;
            ($best, $length) = ($row, length $name);
        }
    }
    return $best;
}

my %system = (
    apr    => qr/^(?:apr|apu)(?:_\w+)?\.h$/,
    expat  => qr/^expat\.h$/,
    json   => qr/^(?:json-c\/)?json\w*\.h$/,
    crypto => qr/^openssl\//,
    mysql  => qr/^(?:mysql|mysqld_error|errmsg|ma_\w+|mariadb\w*)(?:\/.*)?\.h$/,
    httpd  => qr/^(?:httpd|scoreboard|(?:http|ap|util|mod)_\w+)\.h$/,
    libc   => qr/^(?:arpa\/inet|assert|ctype|dirent|endian|errno|fcntl|float|fnmatch|getopt|inttypes
                  |limits|locale|math|netinet\/\w+|poll|pwd|regex|signal|stdarg|stdatomic|stddef
                  |stdint|stdio|stdlib|string|strings|sys\/\w+|sysexits|termios|time
                  |unistd|wchar)\.h$/x,
);
my @words = qw(apr expat json crypto libc);
my %may = (words => \@words, db => \@words, data => \@words,
           server => [ @words, 'httpd' ], tool => \@words);
my @database = ('apid_db');    # rows that may include the client library

sub system_of ($header) { (grep { $header =~ $system{$_} } sort keys %system)[0] }

# What is wrong with one include, or undef.
sub judge_system ($row, $header) {
    my $kind = system_of($header) // return "<$header> belongs to no library we use";
    return if $kind eq 'mysql' && grep { $_ eq $row->{name} } @database;
    return if grep { $_ eq $kind } @{ $may{ $row->{layer} } };
    return "<$header> ($kind) in layer $row->{layer}";
}

sub judge_own ($row, $header) {
    my $path = Sources::directory() . "/$header";
    return if { Sources::built() }->{$path};
    return "\"$header\" does not exist" unless -e $path;
    my $of = row_of($header) // return "\"$header\" has no row";
    return if $of == $row;
    return "\"$header\" is for the files of $of->{name} alone"
        if $header =~ /_parts\.h$/;
    return if $of->{at} < $row->{at};
    return "\"$header\" ($of->{name}) stands below $row->{name} in the table";
}

sub includes ($path) {
    my @found;
    my $n = 0;
    for my $line (split /\n/, Sources->text($path)) {
        $n++;
        push @found, [ $n, $1, $2 ] if $line =~ /^\s*#\s*include\s*([<"])([^>"]+)[>"]/;
    }
    return @found;
}

# A chain of headers that comes back to where it is, or nothing.
my %headers = map { base($_) => [ map { $_->[2] } grep { $_->[1] eq '"' } includes($_) ] }
    Sources->files('*.h');
sub cycle ($header, @above) {
    return [ @above, $header ] if grep { $_ eq $header } @above;
    for my $next (@{ $headers{$header} // [] }) {
        my $found = cycle($next, @above, $header);
        return $found if $found;
    }
    return;
}

my @files = Sources->files;
cmp_ok scalar @rows, '>=', 20, 'the table of files has its rows';
cmp_ok scalar @files, '>=', 40, 'the sources are there';

Sources->none('every file has a row',
    map { Sources->place($_) } grep { !row_of($_) } @files);
Sources->none('every row has a file',
    map { $_->{name} } grep { my $row = $_; !grep { $row == (row_of($_) // 0) } @files } @rows);
my @names = map { @{ $_->{names} } } @rows;
Sources->none('every name that a row tells has a file', grep { my $name = $_;
    !grep { base($_) =~ /^\Q$name\E[_.]/ } @files } @names);

my @wrong;
for my $path (@files) {
    my $row = row_of($path) or next;
    for (includes($path)) {
        my ($line, $quote, $header) = @$_;
        my $why = $quote eq '<' ? judge_system($row, $header) : judge_own($row, $header);
        push @wrong, Sources->place($path) . ":$line: $why" if $why;
    }
}
Sources->none('a file includes only what is above it',
    @wrong);

my @cycles = grep { defined } map { cycle($_) } sort keys %headers;
Sources->none('no includes in a circle',
    map { join ' > ', @$_ } @cycles);

# The rule itself: what it must refuse is refused.
my ($err) = grep { $_->{name} eq 'apid_err' } @rows;
my ($run) = grep { $_->{name} eq 'apid_run' } @rows;
is judge_own($err, 'apid_run.h'), '"apid_run.h" (apid_run) stands below apid_err in the table',
    'upwards is refused';
is judge_own($run, 'apid_write_parts.h'),
    '"apid_write_parts.h" is for the files of apid_write alone', "so are another row's parts";
is judge_system($run, 'mysql.h'), '<mysql.h> (mysql) in layer data', 'and the client library';
is judge_system($run, 'httpd.h'), '<httpd.h> (httpd) in layer data', "and httpd's headers";

done_testing;
