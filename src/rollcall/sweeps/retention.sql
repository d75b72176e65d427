-- The statements of the sweep after what is kept for a time only. An import counts from its end.

-- name: mark_files
-- Files that are older than they are kept, for all the imports that were begun with them, and that no
-- draft waits with. What is marked was not deleted yet, or by a sweep that may have died at it.
WITH old AS (
    SELECT i.team_id, i.object_key FROM contact_imports AS i
    WHERE NOT EXISTS (
        SELECT FROM contact_import_drafts AS d
        WHERE d.team_id = i.team_id AND i.object_key IN (d.object_key, d.packed_key)
    )
    GROUP BY i.team_id, i.object_key
    HAVING bool_and(
        status IN ('completed', 'failed') AND completed_at < now() - %(age)s
        AND (file_deleted_at IS NULL OR file_deleted_at > now() - interval '1 day')
        AND (file_deleted_at IS NULL OR file_deleted_at < %(began)s)
    )
    LIMIT %(limit)s
)
UPDATE contact_imports AS i SET file_deleted_at = clock_timestamp(), revision = revision + 1
FROM old
WHERE i.team_id = old.team_id AND i.object_key = old.object_key
    AND i.status IN ('completed', 'failed')
RETURNING i.object_key;

-- name: mark_problems
-- The same for failed rows and warnings, an import at a time.
WITH old AS (
    SELECT team_id, id FROM contact_imports
    WHERE status IN ('completed', 'failed') AND completed_at < now() - %(age)s
        AND (failed > 0 OR warnings <> '{}')
        AND (problems_deleted_at IS NULL OR problems_deleted_at > now() - interval '1 day')
        AND (problems_deleted_at IS NULL OR problems_deleted_at < %(began)s)
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE contact_imports AS i SET problems_deleted_at = clock_timestamp(), revision = revision + 1
FROM old
WHERE i.team_id = old.team_id AND i.id = old.id
RETURNING i.team_id, i.id;

-- name: delete_failures
DELETE FROM contact_import_failures
WHERE team_id = %(team_id)s AND import_id = %(import_id)s AND row IN (
    SELECT row FROM contact_import_failures
    WHERE team_id = %(team_id)s AND import_id = %(import_id)s ORDER BY row LIMIT %(limit)s
);

-- name: delete_warnings
DELETE FROM contact_import_warnings
WHERE team_id = %(team_id)s AND import_id = %(import_id)s AND row IN (
    SELECT row FROM contact_import_warnings
    WHERE team_id = %(team_id)s AND import_id = %(import_id)s ORDER BY row LIMIT %(limit)s
);

-- name: find_imports
-- Imports that are to go as a whole: their files and failed rows are gone already.
SELECT team_id, id FROM contact_imports
WHERE status IN ('completed', 'failed') AND completed_at < now() - %(age)s
    AND file_deleted_at IS NOT NULL
LIMIT %(limit)s;

-- name: let_go
UPDATE contact_imports SET mended_from = NULL
WHERE team_id = %(team_id)s AND mended_from = %(import_id)s;

-- name: delete_edits
DELETE FROM contact_import_mend_edits WHERE team_id = %(team_id)s AND import_id = %(import_id)s;

-- name: delete_mend
-- Its rules and its survey have cells of failed rows in them.
DELETE FROM contact_import_mends WHERE team_id = %(team_id)s AND import_id = %(import_id)s;

-- name: delete_mended_rows
DELETE FROM contact_import_mended_rows WHERE team_id = %(team_id)s AND import_id = %(import_id)s;

-- name: delete_outcomes
DELETE FROM contact_import_batches WHERE team_id = %(team_id)s AND import_id = %(import_id)s;

-- name: delete_import
DELETE FROM contact_imports
WHERE team_id = %(team_id)s AND id = %(import_id)s AND status IN ('completed', 'failed');

-- name: now
SELECT clock_timestamp();
