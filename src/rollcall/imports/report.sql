-- name: record_batch
-- The lease's holder has the row locked since the batch began.
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
    attempts = 0,
    error_code = NULL,
    lease_expires_at = clock_timestamp() + make_interval(secs => %(lease_seconds)s)
WHERE team_id = %(team_id)s AND id = %(import_id)s;

-- name: complete
UPDATE contact_imports SET
    status = 'completed', completed_at = clock_timestamp(),
    lease_owner = NULL, lease_expires_at = NULL
WHERE team_id = %(team_id)s AND id = %(import_id)s;

-- name: fail
UPDATE contact_imports SET
    status = 'failed', completed_at = clock_timestamp(), error_code = %(error_code)s,
    lease_owner = NULL, lease_expires_at = NULL
WHERE team_id = %(team_id)s AND id = %(import_id)s
    AND status = 'in_progress' AND lease_owner = %(owner)s;
