#!/bin/sh
# apid_arg: the set of arguments, strict JSON, UTF-8
exec "${0%/*}/lib/unit" test_arg
