-- name: find_schema
-- Where the tables are that the copies stand before. What is temporary is no part of this path.
SELECT n.nspname
FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (name, number)
JOIN pg_namespace AS n ON n.nspname = path.name
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'contacts'
ORDER BY path.number
LIMIT 1;

-- name: copy_stored
-- The stored contacts of a batch, but for those that an earlier batch has copied or created.
INSERT INTO contacts
SELECT s.*
FROM unnest(%(emails)s::text[]) AS b (email)
CROSS JOIN LATERAL (
    SELECT * FROM {stored_contacts}
    WHERE team_id = %(team_id)s AND email = b.email
    LIMIT 1
) AS s
ON CONFLICT DO NOTHING;

-- name: stored_states
SELECT email, first_name, last_name, unsubscribed, properties, topics
FROM {stored_contacts}
WHERE team_id = %(team_id)s AND email = ANY(%(emails)s::text[]);

-- name: live_segments
SELECT id FROM segments
WHERE team_id = %(team_id)s AND id = ANY(%(segments)s::uuid[]) AND deleted_at IS NULL
ORDER BY array_position(%(segments)s::uuid[], id);

-- name: find_joining
-- The stored contacts of a batch that are not yet in every segment they are to join.
SELECT coalesce(array_agg(b.email), ARRAY[]::text[])
FROM unnest(%(emails)s::text[]) AS b (email)
CROSS JOIN LATERAL (
    SELECT id FROM {stored_contacts}
    WHERE team_id = %(team_id)s AND email = b.email
    LIMIT 1
) AS s
WHERE EXISTS (
    SELECT FROM unnest(%(segments)s::uuid[]) AS g (id)
    WHERE (
        SELECT true FROM {stored_memberships} AS m
        WHERE m.team_id = %(team_id)s AND m.segment_id = g.id AND m.contact_id = s.id
    ) IS NULL
);

-- name: find_joins
-- The segments that contacts are to join and are not yet in, in the import's order.
SELECT e.email, array_agg(g.id::text ORDER BY g.number)
FROM unnest(%(emails)s::text[]) AS e (email)
CROSS JOIN unnest(%(segments)s::uuid[]) WITH ORDINALITY AS g (id, number)
LEFT JOIN {stored_contacts} AS s ON s.team_id = %(team_id)s AND s.email = e.email
WHERE NOT EXISTS (
    SELECT FROM {stored_memberships} AS m
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
