-- The statements of the sweep after deleted properties, each parametrised by one of them.

-- name: lock_deleted
-- A property whose values nobody writes any more. Requests and uploads that began before it was
-- deleted hold its row locked; the imports of such uploads are waited for.
SELECT p.team_id, p.id, p.stored_as, p.purged_to FROM contact_properties AS p
WHERE p.deleted_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM contact_imports AS i,
        jsonb_each(i.column_map::jsonb -> 'properties') AS mapped (key, column_)
    WHERE i.team_id = p.team_id AND i.status IN ('queued', 'in_progress')
        AND coalesce(mapped.column_ ->> 'stored_as', mapped.key) = p.stored_as
)
ORDER BY p.deleted_at
LIMIT 1
FOR UPDATE OF p SKIP LOCKED;

-- name: is_awaited
-- The same again after the lock: an upload may have ended while the lock was taken, and its
-- import is visible only to a new statement.
SELECT EXISTS (
    SELECT FROM contact_imports AS i,
        jsonb_each(i.column_map::jsonb -> 'properties') AS mapped (key, column_)
    WHERE i.team_id = %(team_id)s AND i.status IN ('queued', 'in_progress')
        AND coalesce(mapped.column_ ->> 'stored_as', mapped.key) = %(key)s
);

-- name: clear_chunk
-- Contacts are locked in the order of their addresses, as imports lock them.
WITH holders AS MATERIALIZED (
    SELECT id FROM contacts
    WHERE team_id = %(team_id)s AND id > %(after)s AND id <= %(last)s
        AND properties ? %(key)s
    ORDER BY email
    FOR NO KEY UPDATE
)
UPDATE contacts AS c SET properties = c.properties - %(key)s::text
FROM holders
WHERE c.team_id = %(team_id)s AND c.id = holders.id;

-- name: remember
UPDATE contact_properties SET purged_to = %(last)s WHERE team_id = %(team_id)s AND id = %(id)s;

-- name: delete
DELETE FROM contact_properties WHERE team_id = %(team_id)s AND id = %(id)s;
