#!/bin/sh
# apid_db against MariaDB: leases, limits, threads
exec "${0%/*}/lib/unit_db" test_db_pool
