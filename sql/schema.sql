-- SPDX-License-Identifier: Apache-2.0
--
-- schema.sql: the tables of mod_apidesigner itself, for MySQL 8.0 and MariaDB
-- 10.6 or later. `apidesignerctl init` runs it, and then those of upgrade-2.sql
-- and its successors that the tables need; running it again changes nothing.
-- Statements end with ';' at the end of a line. Names compare by
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
    minute_limit INT NULL COMMENT 'calls in a minute; NULL: no limit',
    day_limit INT NULL COMMENT 'calls in a day; NULL: no limit',
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
    COMMENT='Groups of users, who have the rights of all their groups';

CREATE TABLE IF NOT EXISTS apid_user_group (
    user_id BIGINT NOT NULL COMMENT 'key of the user',
    group_id BIGINT NOT NULL COMMENT 'key of the group',
    PRIMARY KEY (user_id, group_id),
    KEY group_id (group_id),
    CONSTRAINT apid_user_group_user FOREIGN KEY (user_id) REFERENCES apid_user (id) ON DELETE CASCADE,
    CONSTRAINT apid_user_group_group FOREIGN KEY (group_id) REFERENCES apid_group (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Which users are in which groups';

CREATE TABLE IF NOT EXISTS apid_right (
    group_id BIGINT NOT NULL COMMENT 'key of the group',
    module VARCHAR(190) NOT NULL COMMENT 'name of the module; *: all those that the group has no row of its own for',
    may_create TINYINT NOT NULL COMMENT '1: makes records',
    may_read TINYINT NOT NULL COMMENT '1: reads records',
    may_update TINYINT NOT NULL COMMENT '1: changes records',
    may_delete TINYINT NOT NULL COMMENT '1: deletes records',
    scope VARCHAR(3) NOT NULL COMMENT 'all; own: records whose owner is the user, only',
    hidden TEXT NOT NULL COMMENT 'fields that are not read, names separated by commas',
    readonly TEXT NOT NULL COMMENT 'fields that are not written, names separated by commas',
    PRIMARY KEY (group_id, module),
    CONSTRAINT apid_right_group FOREIGN KEY (group_id) REFERENCES apid_group (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='What groups may do; what no group of a user may is denied';

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
    minute_limit INT NULL COMMENT 'calls in a minute; NULL: no limit',
    day_limit INT NULL COMMENT 'calls in a day; NULL: no limit',
    PRIMARY KEY (id),
    KEY definition_id (definition_id),
    CONSTRAINT apid_token_definition FOREIGN KEY (definition_id) REFERENCES apid_definition (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Tokens of webhooks';

CREATE TABLE IF NOT EXISTS apid_update (
    id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key, in order of time',
    module VARCHAR(190) NOT NULL COMMENT 'name of the module',
    record VARCHAR(9216) NOT NULL COMMENT 'id of the record, without the prefix of its module: the longest key, each byte of it encoded',
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
    KEY record (module, record(190), id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Updates: the history of records, written with the change itself';

CREATE TABLE IF NOT EXISTS apid_usage (
    subject VARCHAR(10) NOT NULL COMMENT 'of what calls are counted: definition, user, token or server',
    id BIGINT NOT NULL COMMENT 'key of the definition, user or token; of a server: a number of its own',
    node VARCHAR(190) NOT NULL COMMENT 'the server that counted them: APIDesignerNode',
    minute_calls BIGINT NOT NULL COMMENT 'calls in the minute before at',
    day_calls BIGINT NOT NULL COMMENT 'calls in the day before at',
    hours VARCHAR(1000) NOT NULL COMMENT 'the calls of the day by the hour: JSON, [[hours since 1970, calls], ...]',
    at DATETIME(6) NOT NULL COMMENT 'when this was written',
    PRIMARY KEY (subject, id, node),
    KEY at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Calls that count towards limits: what servers tell each other, and themselves after a restart';

CREATE TABLE IF NOT EXISTS apid_activity (
    minute DATETIME NOT NULL COMMENT 'the minute in which requests were answered',
    definition_id BIGINT NOT NULL COMMENT 'key of the definition; 0: none was found',
    version INT NOT NULL COMMENT 'the version that answered; 0: none',
    user_id BIGINT NOT NULL COMMENT 'key of the user who acted; 0: unknown',
    token_id BIGINT NOT NULL COMMENT 'key of the token that was shown; 0: none',
    status SMALLINT NOT NULL COMMENT 'HTTP status',
    calls INT UNSIGNED NOT NULL COMMENT 'requests',
    micros BIGINT UNSIGNED NOT NULL COMMENT 'microseconds that they took together',
    l0 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 0.1 ms',
    l1 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 0.2 ms',
    l2 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 0.5 ms',
    l3 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 1 ms',
    l4 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 2 ms',
    l5 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 5 ms',
    l6 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 10 ms',
    l7 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 20 ms',
    l8 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 50 ms',
    l9 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 100 ms',
    l10 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 200 ms',
    l11 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 500 ms',
    l12 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 1000 ms',
    l13 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 2000 ms',
    l14 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took up to 5000 ms',
    l15 INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests that took longer',
    PRIMARY KEY (minute, definition_id, version, user_id, token_id, status),
    KEY definition (definition_id, minute)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='What was called, by the minute, with a histogram of the time it took; of all servers';

CREATE TABLE IF NOT EXISTS apid_use (
    subject VARCHAR(10) NOT NULL COMMENT 'user or token',
    id BIGINT NOT NULL COMMENT 'its key',
    at DATETIME NOT NULL COMMENT 'when it called last',
    PRIMARY KEY (subject, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='When access keys and tokens were used last';

CREATE TABLE IF NOT EXISTS apid_refusal (
    id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key, in order of writing',
    at DATETIME(6) NOT NULL COMMENT 'when the request came',
    request_id VARCHAR(64) NOT NULL COMMENT 'the request, as answers and logs name it',
    name VARCHAR(190) NOT NULL COMMENT 'the definition, empty if none was found',
    version INT NOT NULL COMMENT 'its version; 0: none',
    method VARCHAR(12) NOT NULL COMMENT 'as it was sent',
    user VARCHAR(190) NOT NULL COMMENT 'who acted, empty if unknown',
    address VARCHAR(48) NOT NULL COMMENT 'where the request came from',
    status SMALLINT NOT NULL COMMENT 'HTTP status',
    code VARCHAR(40) NOT NULL COMMENT 'code of the error',
    reason VARCHAR(250) NOT NULL COMMENT 'why, in the words of the error log',
    PRIMARY KEY (id),
    KEY request_id (request_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='The last requests that were refused; the oldest go (APIDesignerRefusals)';

CREATE TABLE IF NOT EXISTS apid_replay (
    id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
    digest BINARY(32) NOT NULL COMMENT 'SHA-256 of user, definition and Idempotency-Key',
    asked BINARY(32) NOT NULL COMMENT 'SHA-256 of what was sent: another request under the key is refused',
    at DATETIME(6) NOT NULL COMMENT 'when; it is kept for APIDesignerReplayTTL',
    status SMALLINT NOT NULL DEFAULT 0 COMMENT 'HTTP status of the answer; 0: the request still runs',
    headers VARCHAR(2000) NOT NULL DEFAULT '' COMMENT 'headers of the answer, one a line',
    body MEDIUMBLOB NULL COMMENT 'body of the answer; NULL: none',
    PRIMARY KEY (id),
    UNIQUE KEY apid_replay_digest (digest),
    KEY at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    COMMENT='Answers to requests with an Idempotency-Key, written with the change itself';

INSERT INTO apid_revision (id, value) SELECT 1, 1 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM apid_revision);

-- A new installation has a group that may do everything; users are put into it
-- unless another one is named. It can be dropped, and does not come again.
INSERT INTO apid_group (name) SELECT 'everyone' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM apid_meta WHERE name = 'schema');

INSERT INTO apid_right (group_id, module, may_create, may_read, may_update, may_delete, scope, hidden, readonly) SELECT id, '*', 1, 1, 1, 1, 'all', '', '' FROM apid_group WHERE name = 'everyone' AND NOT EXISTS (SELECT 1 FROM apid_meta WHERE name = 'schema');

INSERT INTO apid_meta (name, value) SELECT 'schema', '3' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM apid_meta WHERE name = 'schema');
