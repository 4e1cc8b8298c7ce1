#!/bin/sh
# apid_db against MariaDB: deadlocks, lock waits, time limits, kills, lost servers
exec "${0%/*}/lib/unit_db" test_db_faults
