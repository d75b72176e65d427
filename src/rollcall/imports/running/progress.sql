-- name: record_batch
-- The row is kept from others since the batch began. What went wrong before is forgotten, for there
-- is progress; a dry run, which begins anew each time, would otherwise go on for ever. The speed is a mean that forgets: a
-- batch of `seconds` leaves of what was known before only as much as exp(-seconds / 3).
UPDATE contact_imports SET
    total = total + %(created)s + %(updated)s + %(skipped)s + %(failed)s,
    created = created + %(created)s,
    updated = updated + %(updated)s,
    skipped = skipped + %(skipped)s,
    failed = failed + %(failed)s,
    failures = failures || (
        SELECT coalesce(
            jsonb_object_agg(key, value::bigint + coalesce((failures ->> key)::bigint, 0)), '{}'
        )
        FROM jsonb_each_text(%(failures)s)
    ),
    warnings = warnings || (
        SELECT coalesce(
            jsonb_object_agg(key, value::bigint + coalesce((warnings ->> key)::bigint, 0)), '{}'
        )
        FROM jsonb_each_text(%(warnings)s)
    ),
    position = greatest(position, %(last_row)s),
    resume_row = greatest(resume_row, %(resume_row)s),
    resume_offset = greatest(resume_offset, %(resume_offset)s),
    attempts = CASE WHEN dry_run THEN attempts ELSE 0 END,
    crashes = CASE WHEN dry_run THEN crashes ELSE 0 END,
    losses = CASE WHEN dry_run THEN losses ELSE 0 END,
    error_code = CASE WHEN dry_run THEN error_code END,
    is_suspect = is_suspect AND dry_run,
    revision = revision + 1,
    last_batch_at = clock_timestamp(),
    rows_per_second = (
        SELECT coalesce(pace.now + (rows_per_second - pace.now) * exp(-since.seconds / 3), pace.now)
        FROM (
            SELECT greatest(
                extract(epoch FROM clock_timestamp() - greatest(last_batch_at, claimed_at)), 0.001
            )::double precision AS seconds
        ) AS since
        CROSS JOIN LATERAL (
            SELECT %(rows)s / since.seconds AS now
        ) AS pace
    ),
    lease_expires_at = clock_timestamp() + make_interval(secs => %(lease_seconds)s)
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s;

-- name: lock_for_the_end
-- A cancellation holds FOR KEY SHARE while it is written: it is seen by the next statement, or it
-- waits for the end and sees that.
SELECT FROM contact_imports WHERE team_id = %(team_id)s AND id = %(import_id)s FOR UPDATE;

-- name: end
-- A cancellation was answered with the promise that this is how the import ends, be it that the
-- batch at work was the last, or that something else went wrong.
WITH ended AS (
    DELETE FROM contact_import_sessions
    WHERE team_id = %(team_id)s AND import_id = %(import_id)s AND lease_owner = %(owner)s
)
UPDATE contact_imports AS i SET
    status = CASE WHEN ending.error_code IS NULL THEN 'completed' ELSE 'failed' END,
    error_code = ending.error_code,
    completed_at = clock_timestamp(),
    lease_owner = NULL, lease_expires_at = NULL,
    revision = revision + 1, rows_per_second = NULL
FROM (
    SELECT CASE
        WHEN EXISTS (
            SELECT FROM contact_import_cancellations
            WHERE team_id = %(team_id)s AND import_id = %(import_id)s
        )
        THEN 'cancelled' ELSE %(error_code)s::text
    END AS error_code
) AS ending
WHERE i.team_id = %(team_id)s AND i.id = %(import_id)s
    AND i.status = 'in_progress' AND i.lease_owner = %(owner)s
RETURNING i.status = 'completed', i.error_code;
