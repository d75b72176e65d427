-- The statements about one person of one team. `email` is in lower case; where people have written
-- it, it is looked for whatever its case.

-- name: team
SELECT team_id FROM teams WHERE name = %(team)s;

-- name: contact
SELECT to_jsonb(c) || jsonb_build_object(
    'segments', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name)), '[]')
        FROM segment_memberships AS m
        JOIN segments AS s ON s.team_id = m.team_id AND s.id = m.segment_id
        WHERE m.team_id = c.team_id AND m.contact_id = c.id
    )
)
FROM contacts AS c
WHERE c.team_id = %(team_id)s AND c.email = %(email)s;

-- name: failures
SELECT to_jsonb(f) - 'team_id' FROM contact_import_failures AS f
WHERE f.team_id = %(team_id)s AND strpos(lower(f.value), %(email)s) > 0
ORDER BY f.import_id, f.row;

-- name: warnings
SELECT to_jsonb(w) - 'team_id' FROM contact_import_warnings AS w
WHERE w.team_id = %(team_id)s AND strpos(lower(w.value), %(email)s) > 0
ORDER BY w.import_id, w.row;

-- name: changes
SELECT jsonb_build_object('import_id', i.id, 'change', change)
FROM contact_imports AS i, json_array_elements(i.changes) AS change
WHERE i.team_id = %(team_id)s AND i.dry_run AND change ->> 'email' = %(email)s;

-- name: edits
SELECT to_jsonb(e) - 'team_id' FROM contact_import_mend_edits AS e
WHERE e.team_id = %(team_id)s AND strpos(lower(e.value), %(email)s) > 0;

-- name: words
-- What was said of imports, and named, in somebody's own words.
SELECT jsonb_build_object('import_id', id, 'filename', filename, 'note', note) FROM contact_imports
WHERE team_id = %(team_id)s
    AND strpos(lower(concat_ws(' ', filename, note, dialect::text, column_map::text)), %(email)s) > 0;

-- name: files
-- Where the files of imports and drafts are, each once, and whether somebody still works on it.
SELECT object_key, encoding, bool_or(is_at_work), array_agg(import_id) FILTER (WHERE import_id IS NOT NULL)
FROM (
    SELECT object_key, dialect ->> 'encoding' AS encoding, id AS import_id,
        status IN ('queued', 'in_progress') AS is_at_work
    FROM contact_imports
    WHERE team_id = %(team_id)s
    UNION ALL
    SELECT object_key, 'utf-8', NULL, false FROM contact_import_drafts WHERE team_id = %(team_id)s
) AS stored
GROUP BY object_key, encoding
ORDER BY object_key;

-- name: erase_contact
-- Its memberships end with it.
DELETE FROM contacts WHERE team_id = %(team_id)s AND email = %(email)s RETURNING id;

-- name: erase_names
-- Names that the contact had before, too: so all are looked through.
UPDATE contact_name_leaves AS f
SET keys = ARRAY(
        SELECT e.key FROM unnest(f.keys, f.contact_ids) WITH ORDINALITY AS e (key, id, number)
        WHERE e.id <> ALL(%(ids)s::uuid[]) ORDER BY e.number
    ),
    contact_ids = ARRAY(
        SELECT e.id FROM unnest(f.contact_ids) WITH ORDINALITY AS e (id, number)
        WHERE e.id <> ALL(%(ids)s::uuid[]) ORDER BY e.number
    )
WHERE f.team_id = %(team_id)s AND f.contact_ids && %(ids)s::uuid[];

-- name: erase_name_ends
-- What ended with such a name ends with the one before it now, or is gone.
WITH ending AS (
    DELETE FROM contact_name_leaves
    WHERE team_id = %(team_id)s AND last_id = ANY(%(ids)s::uuid[])
    RETURNING layer_id, keys, contact_ids
)
INSERT INTO contact_name_leaves (team_id, layer_id, last_key, last_id, keys, contact_ids)
SELECT %(team_id)s, layer_id, keys[cardinality(keys)], contact_ids[cardinality(contact_ids)],
    keys, contact_ids
FROM ending
WHERE cardinality(keys) > 0;

-- name: erase_failures
UPDATE contact_import_failures SET value = %(erased)s
WHERE team_id = %(team_id)s AND strpos(lower(value), %(email)s) > 0;

-- name: erase_warnings
UPDATE contact_import_warnings SET value = %(erased)s
WHERE team_id = %(team_id)s AND strpos(lower(value), %(email)s) > 0;

-- name: erase_changes
UPDATE contact_imports AS i SET
    revision = revision + 1,
    changes = (
        SELECT coalesce(json_agg(change ORDER BY number), '[]')
        FROM json_array_elements(i.changes) WITH ORDINALITY AS listed (change, number)
        WHERE change ->> 'email' <> %(email)s
    )
WHERE i.team_id = %(team_id)s AND i.dry_run AND EXISTS (
    SELECT FROM json_array_elements(i.changes) AS change WHERE change ->> 'email' = %(email)s
);

-- name: erase_words
UPDATE contact_imports SET
    revision = revision + 1,
    filename = regexp_replace(filename, %(pattern)s, %(erased)s, 'gi'),
    note = regexp_replace(note, %(pattern)s, %(erased)s, 'gi'),
    dialect = regexp_replace(dialect::text, %(pattern)s, %(erased)s, 'gi')::jsonb,
    column_map = regexp_replace(column_map::text, %(pattern)s, %(erased)s, 'gi')::json
WHERE team_id = %(team_id)s AND status IN ('completed', 'failed')
    AND strpos(lower(concat_ws(' ', filename, note, dialect::text, column_map::text)), %(email)s) > 0;

-- name: erase_edits
DELETE FROM contact_import_mend_edits
WHERE team_id = %(team_id)s AND strpos(lower(value), %(email)s) > 0;

-- name: erase_rules
UPDATE contact_import_mends SET rules = '[]', survey = NULL
WHERE team_id = %(team_id)s
    AND strpos(lower(concat_ws(' ', rules::text, survey::text)), %(email)s) > 0;

-- name: erase_remembered
DELETE FROM contact_import_columns
WHERE team_id = %(team_id)s AND strpos(lower(columns::text), %(email)s) > 0;

-- name: erase_answers
-- Of answers to repeated requests, those with the address in them or the contact's id.
DELETE FROM idempotency_keys
WHERE team_id = %(team_id)s AND (
    strpos(lower(answer::text), %(email)s) > 0
    OR EXISTS (SELECT FROM unnest(%(ids)s::text[]) AS id WHERE strpos(answer::text, id) > 0)
);

-- name: erase_drafts
-- Drafts of a file in which the address is; an import that was begun with it keeps its own row.
DELETE FROM contact_import_drafts
WHERE team_id = %(team_id)s AND object_key = ANY(%(keys)s)
RETURNING packed_key;
