#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# the second compiler: everything builds without a warning, the units pass
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Rig;
use Rig::Variant;

my $build = Rig::Variant->build('clang', [], 'CC=clang', 'CFLAGS=-O0');
Rig::Variant->repeat([ Rig::Variant->units('[134]*') ], { APID_BUILD => $build });
