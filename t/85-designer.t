#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The designer where two meet, where something is thrown away, and where the
# keyboard goes: conflicts, drafts, publishing, the playground, its code.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Console;

Console->run('designer.mjs');
