-- name: enlarge_temp_buffers
SET temp_buffers = '64MB';

-- name: make_shadows
-- From here on this connection's `contacts` and `segment_memberships` are temporary tables, which
-- come first wherever a name is looked up. The views are made before them and keep their tables.
CREATE TEMPORARY VIEW stored_contacts AS SELECT * FROM contacts;
CREATE TEMPORARY VIEW stored_memberships AS SELECT * FROM segment_memberships;
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

-- name: find_joining
-- The stored contacts of a batch that are not yet in every segment they are to join.
SELECT coalesce(array_agg(b.email), '{}')
FROM import_batch AS b
CROSS JOIN LATERAL (
    SELECT id FROM stored_contacts
    WHERE team_id = %(team_id)s AND email = b.email
    LIMIT 1
) AS s
WHERE EXISTS (
    SELECT FROM segments AS g
    WHERE g.team_id = %(team_id)s AND g.id = ANY(%(segments)s::uuid[]) AND g.deleted_at IS NULL
        AND (
            SELECT true FROM stored_memberships AS m
            WHERE m.team_id = %(team_id)s AND m.segment_id = g.id AND m.contact_id = s.id
        ) IS NULL
);

-- name: find_joins
-- The segments that contacts are to join and are not yet in, in the import's order.
SELECT e.email, array_agg(g.id::text ORDER BY wanted.number)
FROM unnest(%(emails)s::text[]) AS e (email)
CROSS JOIN unnest(%(segments)s::uuid[]) WITH ORDINALITY AS wanted (id, number)
JOIN segments AS g ON g.team_id = %(team_id)s AND g.id = wanted.id AND g.deleted_at IS NULL
LEFT JOIN stored_contacts AS s ON s.team_id = %(team_id)s AND s.email = e.email
WHERE NOT EXISTS (
    SELECT FROM stored_memberships AS m
    WHERE m.team_id = %(team_id)s AND m.segment_id = g.id AND m.contact_id = s.id
)
GROUP BY e.email;

-- name: states
SELECT email, first_name, last_name, unsubscribed, properties, topics
FROM contacts
WHERE team_id = %(team_id)s AND email = ANY(%(emails)s::text[]);

-- name: record_changes
UPDATE contact_imports SET changes = %(changes)s
WHERE team_id = %(team_id)s AND id = %(import_id)s;
