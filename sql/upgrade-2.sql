-- SPDX-License-Identifier: Apache-2.0
--
-- upgrade-2.sql: from schema 1 to schema 2: what CREATE TABLE IF NOT EXISTS in
-- schema.sql, which has run before, does not do. A column that is there already
-- is no error, so that it can be run again; keep it so for whatever is added.

ALTER TABLE apid_user ADD COLUMN minute_limit INT NULL COMMENT 'calls in a minute; NULL: no limit' AFTER password;
ALTER TABLE apid_user ADD COLUMN day_limit INT NULL COMMENT 'calls in a day; NULL: no limit' AFTER minute_limit;
ALTER TABLE apid_token ADD COLUMN minute_limit INT NULL COMMENT 'calls in a minute; NULL: no limit' AFTER expires;
ALTER TABLE apid_token ADD COLUMN day_limit INT NULL COMMENT 'calls in a day; NULL: no limit' AFTER minute_limit;
