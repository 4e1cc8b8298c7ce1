#!/bin/sh
# apid_vadl: every definition of t/vadl, and every error of the language
exec "${0%/*}/lib/unit" test_vadl
