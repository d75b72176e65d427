-- name: by_lane
-- How many imports have not ended, by lane and by what becomes of them, and for how many seconds the
-- oldest of those has waited that no worker has. All of it is in the index of unfinished imports.
SELECT lane, state, count(*),
    coalesce(max(extract(epoch FROM clock_timestamp() - since)), 0)::double precision
FROM (
    SELECT lane,
        CASE
            WHEN status = 'queued' THEN 'queued'
            WHEN lease_owner IS NULL THEN 'waiting'
            WHEN lease_expires_at < clock_timestamp() THEN 'silent'
            ELSE 'running'
        END AS state,
        CASE
            WHEN status = 'queued' THEN coalesce(released_at, created_at)
            WHEN lease_owner IS NULL THEN released_at
            WHEN lease_expires_at < clock_timestamp() THEN lease_expires_at
        END AS since
    FROM contact_imports
    WHERE status IN ('queued', 'in_progress')
) AS unfinished
GROUP BY lane, state;

-- name: rows_per_second
-- The speed of an import is forgotten when no batch has come for a while, as it is for clients.
SELECT coalesce(sum(rows_per_second), 0)::double precision
FROM contact_imports
WHERE status = 'in_progress' AND last_batch_at > clock_timestamp() - %(known)s;
