#!/bin/sh
# apid_rights: what groups give adds up
exec "${0%/*}/lib/unit" test_rights
