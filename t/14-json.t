#!/bin/sh
# apid_json: structure, escapes, blocks, flushing
exec "${0%/*}/lib/unit" test_json
