#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The console around the designer, as a person uses it in Chromium: modules,
# records, users, groups, versions, activity; and what is in the database then.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Console;

Console->run('manage.mjs');
