-- name: waiting
-- What the two statements that follow begin with. `teams` are those with unfinished imports, found
-- by one step through the index each, however many imports they have; `waiting` are the first
-- imports of each team in a lane that nobody works on, with the number of those somebody does
-- work on and the time of the team's last turn. Parameters: lane.
WITH RECURSIVE teams AS (
    (
        SELECT team_id FROM contact_imports
        WHERE status IN ('queued', 'in_progress')
        ORDER BY team_id
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT i.team_id FROM contact_imports AS i
        WHERE i.status IN ('queued', 'in_progress') AND i.team_id > teams.team_id
        ORDER BY i.team_id
        LIMIT 1
    )
    FROM teams
    WHERE teams.team_id IS NOT NULL
),
turns AS (
    SELECT teams.team_id, turn.running, turn.last
    FROM teams
    CROSS JOIN LATERAL (
        SELECT
            count(*) FILTER (
            WHERE i.lease_owner IS NOT NULL AND i.lease_expires_at >= now()
        ) AS running,
            max(i.claimed_at) AS last
        FROM contact_imports AS i
        WHERE i.team_id = teams.team_id AND i.lane = %(lane)s AND i.status = 'in_progress'
    ) AS turn
),
waiting AS (
    SELECT turns.team_id, i.id, turns.running, turns.last
    FROM turns
    CROSS JOIN LATERAL (
        (
            SELECT id FROM contact_imports
            WHERE team_id = turns.team_id AND lane = %(lane)s
                AND status = 'in_progress' AND lease_expires_at < now()
            ORDER BY id
            LIMIT 8
        )
        UNION ALL
        (
            SELECT id FROM contact_imports
            WHERE team_id = turns.team_id AND lane = %(lane)s AND status = 'queued'
            ORDER BY id
            LIMIT 8
        )
    ) AS i
)

-- name: claim_next
-- Take an import that is waiting, or whose worker has been silent for longer than its lease. A row
-- that another worker holds locked is in good hands.
, next AS (
    SELECT i.team_id, i.id
    FROM waiting
    JOIN contact_imports AS i USING (team_id, id)
    WHERE i.status = 'queued' OR (i.status = 'in_progress' AND i.lease_expires_at < now())
    ORDER BY waiting.running, waiting.last NULLS FIRST, i.id
    LIMIT 1
    FOR UPDATE OF i SKIP LOCKED
)
UPDATE contact_imports AS i SET
    status = 'in_progress',
    started_at = coalesce(started_at, now()),
    claimed_at = clock_timestamp(),
    lease_owner = %(owner)s,
    lease_expires_at = now() + make_interval(secs => %(lease_seconds)s),
    attempts = attempts + 1,
    revision = revision + 1,
    rows_per_second = NULL
FROM next
WHERE i.team_id = next.team_id AND i.id = next.id
RETURNING i.team_id, i.id, i.object_key, i.dialect, i.column_map, i.on_conflict,
    i.resubscribe, i.dry_run, i.segments, i.topics, i.position, i.resume_row, i.resume_offset,
    i.attempts, i.error_code,
    EXISTS (
        SELECT FROM contact_import_cancellations AS c
        WHERE c.team_id = i.team_id AND c.import_id = i.id
    ) AS is_cancelled;

-- name: is_turn_over
SELECT EXISTS (
    SELECT FROM waiting
    WHERE waiting.running < (SELECT running FROM turns WHERE team_id = %(team_id)s)
);

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
UPDATE contact_imports SET
    lease_owner = NULL,
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
