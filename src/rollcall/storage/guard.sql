-- The statements about the storage that belongs to the database.

-- name: lock
-- Processes that start at the same moment mark a new storage once. The lock ends with the
-- transaction.
SELECT pg_advisory_xact_lock(7265019335);

-- name: read
SELECT marker FROM operations.storage;

-- name: write
INSERT INTO operations.storage (marker) VALUES (%(marker)s)
ON CONFLICT (is_only) DO UPDATE SET marker = excluded.marker, adopted_at = now();

-- name: has_unfinished_imports
SELECT EXISTS (SELECT FROM contact_imports WHERE status IN ('queued', 'in_progress'));
