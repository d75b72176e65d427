-- The statements of the sweep after drafts that nobody has come back to, and that are imported.

-- name: lock_expired
-- Whoever starts an import of a draft holds its row locked.
SELECT team_id, id, object_key, packed_key, is_begun FROM contact_import_drafts
WHERE expires_at < now()
ORDER BY expires_at
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: delete
DELETE FROM contact_import_drafts WHERE team_id = %(team_id)s AND id = %(id)s;
