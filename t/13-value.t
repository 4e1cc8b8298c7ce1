#!/bin/sh
# apid_value: types, what they take, how they are written
exec "${0%/*}/lib/unit" test_value
