-- SPDX-License-Identifier: Apache-2.0
--
-- upgrade-2.sql: from schema 1 to schema 2: what CREATE TABLE IF NOT EXISTS in
-- schema.sql, which has run before, does not do. A column that is there already
-- is no error, so that it can be run again; keep it so for whatever is added.

ALTER TABLE apid_user ADD COLUMN minute_limit INT NULL COMMENT 'calls in a minute; NULL: no limit' AFTER password;
ALTER TABLE apid_user ADD COLUMN day_limit INT NULL COMMENT 'calls in a day; NULL: no limit' AFTER minute_limit;
ALTER TABLE apid_token ADD COLUMN minute_limit INT NULL COMMENT 'calls in a minute; NULL: no limit' AFTER expires;
ALTER TABLE apid_token ADD COLUMN day_limit INT NULL COMMENT 'calls in a day; NULL: no limit' AFTER minute_limit;

-- Before there were rights everybody had all of them.
INSERT IGNORE INTO apid_group (name) VALUES ('everyone');
INSERT IGNORE INTO apid_right (group_id, module, may_create, may_read, may_update, may_delete, scope, hidden, readonly) SELECT id, '*', 1, 1, 1, 1, 'all', '', '' FROM apid_group WHERE name = 'everyone';
INSERT IGNORE INTO apid_user_group (user_id, group_id) SELECT u.id, g.id FROM apid_user u JOIN apid_group g ON g.name = 'everyone';
UPDATE apid_revision SET value = value + 1;
UPDATE apid_user SET revision = (SELECT value FROM apid_revision);
UPDATE apid_definition SET revision = (SELECT value FROM apid_revision) WHERE owner_id IS NOT NULL;
