#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# ThreadSanitizer: the units of the data layer, and what processes share
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Rig::Variant;

my @units = Rig::Variant->units('4*', '19-share', '19-window');
my $build = Rig::Variant->build('tsan', \@units, '--enable-tsan', '--disable-werror');
Rig::Variant->repeat(\@units, { APID_BUILD => $build });
