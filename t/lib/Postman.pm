# SPDX-License-Identifier: Apache-2.0
# Postman: the walkthrough as Postman does it: the collection in t/postman, run
# by newman against any server that serves the demo.
#
#   my %environment = Postman->environment($ctl, baseUrl => $url, user => 'demo', key => $key);
#   my $after = Postman->run('the collection', \%environment);
#
# A run is one subtest: every request was sent, and all that the collection
# asserts of its answer holds. It gives the environment as it is afterwards.
package Postman;
use v5.36;
use Rig;
use Test::More;

my $postman = "$Rig::SOURCE/t/postman";
my $collection = "$postman/apidesigner.postman_collection.json";
my %webhooks = (token => 'Create Webhook', updateToken => 'Update Webhook',
    getToken => 'Get Webhook', formToken => 'Lead Form', reportToken => 'Weather Report');

# What the collection takes: known, and a new token for every webhook that is
# not in it; $ctl->(WORDS) is what the tool's command prints as JSON.
sub environment ($class, $ctl, %known) {
    return (%known, map { $_ => Rig->json($ctl->('token', $webhooks{$_}))->{token} }
        grep { !$known{$_} } sort keys %webhooks);
}

# One newman for all builds of a source tree; gives its command.
sub newman {
    my $tree = -e "$Rig::SOURCE/Makefile" ? $Rig::SOURCE : $Rig::BUILD;
    local $ENV{MAKEFLAGS} = '';
    my $made = Rig->run({ timeout => 300 }, 'make', '-C', $tree,
                        "srcdir=$Rig::SOURCE", 'var/newman/.made');
    die "make newman: $made->{out}$made->{err}" if $made->{code};
    return "$tree/var/newman/node_modules/.bin/newman";
}

# All requests below an item of the collection.
sub requests ($item) {
    return $item->{request} ? $item->{name} : map { requests($_) } @{ $item->{item} };
}

# One request: it has assertions, and they hold.
sub check_execution ($execution) {
    my ($request, $response) = @$execution{qw(request response)};
    my @assertions = @{ $execution->{assertions} // [] };
    my @failed = grep { $_->{error} } @assertions;
    my $path = join '/', @{ $request->{url}{path} };
    my $name = "$request->{method} /$path: $execution->{item}{name}";
    return if ok @assertions && !@failed, $name;
    diag "$_->{assertion}: $_->{error}{message}" for @failed;
    diag "$response->{code} $response->{status}: ",
        substr pack('C*', @{ $response->{stream}{data} // [] }), 0, 600;
}

# The template, filled in; it has to name all that the collection takes.
sub fill ($environment) {
    my $template = Rig->json(Rig::slurp("$postman/apidesigner.postman_environment.json"));
    is_deeply [ sort map { $_->{key} } @{ $template->{values} } ],
        [ sort keys %$environment ], 'the environment names what is to be filled in';
    $_->{value} = $environment->{ $_->{key} } for @{ $template->{values} };
    return Rig->to_json($template);
}

sub run ($class, $title, $environment) {
    my $dir = Rig->directory;
    my $newman = newman();
    my @requests = requests(Rig->json(Rig::slurp($collection)));
    my $after;
    subtest $title => sub {
        Rig::spew("$dir/environment.json", fill($environment));
        my $ran = Rig->run({ timeout => 180 }, $newman, 'run', $collection,
            '-e', "$dir/environment.json", '--timeout-request', 20_000,
            '--color', 'off', '-r', 'json', '--reporter-json-export', "$dir/report.json",
            '--export-environment', "$dir/after.json");
        my $report = Rig->json(Rig::slurp("$dir/report.json") || '{}')->{run};
        $after = Rig->json(Rig::slurp("$dir/after.json") || '{}');
        is_deeply [ map { $_->{item}{name} } @{ $report->{executions} } ], \@requests,
            'every request was sent';
        check_execution($_) for @{ $report->{executions} };
        is_deeply $report->{failures}, [], 'nothing else went wrong'
            or diag explain [ map { "$_->{source}{name}: $_->{error}{message}" }
                              @{ $report->{failures} } ];
        is $ran->{code}, 0, 'newman is content' or diag $ran->{err};
    };
    return { map { $_->{key} => $_->{value} } @{ $after->{values} } };
}

1;
