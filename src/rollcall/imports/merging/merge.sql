-- The statements of one batch. A batch is a temporary table of distinct e-mail addresses, filled
-- in the order of the addresses, so that concurrent imports lock contacts in one order and that
-- the index on them is walked from left to right. A batch of two parts fills it twice; of two
-- imports that lock each other out, the server ends one batch, which is then repeated.
--
-- What is found is looked for once for each row of the batch, which LATERAL and LIMIT 1 make
-- certain: the statistics know nothing of a new team, nor of a table that has just grown a
-- hundredfold, and a plan made with them reads all contacts of a team for every batch.

-- name: create_batch_table
CREATE TEMPORARY TABLE IF NOT EXISTS import_batch (
    id uuid NOT NULL,
    email text COLLATE "C" NOT NULL,
    first_name text,
    last_name text,
    unsubscribed boolean,
    properties jsonb,
    conflicting boolean NOT NULL
) ON COMMIT DELETE ROWS;

-- name: copy_batch
COPY import_batch (id, email, first_name, last_name, unsubscribed, properties, conflicting)
FROM STDIN (FORMAT binary);

-- name: empty_batch_table
TRUNCATE import_batch;

-- name: is_any_stored
SELECT EXISTS (
    SELECT FROM unnest(%(emails)s::text[]) AS b (email)
    CROSS JOIN LATERAL (
        SELECT FROM contacts AS c
        WHERE c.team_id = %(team_id)s AND c.email = b.email
        LIMIT 1
    ) AS stored
);

-- name: copy_new
COPY contacts (team_id, id, email, first_name, last_name, unsubscribed, properties)
FROM STDIN (FORMAT binary);

-- name: copy_new_with_topics
COPY contacts (team_id, id, email, first_name, last_name, unsubscribed, properties, topics)
FROM STDIN (FORMAT binary);

-- name: note_names
-- The names of contacts from one id to another are to be sorted in; see `rollcall.contacts.names`.
INSERT INTO contact_names_pending (team_id, first_id, last_id)
VALUES (%(team_id)s, %(first_id)s, %(last_id)s);

-- name: copy_memberships
COPY segment_memberships (team_id, segment_id, contact_id) FROM STDIN (FORMAT binary);

-- name: prefer_index_probes
-- A batch is looked up by one index probe per address, whatever the statistics say: on a table
-- that has just grown a hundredfold they are wrong, and a scan of all contacts is the worst case.
SELECT
    set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true),
    set_config('enable_seqscan', 'off', true),
    set_config('enable_bitmapscan', 'off', true),
    set_config('enable_material', 'off', true);

-- name: find_unsubscribed
-- Without a lock: when somebody else changes a contact between this and the merge, a warning is
-- told too many at worst.
SELECT array_agg(b.email)
FROM import_batch AS b
CROSS JOIN LATERAL (
    SELECT c.unsubscribed FROM contacts AS c
    WHERE c.team_id = %(team_id)s AND c.email = b.email
    LIMIT 1
) AS stored
WHERE stored.unsubscribed;

-- name: upsert_contacts
-- The ids of the contacts created; of those that have changed, the id that the batch has for each
-- and its own; and if asked for: which of these had unsubscribed, and the addresses of all. The ids
-- are strung together, 16 bytes each. A record without a value for a field leaves the field as it is,
-- and a contact that would not change is not written. If the records of an address disagree among
-- themselves, one at a time they would have changed it, whatever it ends as.
WITH merged AS (
    MERGE INTO contacts AS c
    USING import_batch AS b
    ON c.team_id = %(team_id)s AND c.email = b.email
    WHEN MATCHED AND (
        b.conflicting
        OR (b.first_name IS NOT NULL AND c.first_name IS DISTINCT FROM b.first_name)
        OR (b.last_name IS NOT NULL AND c.last_name IS DISTINCT FROM b.last_name)
        OR c.unsubscribed <> b.unsubscribed
        OR NOT c.properties @> b.properties
        OR NOT c.topics @> %(topics)s::jsonb
    ) THEN UPDATE SET
        first_name = coalesce(b.first_name, c.first_name),
        last_name = coalesce(b.last_name, c.last_name),
        unsubscribed = coalesce(b.unsubscribed, c.unsubscribed),
        properties = c.properties || coalesce(b.properties, '{}'),
        topics = c.topics || %(topics)s::jsonb,
        updated_at = CASE
            WHEN b.conflicting
                OR (b.first_name IS NOT NULL AND c.first_name IS DISTINCT FROM b.first_name)
                OR (b.last_name IS NOT NULL AND c.last_name IS DISTINCT FROM b.last_name)
                OR c.unsubscribed <> b.unsubscribed
                OR NOT c.properties @> b.properties
            THEN now() ELSE c.updated_at
        END
    WHEN NOT MATCHED THEN
        INSERT (team_id, id, email, first_name, last_name, unsubscribed, properties, topics)
        VALUES (
            %(team_id)s, b.id, b.email, b.first_name, b.last_name,
            coalesce(b.unsubscribed, false), coalesce(b.properties, '{}'), %(topics)s::jsonb
        )
    RETURNING
        old.id IS NULL AS is_new, b.id AS batch_id, c.id, b.email,
        old.unsubscribed AS was_unsubscribed,
        (old.first_name, old.last_name) IS DISTINCT FROM (new.first_name, new.last_name) AS renamed
), pending AS (
    INSERT INTO contact_names_pending (team_id, contact_ids)
    SELECT %(team_id)s, array_agg(id) FROM merged WHERE renamed HAVING count(*) > 0
)
SELECT
    string_agg(uuid_send(batch_id), '') FILTER (WHERE is_new),
    string_agg(uuid_send(batch_id) || uuid_send(id), '') FILTER (WHERE NOT is_new),
    array_agg(email) FILTER (WHERE was_unsubscribed AND %(consent_matters)s),
    array_agg(email) FILTER (WHERE %(tell_changed)s)
