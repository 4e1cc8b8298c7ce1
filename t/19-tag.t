#!/bin/sh
# apid_tag: entity tags
exec "${0%/*}/lib/unit" test_tag
