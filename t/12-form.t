#!/bin/sh
# apid_form: query strings, forms, multipart bodies
exec "${0%/*}/lib/unit" test_form
