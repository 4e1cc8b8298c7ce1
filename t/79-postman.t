#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The walkthrough as Postman does it: the collection in t/postman, run by
# newman over the demo, and what it left behind: records and their Updates.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Postman;
use Test::More;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $db = Rig->demo;
my $web = Rig->apache(database => $db);

sub ctl (@words) { $db->ctl_ok('--as', 'admin', '--json', @words) }

ctl('user', 'add', 'demo', '--role', 'caller');
my %environment = Postman->environment(\&ctl, baseUrl => $web->url,
    user => 'demo', key => Rig->json(ctl('user', 'key', 'demo'))->{key});

my $first = Postman->run('the collection', \%environment);
my $second = Postman->run('the collection once more, on the data it changed', \%environment);
isnt $second->{run}, $first->{run}, 'a run makes names of its own';

# The Updates of a record, newest first: label, user, field => [old, new].
sub updates ($module, $id) {
    my $entries = Rig->json($db->ctl_ok('--json', 'updates', $module, $id));
    return map {
        my $entry = $_;
        my %changes = map { $_->{field} => [ @$_{qw(old new)} ] } @{ $entry->{changes} };
        [ $entry->{label}, $entry->{user}, \%changes ]
    } @$entries;
}

sub labels ($module, $id) { [ map { $_->[0] } updates($module, $id) ] }

for my $profile ('V', 'R') {
    my %made = map { $_ => $second->{"$_$profile"} } qw(contact upsert hook);
    my $run = $second->{run} . lc $profile;

    # 3 and 8: created, then deleted; its Updates keep the last entry.
    is_deeply [ updates('Contacts', $made{contact}) ]->[1],
        [ 'API Designer - Created', 'demo',
          { firstname => [ undef, 'Ada' ], lastname => [ undef, 'Lovelace' ],
            email => [ undef, "ada.$run\@post.example" ],
            donotcall => [ undef, '0' ], assigned_user_id => [ undef, user_id('demo') ] } ],
        "$profile: a create is told as Created";
    is labels('Contacts', $made{contact})->[0], 'API Designer - Delete Contact',
        "$profile: the Updates of a deleted record stay";
    is labels('Contacts', $made{upsert})->[-1], 'API Designer - Upsert',
        "$profile: an upsert that created is told by its name";
    is_deeply labels('Contacts', $made{hook}), ['API Designer - Create Webhook'],
        "$profile: a webhook that created is told by its name";
}

sub user_id ($name) {
    my ($user) = grep { $_->{name} eq $name }
        @{ Rig->json($db->ctl_ok('--json', 'user', 'list')) };
    return $user->{id};
}

# 4: the case, changed twice by each run.
is_deeply [ (updates('Cases', '17x12'))[0] ],
    [ [ 'API Designer - Update Cases', 'demo',
        { description => [ "Checked on site, run $second->{run} ✅",
                           "Checked on site, run $second->{run} ✅ again" ] } ] ],
    'an update is told with the old value and the new';
is scalar(updates('Cases', '17x13')), 2, 'an update that changed nothing is not told';

# 6: what an upsert was not sent, it leaves alone.
is_deeply $db->row('SELECT card, donotcall, assigned_user_id FROM demo_contacts WHERE id = 28'),
    { card => "V-$second->{run}", donotcall => 1, assigned_user_id => 2 },
    'an upsert that updated left owner and flags as they were';
is_deeply [ (updates('Contacts', '12x28'))[0][2] ],
    [ { card => [ "V-$first->{run}", "V-$second->{run}" ] } ], 'and tells of no other change';

# 7: the lead, and the one from the web form.
is labels('Leads', '10x21')->[0], 'API Designer - Update Webhook', 'a webhook that updated';
is_deeply labels('Leads', $second->{leadV}),
    [ 'API Designer - Lead Form', 'API Designer - Lead Form' ], 'the web form, twice';
is $db->value("SELECT COUNT(*) FROM demo_leads WHERE email = 'form.$second->{run}v\@post.example'"),
    1, 'one lead for one address';
is $db->value("SELECT description FROM demo_leads WHERE email = 'form.$second->{run}v\@post.example'"),
    'Hello 👋 & welcome', 'what the form sent, byte for byte';

# Several operations: all or nothing.
is $db->value("SELECT COUNT(*) FROM demo_organizations WHERE accountname LIKE 'Never kept%'"),
    0, 'of a transaction that failed nothing is left';
is $db->value("SELECT COUNT(*) FROM demo_organizations WHERE accountname LIKE 'Zuse Apparatebau%'"),
    2, 'and all of those that did not';
is_deeply labels('Cases', $second->{wonCase}), ['API Designer - Created'],
    'a create beside an update is told as Created';
is_deeply $db->row('SELECT sales_stage, probability FROM demo_deals WHERE id = 7'),
    { sales_stage => 'Closed Won', probability => 100 }, 'the deal is won';

unlike $web->errors . $web->access, qr/$environment{key}|$environment{token}|$environment{formToken}/,
    'no secret is in the logs';

done_testing;
