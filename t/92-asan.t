#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# AddressSanitizer and UndefinedBehaviorSanitizer: the units, and the tests of
# servers that use this build
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Rig::Variant;

my $build = Rig::Variant->build('asan', [], '--enable-asan', '--disable-werror');
Rig::Variant->repeat(
    [ Rig::Variant->units('[134]*'), Rig::Variant->tests('[567]*', '8[2-46]*') ],
    { APID_BUILD => $build, APID_ASAN => 1 }, 3);
