#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The console takes care of who uses it: nothing is lost, sent twice or left to
# the next user; focus, history and addresses are where they are expected.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Console;

Console->run('care.mjs');
