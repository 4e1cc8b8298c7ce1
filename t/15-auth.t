#!/bin/sh
# apid_auth: credentials, secrets, addresses, seals
exec "${0%/*}/lib/unit" test_auth
