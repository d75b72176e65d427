-- The statements of the sweep after deleted segments, each parametrised by one of them.

-- name: lock_deleted
-- A segment that nobody adds contacts to any more: whoever began to before it was deleted holds
-- its row locked.
SELECT team_id, id FROM segments
WHERE deleted_at IS NOT NULL
ORDER BY deleted_at
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: delete_memberships
-- Memberships that end with their contact at this very moment are skipped, and not waited for. As
-- a plain subquery the chunk could be read more than once, and be another one each time.
WITH chunk AS MATERIALIZED (
    SELECT contact_id FROM segment_memberships
    WHERE team_id = %(team_id)s AND segment_id = %(id)s
    ORDER BY contact_id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
DELETE FROM segment_memberships AS m USING chunk
WHERE m.team_id = %(team_id)s AND m.segment_id = %(id)s AND m.contact_id = chunk.contact_id;

-- name: has_members
SELECT EXISTS (
    SELECT FROM segment_memberships
    WHERE team_id = %(team_id)s AND segment_id = %(id)s
);

-- name: delete
-- Its row is locked, so that nobody has joined since it was found empty.
DELETE FROM segments WHERE team_id = %(team_id)s AND id = %(id)s;
