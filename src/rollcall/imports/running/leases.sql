-- name: is_kept
SELECT FROM contact_imports
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s
    AND lease_expires_at > now() - make_interval(secs => %(lease_seconds)s);

-- name: isolate
-- Note that the import is tried alone.
UPDATE contact_imports SET is_alone = true
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s;

-- name: hold
-- Lock the import for the transaction of one batch, if the lease is still ours. Batches that are at
-- work at the same time share this lock; whoever claims or ends an import needs it alone.
SELECT EXISTS (
    SELECT FROM contact_import_cancellations AS c
    WHERE c.team_id = %(team_id)s AND c.import_id = %(import_id)s
)
FROM contact_imports
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s
FOR KEY SHARE OF contact_imports;

-- name: renew
UPDATE contact_imports
SET lease_expires_at = now() + make_interval(secs => %(lease_seconds)s)
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s
RETURNING EXISTS (
    SELECT FROM contact_import_cancellations AS c
    WHERE c.team_id = %(team_id)s AND c.import_id = %(import_id)s
);

-- name: release
-- Give the import back: to the next worker at once, or after a pause when something went wrong,
-- which is twice as long every time. What went wrong before counts until a batch is committed, or
-- until something else goes wrong, which has a limit of its own.
WITH ended AS (
    DELETE FROM contact_import_sessions
    WHERE team_id = %(team_id)s AND import_id = %(import_id)s AND lease_owner = %(owner)s
)
UPDATE contact_imports SET
    lease_owner = NULL,
    released_at = now(),
    lease_expires_at = now() + make_interval(
        secs => least(%(pause)s * power(2, greatest(attempts - 1, 0)), %(longest_pause)s)
    ),
    attempts = CASE
        WHEN error_code <> %(error_code)s::text THEN 1
        ELSE greatest(attempts - %(forgiven)s, 0)
    END,
    error_code = coalesce(%(error_code)s, error_code),
    revision = revision + 1,
    rows_per_second = NULL
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s
RETURNING extract(epoch FROM lease_expires_at - now())::double precision;

-- name: give_back_crashed
-- Give back an import that was tried alone and has brought down its process, or was lost together
-- with its worker, which its claim has counted. It waits twice as long every time. Other things that
-- went wrong before have a limit of their own.
WITH ended AS (
    DELETE FROM contact_import_sessions
    WHERE team_id = %(team_id)s AND import_id = %(import_id)s AND lease_owner = %(owner)s
)
UPDATE contact_imports SET
    lease_owner = NULL,
    released_at = now(),
    lease_expires_at = now() + make_interval(
        secs => least(
            %(pause)s * power(2, greatest(crashes + %(crashes)s + losses - 1, 0)),
            %(longest_pause)s
        )
    ),
    attempts = CASE
        WHEN error_code <> 'worker_crashed' THEN 0
        ELSE greatest(attempts - 1, 0)
    END,
    crashes = crashes + %(crashes)s,
    error_code = 'worker_crashed',
    revision = revision + 1,
    rows_per_second = NULL
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s
RETURNING crashes;
