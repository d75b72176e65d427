-- The statements that sort names into layers: what waits becomes a new layer, and small layers
-- become a larger one. See `rollcall.contacts.names` for what a layer is.

-- name: next_team
-- The team whose names have waited for longest. While imports are at work they have the machine, for
-- some time.
SELECT team_id, first_id, last_id, id
FROM contact_names_pending
WHERE uuid_extract_timestamp(id) < now() - %(patience)s::interval OR NOT EXISTS (
    SELECT FROM contact_imports
    WHERE status IN ('queued', 'in_progress') AND lease_expires_at > now()
)
ORDER BY id
LIMIT 1;

-- name: find_rest
-- The first contact of a range that is too many for one transaction, if there is one.
SELECT id FROM contacts
WHERE team_id = %(team_id)s AND id BETWEEN %(first_id)s AND %(last_id)s
ORDER BY id
OFFSET %(limit)s
LIMIT 1;

-- name: shorten
UPDATE contact_names_pending SET first_id = %(rest)s
WHERE team_id = %(team_id)s AND id = %(id)s
RETURNING %(first_id)s::uuid;

-- name: take
DELETE FROM contact_names_pending
WHERE team_id = %(team_id)s AND id = ANY(ARRAY(
    SELECT id FROM contact_names_pending
    WHERE team_id = %(team_id)s
    ORDER BY id
    LIMIT %(rows)s
    FOR UPDATE
))
RETURNING first_id, last_id, contact_ids;

-- name: add_layer
WITH found AS (
    SELECT c.id, c.first_name, c.last_name
    FROM unnest(%(first_ids)s::uuid[], %(last_ids)s::uuid[]) AS r (first_id, last_id)
    CROSS JOIN LATERAL (
        SELECT id, first_name, last_name FROM contacts
        WHERE team_id = %(team_id)s AND id BETWEEN r.first_id AND r.last_id
    ) AS c
    UNION ALL
    SELECT c.id, c.first_name, c.last_name
    FROM unnest(%(contact_ids)s::uuid[]) AS changed (id)
    CROSS JOIN LATERAL (
        SELECT id, first_name, last_name FROM contacts
        WHERE team_id = %(team_id)s AND id = changed.id
        LIMIT 1
    ) AS c
), entries AS (
    SELECT DISTINCT e.key COLLATE "C" AS key, found.id
    FROM found CROSS JOIN unnest(contact_name_keys(first_name, last_name)) AS e (key)
), numbered AS (
    SELECT key, id, (row_number() OVER (ORDER BY key, id) - 1) / %(leaf)s AS leaf FROM entries
), grouped AS (
    SELECT array_agg(key ORDER BY key, id) AS keys, array_agg(id ORDER BY key, id) AS ids
    FROM numbered
    GROUP BY leaf
), stored AS (
    INSERT INTO contact_name_leaves (team_id, layer_id, last_key, last_id, keys, contact_ids)
    SELECT %(team_id)s, %(layer_id)s, keys[cardinality(keys)], ids[cardinality(ids)], keys, ids
    FROM grouped
    RETURNING cardinality(keys) AS size
)
INSERT INTO contact_name_layers (team_id, id, size)
SELECT %(team_id)s, %(layer_id)s, sum(size) FROM stored HAVING count(*) > 0;

-- name: find_small_layers
-- The smallest layers of a team, when it has more than a search should look at.
SELECT array_agg(id ORDER BY size, id), count(*)
FROM contact_name_layers
WHERE team_id = %(team_id)s AND size <= %(max_size)s;

-- name: merge_layers
-- What is no contact's name any more is left out.
WITH entries AS (
    SELECT DISTINCT e.key, e.id
    FROM contact_name_leaves AS f
    CROSS JOIN unnest(f.keys, f.contact_ids) AS e (key, id)
    CROSS JOIN LATERAL (
        SELECT first_name, last_name FROM contacts
        WHERE team_id = %(team_id)s AND id = e.id
        LIMIT 1
    ) AS c
    WHERE f.team_id = %(team_id)s AND f.layer_id = ANY(%(layers)s::uuid[])
        AND e.key = ANY(contact_name_keys(c.first_name, c.last_name))
), numbered AS (
    SELECT key, id, (row_number() OVER (ORDER BY key, id) - 1) / %(leaf)s AS leaf FROM entries
), grouped AS (
    SELECT array_agg(key ORDER BY key, id) AS keys, array_agg(id ORDER BY key, id) AS ids
    FROM numbered
    GROUP BY leaf
), stored AS (
    INSERT INTO contact_name_leaves (team_id, layer_id, last_key, last_id, keys, contact_ids)
    SELECT %(team_id)s, %(layer_id)s, keys[cardinality(keys)], ids[cardinality(ids)], keys, ids
    FROM grouped
    RETURNING cardinality(keys) AS size
)
INSERT INTO contact_name_layers (team_id, id, size)
SELECT %(team_id)s, %(layer_id)s, sum(size) FROM stored HAVING count(*) > 0;

-- name: drop_leaves
DELETE FROM contact_name_leaves
WHERE team_id = %(team_id)s AND layer_id = ANY(%(layers)s::uuid[]);

-- name: drop_layers
DELETE FROM contact_name_layers WHERE team_id = %(team_id)s AND id = ANY(%(layers)s::uuid[]);
