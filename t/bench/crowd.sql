-- 100,000 definitions more, all like "one", each with a path of its own.
UPDATE apid_revision SET value = value + 1;
SET @document = (SELECT v.document FROM apid_version v JOIN apid_definition d
    ON d.id = v.definition_id AND v.version = d.live_version WHERE d.name = 'one');
INSERT INTO apid_definition (name, kind, method, path, route, module, live_version, revision)
    SELECT CONCAT('Bulk ', seq), 'api', 'get', CONCAT('bulk/', seq, '/{id}'),
        CONCAT('bulk/', seq, '/{}'), 'Bench', 1, (SELECT value FROM apid_revision)
    FROM seq_1_to_100000;
INSERT INTO apid_version (definition_id, version, document, published_by, published_at)
    SELECT id, 1, REPLACE(REPLACE(@document, 'name="one"', CONCAT('name="', name, '"')),
        'path="one/{id}"', CONCAT('path="', path, '"')), 'bulk', UTC_TIMESTAMP(6)
    FROM apid_definition WHERE name LIKE 'Bulk %';
