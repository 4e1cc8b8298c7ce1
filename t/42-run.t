#!/bin/sh
# apid_run over a fake database: trips, transactions, what is tried again
exec "${0%/*}/lib/unit" test_run
