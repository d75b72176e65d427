-- The statements that take a deleted contact out of the layers of names. Its entry of a layer is in
-- the first leaf that does not end before it.

-- name: shorten_leaves
WITH holding AS (
    SELECT l.id AS layer_id, f.last_key, f.last_id
    FROM contact_name_layers AS l
    CROSS JOIN unnest(contact_name_keys(%(first)s::text, %(last)s::text)) AS k (key)
    CROSS JOIN LATERAL (
        SELECT last_key, last_id FROM contact_name_leaves
        WHERE team_id = %(team_id)s AND layer_id = l.id
            AND (last_key, last_id) >= (k.key COLLATE "C", %(id)s)
        ORDER BY last_key, last_id
        LIMIT 1
    ) AS f
    WHERE l.team_id = %(team_id)s
)
UPDATE contact_name_leaves AS f
SET keys = ARRAY(
        SELECT e.key FROM unnest(f.keys, f.contact_ids) WITH ORDINALITY AS e (key, id, number)
        WHERE e.id <> %(id)s ORDER BY e.number
    ),
    contact_ids = array_remove(f.contact_ids, %(id)s)
FROM holding AS h
WHERE f.team_id = %(team_id)s AND f.layer_id = h.layer_id
    AND f.last_key = h.last_key AND f.last_id = h.last_id AND %(id)s = ANY(f.contact_ids);

-- name: drop_ends
-- A leaf that ended with the contact ends with the entry before now, or is gone.
WITH ending AS (
    DELETE FROM contact_name_leaves
    WHERE team_id = %(team_id)s AND last_id = %(id)s
        AND last_key = ANY(contact_name_keys(%(first)s::text, %(last)s::text))
        AND layer_id = ANY(ARRAY(
            SELECT id FROM contact_name_layers WHERE team_id = %(team_id)s
        ))
    RETURNING layer_id, keys, contact_ids
)
INSERT INTO contact_name_leaves (team_id, layer_id, last_key, last_id, keys, contact_ids)
SELECT %(team_id)s, layer_id, keys[cardinality(keys)], contact_ids[cardinality(contact_ids)],
    keys, contact_ids
FROM ending
WHERE cardinality(keys) > 0;
