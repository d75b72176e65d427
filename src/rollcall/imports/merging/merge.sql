-- The statements of one batch of distinct e-mail addresses, in the order of the addresses, so that
-- concurrent imports lock contacts in one order and that the index on them is walked from left to
-- right. Of two imports that lock each other out, the server ends one batch, which is then repeated.
--
-- A batch comes as an array for each column, whose `number` is a contact's place in it, from 1; an array
-- that has no values is NULL. All tables are asked for the rows of one team, so that these statements run
-- on one node where the tables are distributed by team (docs/decisions/0018); there is no MERGE for them.
--
-- What is found is looked for once for each row of the batch: the statistics know nothing of a new
-- team, nor of a table that has just grown a hundredfold, and a plan made with them reads all
-- contacts of a team for every batch.

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

-- name: note_names_of
-- The same for some contacts.
INSERT INTO contact_names_pending (team_id, contact_ids)
VALUES (%(team_id)s, %(contact_ids)s::uuid[]);

-- name: copy_memberships
COPY segment_memberships (team_id, segment_id, contact_id) FROM STDIN (FORMAT binary);

-- name: begin
-- A batch is looked up by one index probe per address, whatever the statistics say: on a table
-- that has just grown a hundredfold they are wrong, and a scan of all contacts is the worst case.
-- The first setting passes the others on to the nodes of a cluster; elsewhere it means nothing.
SET LOCAL citus.propagate_set_commands = 'local';
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SET LOCAL enable_material = off;
SELECT now();

-- name: find_unsubscribed
-- Without a lock: when somebody else changes a contact between this and the merge, a warning is
-- told too many at worst.
SELECT array_agg(b.email)
FROM unnest(%(emails)s::text[]) AS b (email)
CROSS JOIN LATERAL (
    SELECT c.unsubscribed FROM contacts AS c
    WHERE c.team_id = %(team_id)s AND c.email = b.email
    LIMIT 1
) AS stored
WHERE stored.unsubscribed;

-- name: compare
-- The numbers of those that are not stored, and of those that would change what is: eight bytes each,
-- strung together. A record without a value for a field leaves the field as it is. If the records
-- of an address disagree among themselves, one at a time they would have changed it, whatever it
-- ends as.
SELECT
    string_agg(int8send(b.number), '') FILTER (WHERE c.id IS NULL),
    string_agg(int8send(b.number), '') FILTER (
        WHERE c.id IS NOT NULL AND (
            b.conflicting
            OR (b.first_name IS NOT NULL AND c.first_name IS DISTINCT FROM b.first_name)
            OR (b.last_name IS NOT NULL AND c.last_name IS DISTINCT FROM b.last_name)
            OR c.unsubscribed <> b.unsubscribed
            OR NOT c.properties @> b.properties
            OR NOT c.topics @> %(topics)s::jsonb
        )
    )
FROM unnest(
    %(emails)s::text[], %(first_names)s::text[], %(last_names)s::text[],
    %(unsubscribed)s::boolean[], %(properties)s::jsonb[], %(conflicting)s::boolean[]
) WITH ORDINALITY
    AS b (email, first_name, last_name, unsubscribed, properties, conflicting, number)
LEFT JOIN contacts AS c ON c.team_id = %(team_id)s AND c.email = b.email;

-- name: find_missing
-- As `compare`, without a look at what is stored.
SELECT string_agg(int8send(b.number), '')
FROM unnest(%(emails)s::text[]) WITH ORDINALITY AS b (email, number)
WHERE (
    SELECT true FROM contacts AS c WHERE c.team_id = %(team_id)s AND c.email = b.email
) IS NULL;

-- name: update_contacts
-- The numbers of those that have changed, the ids of their contacts, and those of contacts with
-- another name, strung together; and if asked for, which of them had unsubscribed. A contact that would not change is not written.
WITH updated AS (
    UPDATE contacts AS c SET
        first_name = coalesce(b.first_name, c.first_name),
        last_name = coalesce(b.last_name, c.last_name),
        unsubscribed = coalesce(b.unsubscribed, c.unsubscribed),
        properties = c.properties || coalesce(b.properties, '{}'),
        topics = c.topics || %(topics)s::jsonb,
        updated_at = CASE
            WHEN
                b.conflicting
                OR (b.first_name IS NOT NULL AND c.first_name IS DISTINCT FROM b.first_name)
                OR (b.last_name IS NOT NULL AND c.last_name IS DISTINCT FROM b.last_name)
                OR c.unsubscribed <> b.unsubscribed
                OR NOT c.properties @> b.properties
            THEN %(now)s ELSE c.updated_at
        END
    FROM unnest(
        %(emails)s::text[], %(first_names)s::text[], %(last_names)s::text[],
        %(unsubscribed)s::boolean[], %(properties)s::jsonb[], %(conflicting)s::boolean[]
    ) WITH ORDINALITY
        AS b (email, first_name, last_name, unsubscribed, properties, conflicting, number)
    WHERE c.team_id = %(team_id)s AND c.email = b.email AND (
        b.conflicting
        OR (b.first_name IS NOT NULL AND c.first_name IS DISTINCT FROM b.first_name)
        OR (b.last_name IS NOT NULL AND c.last_name IS DISTINCT FROM b.last_name)
        OR c.unsubscribed <> b.unsubscribed
        OR NOT c.properties @> b.properties
        OR NOT c.topics @> %(topics)s::jsonb
    )
    RETURNING
        b.number, c.id, b.email, old.unsubscribed AS was_unsubscribed,
        (old.first_name, old.last_name) IS DISTINCT FROM (new.first_name, new.last_name) AS renamed
)
SELECT
    string_agg(int8send(number), ''),
    string_agg(uuid_send(id), ''),
    string_agg(uuid_send(id), '') FILTER (WHERE renamed),
    array_agg(email) FILTER (WHERE was_unsubscribed AND %(consent_matters)s)
FROM updated;

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

-- name: add_stored_to_segments
-- Contacts are locked against being deleted, but only those that are not in a segment yet.
INSERT INTO segment_memberships (team_id, segment_id, contact_id)
SELECT %(team_id)s, s.id, stored.id
FROM unnest(%(emails)s::text[]) AS b (email)
CROSS JOIN unnest(%(segments)s::uuid[]) AS s (id)
CROSS JOIN LATERAL (
    SELECT c.id FROM contacts AS c
    WHERE c.team_id = %(team_id)s AND c.email = b.email AND (
        SELECT true FROM segment_memberships AS m
        WHERE m.team_id = %(team_id)s AND m.segment_id = s.id AND m.contact_id = c.id
    ) IS NULL
    LIMIT 1
    FOR KEY SHARE OF c
) AS stored
ORDER BY s.id, stored.id
ON CONFLICT DO NOTHING;

-- name: copy_failures
COPY contact_import_failures (team_id, import_id, "row", "column", code, value) FROM STDIN;

-- name: copy_warnings
COPY contact_import_warnings (team_id, import_id, "row", code, "column", value) FROM STDIN;
