-- The statements of the sweep after deleted topics, each parametrised by one of them.

-- name: lock_deleted
-- A topic that nobody chooses for contacts any more. Requests and uploads that began before it was
-- deleted hold its row locked; the imports of such uploads are waited for.
SELECT t.team_id, t.id, t.id::text, t.purged_to FROM topics AS t
WHERE t.deleted_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM contact_imports AS i
    WHERE i.team_id = t.team_id AND i.status IN ('queued', 'in_progress')
        AND i.topics ? t.id::text
)
ORDER BY t.deleted_at
LIMIT 1
FOR UPDATE OF t SKIP LOCKED;

-- name: is_awaited
-- The same again after the lock: an upload may have ended while the lock was taken, and its
-- import is visible only to a new statement.
SELECT EXISTS (
    SELECT FROM contact_imports AS i
    WHERE i.team_id = %(team_id)s AND i.status IN ('queued', 'in_progress')
        AND i.topics ? %(key)s
);

-- name: clear_chunk
-- Contacts are locked in the order of their addresses, as imports lock them.
WITH holders AS MATERIALIZED (
    SELECT id FROM contacts
    WHERE team_id = %(team_id)s AND id > %(after)s AND id <= %(last)s
        AND topics ? %(key)s
    ORDER BY email
    FOR NO KEY UPDATE
)
UPDATE contacts AS c SET topics = c.topics - %(key)s::text
FROM holders
WHERE c.team_id = %(team_id)s AND c.id = holders.id;

-- name: remember
UPDATE topics SET purged_to = %(last)s WHERE team_id = %(team_id)s AND id = %(id)s;

-- name: delete
DELETE FROM topics WHERE team_id = %(team_id)s AND id = %(id)s;
