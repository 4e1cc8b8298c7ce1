#!/bin/sh
# apid_window: rolling windows
exec "${0%/*}/lib/unit" test_window
