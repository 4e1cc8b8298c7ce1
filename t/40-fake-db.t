#!/bin/sh
# fake_db: the fake of apid_db.h that the data layer is tested with
exec "${0%/*}/lib/unit" test_fake_db
