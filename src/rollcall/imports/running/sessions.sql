-- Which sessions of the database work for which lease. They are kept apart from the import's row,
-- which a session that hangs may have locked.

-- name: register
-- Nothing is registered for a lease that is over.
INSERT INTO contact_import_sessions (team_id, import_id, lease_owner, backend_pid, backend_start)
SELECT i.team_id, i.id, i.lease_owner, own.pid, own.backend_start
FROM contact_imports AS i
CROSS JOIN pg_stat_get_activity(pg_backend_pid()) AS own
WHERE i.team_id = %(team_id)s AND i.id = %(import_id)s
    AND i.status = 'in_progress' AND i.lease_owner = %(owner)s
ON CONFLICT (team_id, import_id, lease_owner, backend_pid)
DO UPDATE SET backend_start = excluded.backend_start;

-- name: unregister_others
DELETE FROM contact_import_sessions
WHERE team_id = %(team_id)s AND import_id = %(import_id)s AND lease_owner = %(owner)s
    AND backend_pid <> pg_backend_pid();

-- name: unregister
DELETE FROM contact_import_sessions
WHERE team_id = %(team_id)s AND import_id = %(import_id)s AND lease_owner = %(owner)s
    AND backend_pid = pg_backend_pid();

-- name: end_others
-- Until they are gone, for a second at most each, so that their locks are.
SELECT pg_terminate_backend(a.pid, 1000)
FROM contact_import_sessions AS s
JOIN pg_stat_get_activity(NULL) AS a ON a.pid = s.backend_pid AND a.backend_start = s.backend_start
WHERE s.team_id = %(team_id)s AND s.import_id = %(import_id)s AND s.lease_owner = %(owner)s
    AND a.pid <> pg_backend_pid();

-- name: cancel
-- Have what the sessions of some leases wait for or do end with an error.
SELECT pg_cancel_backend(a.pid)
FROM contact_import_sessions AS s
JOIN pg_stat_get_activity(NULL) AS a ON a.pid = s.backend_pid AND a.backend_start = s.backend_start
WHERE s.lease_owner = ANY(%(owners)s::uuid[]) AND a.state = 'active';

-- name: end_abandoned
-- End the sessions of leases that are over: their worker is frozen or cannot be reached, and what
-- they have locked would keep everybody else away. A number is used again by the system, so the
-- time at which the session began has to be the same. The import is looked up for each of the few
-- sessions there are, whatever the statistics say. Of an import that somebody has cancelled, the
-- worker has the time of a lease to hear that. Nobody waits for the end of one: the same connection
-- renews leases, and looks again soon. Parameters: own, the leases of this process.
SELECT s.team_id, s.import_id, s.backend_pid, pg_terminate_backend(a.pid) AS is_ended
FROM contact_import_sessions AS s
CROSS JOIN LATERAL (
    SELECT i.status, i.completed_at, i.lease_owner, i.lease_expires_at
    FROM contact_imports AS i
    WHERE i.team_id = s.team_id AND i.id = s.import_id
    LIMIT 1
) AS i
LEFT JOIN pg_stat_get_activity(NULL) AS a
    ON a.pid = s.backend_pid AND a.backend_start = s.backend_start
WHERE s.lease_owner <> ALL(%(own)s::uuid[]) AND (
    i.status = 'in_progress'
        AND (i.lease_owner IS DISTINCT FROM s.lease_owner OR i.lease_expires_at < now())
    OR i.completed_at < now() - make_interval(secs => %(lease_seconds)s)
);

-- name: forget_ended
-- Those whose rows somebody has locked are left for the next time.
WITH gone AS (
    SELECT s.team_id, s.import_id, s.lease_owner, s.backend_pid
    FROM contact_import_sessions AS s
    WHERE NOT EXISTS (
        SELECT FROM pg_stat_get_activity(s.backend_pid) AS a
        -- Unknown to those who may not see sessions of other roles.
        WHERE a.backend_start = s.backend_start OR a.backend_start IS NULL
    )
    FOR UPDATE SKIP LOCKED
)
DELETE FROM contact_import_sessions AS s USING gone
WHERE s.team_id = gone.team_id AND s.import_id = gone.import_id
    AND s.lease_owner = gone.lease_owner AND s.backend_pid = gone.backend_pid;

-- name: find_stalls
-- Of some sessions, in their order: at what each waits for its client. That changes as soon as it
-- does anything, be it only to take in more of a COPY.
SELECT CASE
    WHEN a.pid IS NULL THEN 'gone'
    WHEN a.wait_event_type = 'Client'
        THEN concat_ws(' ', a.state, a.state_change, a.query_start, copy.bytes_processed)
END
FROM unnest(%(pids)s::int[], %(starts)s::timestamptz[])
    WITH ORDINALITY AS own (pid, backend_start, number)
LEFT JOIN pg_stat_get_activity(NULL) AS a
    ON a.pid = own.pid AND a.backend_start = own.backend_start
LEFT JOIN pg_stat_progress_copy AS copy ON copy.pid = a.pid
ORDER BY own.number;

-- name: renew
-- Keep the leases of the runs of a process. A row that a batch has locked is renewed by its commit.
WITH held AS (
    SELECT i.team_id, i.id
    FROM unnest(%(teams)s::uuid[], %(imports)s::uuid[], %(owners)s::uuid[])
        AS own (team_id, id, lease_owner)
    CROSS JOIN LATERAL (
        SELECT i.team_id, i.id FROM contact_imports AS i
        WHERE i.team_id = own.team_id AND i.id = own.id
            AND i.status = 'in_progress' AND i.lease_owner = own.lease_owner
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS i
)
UPDATE contact_imports AS i
SET lease_expires_at = now() + make_interval(secs => %(lease_seconds)s)
FROM held
WHERE i.team_id = held.team_id AND i.id = held.id;

-- name: find_cancelled
SELECT own.lease_owner
FROM unnest(%(teams)s::uuid[], %(imports)s::uuid[], %(owners)s::uuid[])
    AS own (team_id, id, lease_owner)
WHERE EXISTS (
    SELECT FROM contact_import_cancellations AS c
    WHERE c.team_id = own.team_id AND c.import_id = own.id
);
