#!/bin/sh
# apid_module: what a module's document means, and all that may be wrong in it
exec "${0%/*}/lib/unit" test_module
