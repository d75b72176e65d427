-- The statements of the walk through a team's contacts after ids of topics that are no more.

-- name: lock_next
SELECT team_id, walked_to FROM topic_orphan_walks
ORDER BY team_id
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: find_chosen
SELECT DISTINCT chosen.id FROM contacts AS c, jsonb_object_keys(c.topics) AS chosen (id)
WHERE c.team_id = %(team_id)s AND c.id > %(after)s AND c.id <= %(last)s;

-- name: find_orphans
-- Looked up after the contacts: who chooses a topic holds its row, so that an id in a contact that
-- has no row is that of a topic which has ended. Deleted ones have theirs until they are purged.
SELECT chosen.id FROM unnest(%(chosen)s::text[]) AS chosen (id)
WHERE NOT EXISTS (
    SELECT FROM topics AS t WHERE t.team_id = %(team_id)s AND t.id::text = chosen.id
);

-- name: clear_chunk
-- Contacts are locked in the order of their addresses, as imports lock them.
WITH holders AS MATERIALIZED (
    SELECT id FROM contacts
    WHERE team_id = %(team_id)s AND id > %(after)s AND id <= %(last)s
        AND topics ?| %(orphans)s::text[]
    ORDER BY email
    FOR NO KEY UPDATE
)
UPDATE contacts AS c SET topics = c.topics - %(orphans)s::text[]
FROM holders
WHERE c.team_id = %(team_id)s AND c.id = holders.id;

-- name: remember
UPDATE topic_orphan_walks SET walked_to = %(last)s WHERE team_id = %(team_id)s;

-- name: delete
DELETE FROM topic_orphan_walks WHERE team_id = %(team_id)s;