FROM merged;

-- name: insert_new_contacts
-- As for an upsert; those stored already stay as they are.
WITH merged AS (
    MERGE INTO contacts AS c
    USING import_batch AS b
    ON c.team_id = %(team_id)s AND c.email = b.email
    WHEN NOT MATCHED THEN
        INSERT (team_id, id, email, first_name, last_name, unsubscribed, properties, topics)
        VALUES (
            %(team_id)s, b.id, b.email, b.first_name, b.last_name,
            coalesce(b.unsubscribed, false), coalesce(b.properties, '{}'), %(topics)s::jsonb
        )
    RETURNING
        b.id, b.email,
        (b.first_name, b.last_name) IS DISTINCT FROM (NULL::text, NULL::text) AS is_named
), pending AS (
    INSERT INTO contact_names_pending (team_id, contact_ids)
    SELECT %(team_id)s, array_agg(id) FROM merged WHERE is_named HAVING count(*) > 0
)
SELECT
    string_agg(uuid_send(id), ''), NULL, NULL, array_agg(email) FILTER (WHERE %(tell_changed)s)
FROM merged;

-- name: live_segments
-- The lock keeps the rows of deleted segments in place until this batch is through; deleting a
-- segment does not wait for it.
SELECT id FROM segments
WHERE team_id = %(team_id)s AND id = ANY(%(segments)s::uuid[]) AND deleted_at IS NULL
ORDER BY id
FOR KEY SHARE;

-- name: live_topics
SELECT id FROM topics
WHERE team_id = %(team_id)s AND id = ANY(%(topics)s::uuid[]) AND deleted_at IS NULL;

-- name: add_created_to_segments
-- A contact is this batch's own exactly when it has the id that the batch gave it.
INSERT INTO segment_memberships (team_id, segment_id, contact_id)
SELECT %(team_id)s, s.id, b.id
FROM import_batch AS b
CROSS JOIN LATERAL (
    SELECT FROM contacts AS c
    WHERE c.team_id = %(team_id)s AND c.id = b.id
    LIMIT 1
) AS created
CROSS JOIN unnest(%(segments)s::uuid[]) AS s (id)
ORDER BY s.id, b.id;

-- name: add_matched_to_segments
-- Contacts are locked against being deleted, but only those that are not in a segment yet.
INSERT INTO segment_memberships (team_id, segment_id, contact_id)
SELECT %(team_id)s, s.id, matched.id
FROM import_batch AS b
CROSS JOIN unnest(%(segments)s::uuid[]) AS s (id)
CROSS JOIN LATERAL (
    SELECT c.id FROM contacts AS c
    WHERE c.team_id = %(team_id)s AND c.email = b.email AND c.id <> b.id AND (
        SELECT true FROM segment_memberships AS m
        WHERE m.team_id = %(team_id)s AND m.segment_id = s.id AND m.contact_id = c.id
    ) IS NULL
    LIMIT 1
    FOR KEY SHARE OF c
) AS matched
ORDER BY s.id, matched.id
ON CONFLICT DO NOTHING;

-- name: copy_failures
COPY contact_import_failures (team_id, import_id, "row", "column", code, value) FROM STDIN;

-- name: copy_warnings
COPY contact_import_warnings (team_id, import_id, "row", code, "column", value) FROM STDIN;
