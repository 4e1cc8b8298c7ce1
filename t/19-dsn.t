#!/bin/sh
# apid_dsn: the URL of a database
exec "${0%/*}/lib/unit" test_dsn
