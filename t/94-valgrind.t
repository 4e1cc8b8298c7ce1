#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# valgrind: every unit test
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Rig::Variant;

Rig::Variant->repeat([ Rig::Variant->units('*') ], { APID_UNIT_UNDER =>
    'valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite'
    . ' --error-exitcode=99' });
