#!/bin/sh
# apid_catalog: references, names, columns and indexes, ids
exec "${0%/*}/lib/unit" test_catalog
