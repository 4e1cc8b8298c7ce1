#!/bin/sh
# apid_xml: documents to trees, what is refused and how it is explained
exec "${0%/*}/lib/unit" test_xml
