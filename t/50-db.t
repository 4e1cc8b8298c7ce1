#!/bin/sh
# apid_db against MariaDB: values, statements and errors
exec "${0%/*}/lib/unit_db" test_db
