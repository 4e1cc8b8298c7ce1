-- SPDX-License-Identifier: Apache-2.0
--
-- upgrade-3.sql: from schema 2 to schema 3: ids of records may be as long as
-- keys may be, each byte of them encoded. It can be run again.

ALTER TABLE apid_update MODIFY record VARCHAR(9216) NOT NULL COMMENT 'id of the record, without the prefix of its module: the longest key, each byte of it encoded', DROP KEY record, ADD KEY record (module, record(190), id);
