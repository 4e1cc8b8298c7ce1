#!/bin/sh
# apid_docs: documentation made from definitions
exec "${0%/*}/lib/unit" test_docs
