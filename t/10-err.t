#!/bin/sh
# apid_err: kinds, chains, nearest word
exec "${0%/*}/lib/unit" test_err
