#!/bin/sh
# apid_where over a fake database: every condition to SQL and binds
exec "${0%/*}/lib/unit" test_where
