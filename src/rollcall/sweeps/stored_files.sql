-- name: find_unreferred
-- Those of the keys that are of this database's teams and that no import or draft refers to. The
-- keys of teams that it does not know may be those of another database with the same storage.
SELECT k.key
FROM unnest(%(team_ids)s::uuid[], %(keys)s::text[]) AS k (team_id, key)
JOIN teams AS t ON t.team_id = k.team_id
WHERE NOT EXISTS (
    SELECT FROM contact_imports AS i
    WHERE i.team_id = k.team_id AND i.object_key = k.key
)
AND NOT EXISTS (
    SELECT FROM contact_import_drafts AS d
    WHERE d.team_id = k.team_id AND k.key IN (d.object_key, d.packed_key)
);
