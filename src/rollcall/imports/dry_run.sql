-- name: enlarge_temp_buffers
SET temp_buffers = '64MB';

-- name: make_shadows
-- From here on this connection's `contacts` and `segment_memberships` are temporary tables, which
-- come first wherever a name is looked up. The view is made before them and keeps its table.
CREATE TEMPORARY VIEW stored_contacts AS SELECT * FROM contacts;
CREATE TEMPORARY TABLE contacts (LIKE contacts INCLUDING ALL);
CREATE TEMPORARY TABLE segment_memberships (LIKE segment_memberships INCLUDING ALL);

-- name: copy_stored
-- The stored contacts of a batch, but for those that an earlier batch has copied or created.
INSERT INTO contacts
SELECT s.*
FROM import_batch AS b
CROSS JOIN LATERAL (
    SELECT * FROM stored_contacts
    WHERE team_id = %(team_id)s AND email = b.email
    LIMIT 1
) AS s
ORDER BY s.email
ON CONFLICT DO NOTHING;

-- name: restart
UPDATE contact_imports SET
    total = 0, created = 0, updated = 0, skipped = 0, failed = 0,
    failures = '{}', warnings = '{}', changes = '[]',
    position = 0, resume_row = 0, resume_offset = 0,
    revision = revision + 1
WHERE team_id = %(team_id)s AND id = %(import_id)s;

-- name: forget_failures
DELETE FROM contact_import_failures WHERE team_id = %(team_id)s AND import_id = %(import_id)s;

-- name: forget_warnings
DELETE FROM contact_import_warnings WHERE team_id = %(team_id)s AND import_id = %(import_id)s;

-- name: stored_states
SELECT email, first_name, last_name, unsubscribed, properties, topics
FROM stored_contacts
WHERE team_id = %(team_id)s AND email = ANY(%(emails)s::text[]);

-- name: states
SELECT email, first_name, last_name, unsubscribed, properties, topics
FROM contacts
WHERE team_id = %(team_id)s AND email = ANY(%(emails)s::text[]);

-- name: record_changes
UPDATE contact_imports SET changes = %(changes)s
WHERE team_id = %(team_id)s AND id = %(import_id)s;
