-- name: claim
-- Take an import that is waiting, or whose worker has been silent for longer than its lease. A row
-- that another worker holds locked is in good hands.
UPDATE contact_imports SET
    status = 'in_progress',
    started_at = coalesce(started_at, now()),
    lease_owner = %(owner)s,
    lease_expires_at = now() + make_interval(secs => %(lease_seconds)s),
    attempts = attempts + 1,
    claims = claims + 1
WHERE (team_id, id) IN (
    SELECT team_id, id FROM contact_imports
    WHERE team_id = %(team_id)s AND id = %(import_id)s
        AND (status = 'queued' OR (status = 'in_progress' AND lease_expires_at < now()))
    FOR UPDATE SKIP LOCKED
)
RETURNING object_key, dialect, column_map, on_conflict, segments, topics, position, attempts,
    error_code;

-- name: hold
-- Lock the import for the transaction of one batch, if the lease is still ours.
UPDATE contact_imports
SET lease_expires_at = now() + make_interval(secs => %(lease_seconds)s)
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s;

-- name: release
-- Give the import back: to the next worker at once, or after a pause when something went wrong.
UPDATE contact_imports SET
    lease_owner = NULL,
    lease_expires_at = now() + make_interval(secs => %(pause)s),
    attempts = greatest(attempts - %(forgiven)s, 0),
    error_code = %(error_code)s
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s;

-- name: waiting
-- What a bell should be rung for. Parameters: limit.
SELECT team_id, id, claims FROM contact_imports
WHERE status = 'queued' OR (status = 'in_progress' AND lease_expires_at < now())
ORDER BY created_at
LIMIT %(limit)s;
