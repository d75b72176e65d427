-- name: waiting
-- What the two statements that follow begin with. `teams` are those with unfinished imports, found
-- by one step through the index each, however many imports they have; `waiting` are the first
-- imports of each team in a lane that nobody works on, with the number of those somebody does
-- work on and the time of the team's last turn. Parameters: lane; suspects, whether also those are
-- asked for that are tried alone; row_format, the latest that the worker understands.
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
                AND row_format <= %(row_format)s
                AND (%(suspects)s OR NOT is_suspect AND lease_owner IS NULL)
            ORDER BY id
            LIMIT 8
        )
        UNION ALL
        (
            SELECT id FROM contact_imports
            WHERE team_id = turns.team_id AND lane = %(lane)s AND status = 'queued'
                AND row_format <= %(row_format)s
                AND (%(suspects)s OR NOT is_suspect)
            ORDER BY id
            LIMIT 8
        )
    ) AS i
)

-- name: claim_next
-- Take an import that is waiting, or whose worker has been silent for longer than its lease. A row
-- that another worker holds locked is in good hands, or its session is ended before long.
--
-- An import that nobody has given back is suspected of having brought down its worker until a batch
-- of it is committed. An attempt that ended so is one of a kind of its own. If the import was alone,
-- it `is_lost`, for which there is a limit of its own: its worker may have ended for any reason.
, next AS (
    SELECT i.team_id, i.id, i.is_alone AND i.lease_owner IS NOT NULL AS is_lost
    FROM waiting
    JOIN contact_imports AS i USING (team_id, id)
    WHERE i.status = 'queued' OR (i.status = 'in_progress' AND i.lease_expires_at < now())
    ORDER BY waiting.running, waiting.last NULLS FIRST, i.id
    LIMIT 1
    FOR UPDATE OF i SKIP LOCKED
),
claimed AS (
    UPDATE contact_imports AS i SET
        status = 'in_progress',
        started_at = coalesce(started_at, now()),
        claimed_at = clock_timestamp(),
        lease_owner = %(owner)s,
        lease_expires_at = now() + make_interval(secs => %(lease_seconds)s),
        released_at = NULL,
        is_suspect = is_suspect OR lease_owner IS NOT NULL,
        is_alone = false,
        attempts = CASE
            WHEN lease_owner IS NULL THEN attempts + 1
            WHEN next.is_lost THEN attempts
            WHEN error_code IS NOT NULL THEN 2
            ELSE attempts + 1
        END,
        losses = losses + next.is_lost::int,
        error_code = CASE WHEN lease_owner IS NULL OR next.is_lost THEN error_code END,
        revision = revision + 1,
        rows_per_second = NULL
    FROM next
    WHERE i.team_id = next.team_id AND i.id = next.id
    RETURNING i.*, next.is_lost
),
registered AS (
    INSERT INTO contact_import_sessions
        (team_id, import_id, lease_owner, backend_pid, backend_start)
    SELECT claimed.team_id, claimed.id, claimed.lease_owner, own.pid, own.backend_start
    FROM claimed
    CROSS JOIN LATERAL pg_stat_get_activity(pg_backend_pid()) AS own
)
SELECT i.*, pg_backend_pid() AS backend_pid,
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now,
    EXISTS (
        SELECT FROM contact_import_cancellations AS c
        WHERE c.team_id = i.team_id AND c.import_id = i.id
    ) AS is_cancelled
FROM claimed AS i;

-- name: read_claim
-- What was claimed under a lease that is still held.
SELECT i.*, false AS is_lost, pg_backend_pid() AS backend_pid,
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now,
    EXISTS (
        SELECT FROM contact_import_cancellations AS c
        WHERE c.team_id = i.team_id AND c.import_id = i.id
    ) AS is_cancelled
FROM contact_imports AS i
WHERE i.team_id = %(team_id)s AND i.id = %(import_id)s
    AND i.status = 'in_progress' AND i.lease_owner = %(owner)s;

-- name: is_turn_over
SELECT EXISTS (
    SELECT FROM waiting
    WHERE waiting.running < (SELECT running FROM turns WHERE team_id = %(team_id)s)
);
