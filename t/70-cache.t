#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# A shared cache in front keeps nothing that is for one caller: mod_cache, both
# before authentication and after it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Served;
use Test::More;

for my $quick ('on', 'off') {
    my $root = Rig->directory;
    chmod 0777, $root;
    my $on = Served->start(modules => [qw(cache cache_disk)], conf => <<"END");
CacheRoot "$root"
CacheEnable disk "/"
CacheQuickHandler $quick
CacheHeader on
CacheIgnoreNoLastMod on
<Location "/static.txt">
    Header set Cache-Control "max-age=60"
</Location>
END
    $on->web->get('/static.txt') for 1 .. 2;
    like $on->web->get('/static.txt')->header('X-Cache'), qr/^HIT/, "quick handler $quick: files are cached";
    $on->publish('<webhook name="Read"><security token-in="header"/><select module="Orgs"/></webhook>');
    $on->web->get("/static.txt?token=$_") for 'a', 'a', 'b';
    like $on->web->get('/static.txt?token=b')->header('X-Cache'), qr/^HIT/, '  by their whole URL';
    like $on->web->get('/static.txt?token=c')->header('X-Cache'), qr/^MISS/, "  also where it has a 'token'";
    my @token = (basic => undef, headers => [ Token => Served::secret($on->db->ctl_ok('token', 'Read')) ]);
    $on->settle;
    my $got = $on->get('/hooks/Read', @token);
    is $got->status, 200, '  a webhook that reads';
    is $got->header('Cache-Control'), 'private, no-cache', '  says that it is for one reader';
    is $on->get('/hooks/Read', basic => undef)->status, 401, '  without its token';
    is $on->get('/hooks/Read', @token)->status, 200, '  and with it again';
    is $on->get('/api/people/1')->status, 200, 'a record';
    is $on->get('/api/people/1', basic => undef)->status, 401, '  without credentials';
    my $tag = $on->get('/api/people/1')->header('ETag');
    is $on->get('/api/people/1', headers => [ 'If-None-Match' => $tag ])->status, 304, '  asked for by its tag';
    is $on->get('/api/people/99')->header('Cache-Control'), 'private, no-cache', 'errors, too';
    $on->web->stop;
}

done_testing;
