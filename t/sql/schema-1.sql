-- SPDX-License-Identifier: Apache-2.0
--
-- schema-1.sql: schema 1, as it was: the tables of mod_apidesigner itself, for MySQL 8.0 and MariaDB
-- 10.6 or later. `apidesignerctl init` runs it; running it again changes
-- nothing. Statements end with ';' at the end of a line. Names compare by
-- bytes (utf8mb4_bin), as URLs do; times are UTC.
--
-- Every change is one transaction that begins with adding 1 to apid_revision
-- (writers queue there) and marks the rows it changes with that number, so
-- that the servers read `WHERE revision > ?` alone. Rows of modules and
-- definitions are never deleted, but marked as such, for the same reason.

CREATE TABLE IF NOT EXISTS apid_meta (
    name VARCHAR(40) NOT NULL COMMENT 'what is kept: schema, seal',
    value VARBINARY(255) NOT NULL COMMENT 'schema: number of this schema; seal: 32 random bytes that cursors are sealed with',
    PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Facts of the installation';

CREATE TABLE IF NOT EXISTS apid_revision (
    id TINYINT NOT NULL COMMENT 'always 1: there is one row',
    value BIGINT NOT NULL COMMENT 'number of the last change',
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='The number of the last change to modules, definitions and users';

CREATE TABLE IF NOT EXISTS apid_module (
    id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
    name VARCHAR(190) NULL COMMENT 'the name definitions use; NULL once dropped',
    document MEDIUMTEXT NOT NULL COMMENT 'the module document (XML) as it was applied',
    changed_by VARCHAR(190) NOT NULL COMMENT 'who changed it last',
    changed_at DATETIME(6) NOT NULL COMMENT 'when it was changed last',
    revision BIGINT NOT NULL COMMENT 'number of its last change',
    PRIMARY KEY (id),
    UNIQUE KEY name (name),
    KEY revision (revision)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='The catalog: what is known of the tables that APIs work on';

CREATE TABLE IF NOT EXISTS apid_user (
    id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
    name VARCHAR(190) NOT NULL COMMENT 'the name that is signed in with',
    ident VARCHAR(190) NOT NULL COMMENT 'what @user.id stands for: the key of this user in the tables that APIs work on',
    role VARCHAR(10) NOT NULL COMMENT 'caller, viewer, designer or admin',
    disabled TINYINT NOT NULL DEFAULT 0 COMMENT '1: may do nothing',
    access_key BINARY(32) NULL COMMENT 'SHA-256 of the access key; NULL: none',
    access_key_prefix VARCHAR(8) NULL COMMENT 'first characters of the access key, to tell it by',
    access_key_at DATETIME(6) NULL COMMENT 'when the access key was made',
    password VARCHAR(100) NULL COMMENT 'bcrypt of the password; NULL: none',
    created_by VARCHAR(190) NOT NULL COMMENT 'who added the user',
    created_at DATETIME(6) NOT NULL COMMENT 'when the user was added',
    revision BIGINT NOT NULL COMMENT 'number of the last change, to the groups too',
    PRIMARY KEY (id),
    UNIQUE KEY name (name),
    KEY revision (revision)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Who may call APIs, and who may change them';

CREATE TABLE IF NOT EXISTS apid_group (
    id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
    name VARCHAR(190) NOT NULL COMMENT 'the name that definitions allow',
    PRIMARY KEY (id),
    UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Groups of users';

CREATE TABLE IF NOT EXISTS apid_user_group (
    user_id BIGINT NOT NULL COMMENT 'key of the user',
    group_id BIGINT NOT NULL COMMENT 'key of the group',
    PRIMARY KEY (user_id, group_id),
    KEY group_id (group_id),
    CONSTRAINT apid_user_group_user FOREIGN KEY (user_id) REFERENCES apid_user (id) ON DELETE CASCADE,
    CONSTRAINT apid_user_group_group FOREIGN KEY (group_id) REFERENCES apid_group (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Which users are in which groups';

CREATE TABLE IF NOT EXISTS apid_definition (
    id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
    name VARCHAR(190) NULL COMMENT 'its name; NULL once dropped',
    former VARCHAR(190) NULL COMMENT 'the name it had before it was dropped',
    kind VARCHAR(10) NOT NULL COMMENT 'api or webhook',
    method VARCHAR(10) NOT NULL COMMENT 'get, post, put, delete or patch; empty for webhooks',
    path VARCHAR(500) NOT NULL COMMENT 'path below the Location: the name, or a template',
    route VARCHAR(500) NULL COMMENT 'the path with each part written {}; NULL while it has no live version',
    module VARCHAR(190) NOT NULL COMMENT 'the module it works on, empty if none',
    reader TINYINT NOT NULL DEFAULT 0 COMMENT '1: the live version answers one record of the module by its id in the path',
    active TINYINT NOT NULL DEFAULT 1 COMMENT '0: answered as if it did not exist',
    live_version INT NULL COMMENT 'number of the live version; NULL: none yet',
    draft MEDIUMTEXT NULL COMMENT 'document that is being edited; NULL: none',
    draft_by VARCHAR(190) NULL COMMENT 'who saved the draft',
    draft_at DATETIME(6) NULL COMMENT 'when the draft was saved',
    draft_revision BIGINT NULL COMMENT 'number of the change that saved the draft: who saves over it must name it',
    owner_id BIGINT NULL COMMENT 'the user that a webhook acts as',
    revision BIGINT NOT NULL COMMENT 'number of its last change, to versions, tokens and owner too',
    PRIMARY KEY (id),
    UNIQUE KEY name (name),
    UNIQUE KEY route (kind, method, route),
    KEY owner_id (owner_id),
    KEY revision (revision),
    CONSTRAINT apid_definition_owner FOREIGN KEY (owner_id) REFERENCES apid_user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='API definitions and webhooks; name, kind, method, path and module are those of the live version, else of the draft';

CREATE TABLE IF NOT EXISTS apid_version (
    definition_id BIGINT NOT NULL COMMENT 'key of the definition',
    version INT NOT NULL COMMENT 'its number, from 1',
    document MEDIUMTEXT NOT NULL COMMENT 'the definition document (XML) with its settings; never changed',
    state VARCHAR(10) NOT NULL DEFAULT 'published' COMMENT 'published, deprecated or retired',
    note VARCHAR(1000) NOT NULL DEFAULT '' COMMENT 'what its author says of it',
    published_by VARCHAR(190) NOT NULL COMMENT 'who published it',
    published_at DATETIME(6) NOT NULL COMMENT 'when it was published',
    deprecated_at DATETIME(6) NULL COMMENT 'since when it should not be used; NULL: it may',
    sunset DATETIME(6) NULL COMMENT 'when it is going to be retired; NULL: not said',
    PRIMARY KEY (definition_id, version),
    CONSTRAINT apid_version_definition FOREIGN KEY (definition_id) REFERENCES apid_definition (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Published versions of definitions';

CREATE TABLE IF NOT EXISTS apid_token (
    id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
    definition_id BIGINT NOT NULL COMMENT 'key of the webhook',
    digest BINARY(32) NOT NULL COMMENT 'SHA-256 of the token',
    prefix VARCHAR(8) NOT NULL COMMENT 'first characters of the token, to tell it by',
    created_by VARCHAR(190) NOT NULL COMMENT 'who made it',
    created_at DATETIME(6) NOT NULL COMMENT 'when it was made',
    expires DATETIME(6) NULL COMMENT 'when it ends; NULL: never',
    PRIMARY KEY (id),
    KEY definition_id (definition_id),
    CONSTRAINT apid_token_definition FOREIGN KEY (definition_id) REFERENCES apid_definition (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Tokens of webhooks';

CREATE TABLE IF NOT EXISTS apid_update (
    id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key, in order of time',
    module VARCHAR(190) NOT NULL COMMENT 'name of the module',
    record VARCHAR(190) NOT NULL COMMENT 'id of the record, without the prefix of its module',
    operation VARCHAR(10) NOT NULL COMMENT 'create, update or delete',
    label VARCHAR(255) NOT NULL COMMENT 'what people see: API Designer - ...',
    api VARCHAR(190) NOT NULL COMMENT 'name of the definition',
    version INT NOT NULL COMMENT 'its version; 0: a draft',
    user VARCHAR(190) NULL COMMENT 'who did it: the caller, or the owner of the webhook',
    source VARCHAR(10) NOT NULL COMMENT 'api or webhook',
    request_id VARCHAR(64) NULL COMMENT 'the request, as the logs name it',
    at DATETIME(6) NOT NULL COMMENT 'when',
    changes LONGTEXT NOT NULL COMMENT 'JSON: [{"field":"email","old":"a@b.example","new":null}, ...]',
    PRIMARY KEY (id),
    KEY record (module, record, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Updates: the history of records, written with the change itself';

INSERT INTO apid_revision (id, value) SELECT 1, 1 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM apid_revision);

INSERT INTO apid_meta (name, value) SELECT 'schema', '1' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM apid_meta WHERE name = 'schema');
