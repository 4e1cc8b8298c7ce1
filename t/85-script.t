#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# The console's form as a view of the script: every definition is read without
# a change, and what the form changes in it checks.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;

exec 'node', "$Rig::SOURCE/t/console/script.mjs", $Rig::SOURCE,
    "$Rig::BUILD/apidesignerctl", Rig->directory
    or die "node: $!";
