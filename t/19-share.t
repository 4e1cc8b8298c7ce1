#!/bin/sh
# apid_share, apid_ring: what processes count together
exec "${0%/*}/lib/unit" test_share
