#!/bin/sh
# apid_diff: what differs between two versions to callers
exec "${0%/*}/lib/unit" test_diff
