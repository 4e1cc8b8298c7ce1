#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The walkthrough in the console, as a person does it in Chromium, and what is
# in the database then; pictures of the screens are left in var/screens.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Console;

Console->run('walkthrough.mjs');
