#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The console when things go wrong: two people at once, sessions that end, no
# network, markup in names and values, roles; and without a mouse.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Console;

Console->run('edit.mjs');
