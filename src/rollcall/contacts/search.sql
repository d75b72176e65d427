-- The statements of a search by the beginning of an e-mail address or of a name. `kept` tells
-- whether a contact that was looked at is among what is searched for.

-- name: name_key
SELECT contact_name_key(%(text)s);

-- name: position
-- Where a contact is in what is found: its address, if that begins so, or else the name that does.
SELECT
    CASE WHEN c.email >= %(email)s AND c.email < %(email_end)s THEN c.email END AS email,
    (
        SELECT min(k COLLATE "C") FROM unnest(contact_name_keys(c.first_name, c.last_name)) AS k
        WHERE k COLLATE "C" >= %(key)s AND k COLLATE "C" < %(key_end)s
    ) AS key
FROM contacts AS c
WHERE c.team_id = %(team_id)s AND c.id = %(contact_id)s;

-- name: waits_beyond_reach
-- Whether more names wait to be sorted in than a search looks through.
SELECT
    (
        SELECT count(*) > %(pending_rows)s FROM (
            SELECT FROM contact_names_pending
            WHERE team_id = %(team_id)s AND first_id IS NOT NULL
            LIMIT %(pending_rows)s + 1
        ) AS p
    )
    OR (
        SELECT count(*) > %(pending_rows)s FROM (
            SELECT FROM contact_names_pending
            WHERE team_id = %(team_id)s AND contact_ids IS NOT NULL
            LIMIT %(pending_rows)s + 1
        ) AS p
    )
    OR (
        SELECT count(*) > %(pending_contacts)s FROM (
            SELECT FROM contact_names_pending AS p
            CROSS JOIN LATERAL (
                SELECT FROM contacts
                WHERE team_id = %(team_id)s AND id BETWEEN p.first_id AND p.last_id
                LIMIT %(pending_contacts)s + 1
            ) AS c
            WHERE p.team_id = %(team_id)s AND p.first_id IS NOT NULL
            LIMIT %(pending_contacts)s + 1
        ) AS c
    )
    OR (
        SELECT coalesce(sum(cardinality(p.contact_ids)), 0) > %(pending_contacts)s FROM (
            SELECT contact_ids FROM contact_names_pending
            WHERE team_id = %(team_id)s AND contact_ids IS NOT NULL
            LIMIT %(pending_rows)s + 1
        ) AS p
    );

-- name: by_email
SELECT c.id, c.email, c.first_name, c.last_name, c.created_at, c.unsubscribed,
    (%(unsubscribed)s::boolean IS NULL OR c.unsubscribed = %(unsubscribed)s::boolean)
    AND (%(segment_id)s::uuid IS NULL OR EXISTS (
        SELECT FROM segment_memberships AS m
        WHERE m.team_id = %(team_id)s AND m.segment_id = %(segment_id)s::uuid
            AND m.contact_id = c.id
    )) AS kept
FROM contacts AS c
WHERE c.team_id = %(team_id)s AND c.email >= %(email)s AND c.email < %(email_end)s
    AND c.email > %(after_email)s
ORDER BY c.email
LIMIT %(limit)s;

-- name: by_name
-- Of each layer only the leaves are read in which the next entries are: those that end before what
-- is searched for does, and the one that goes beyond it. What waits to be sorted in is looked
-- through, as far as it is not too much. An entry may be out of date, or its contact be found by its
-- address or another name before: then it is not kept.
WITH candidates AS MATERIALIZED (
    SELECT DISTINCT key, id FROM (
        SELECT e.key, e.id
        FROM contact_name_layers AS l
        CROSS JOIN LATERAL (
            SELECT e.key, e.id
            FROM (
                (
                    SELECT keys, contact_ids FROM contact_name_leaves
                    WHERE team_id = %(team_id)s AND layer_id = l.id
                        AND (last_key, last_id) > (%(after_key)s, %(after_id)s)
                        AND last_key < %(key_end)s
                    ORDER BY last_key, last_id
                )
                UNION ALL
                (
                    SELECT keys, contact_ids FROM contact_name_leaves
                    WHERE team_id = %(team_id)s AND layer_id = l.id AND last_key >= %(key_end)s
                    ORDER BY last_key, last_id
                    LIMIT 1
                )
            ) AS leaves
            CROSS JOIN unnest(leaves.keys, leaves.contact_ids) AS e (key, id)
            WHERE (e.key, e.id) > (%(after_key)s, %(after_id)s) AND e.key < %(key_end)s
            LIMIT %(limit)s
        ) AS e
        WHERE l.team_id = %(team_id)s
        UNION ALL
        SELECT e.key COLLATE "C", c.id
        FROM (
            (
                SELECT c.id, c.first_name, c.last_name
                FROM (
                    SELECT first_id, last_id FROM contact_names_pending
                    WHERE team_id = %(team_id)s AND first_id IS NOT NULL
                    ORDER BY id DESC
                    LIMIT %(pending_rows)s
                ) AS p
                CROSS JOIN LATERAL (
                    SELECT id, first_name, last_name FROM contacts
                    WHERE team_id = %(team_id)s AND id BETWEEN p.first_id AND p.last_id
                    ORDER BY id DESC
                    LIMIT %(pending_contacts)s
                ) AS c
                LIMIT %(pending_contacts)s
            )
            UNION ALL
            (
                SELECT c.id, c.first_name, c.last_name
                FROM (
                    SELECT contact_ids FROM contact_names_pending
                    WHERE team_id = %(team_id)s AND contact_ids IS NOT NULL
                    ORDER BY id DESC
                    LIMIT %(pending_rows)s
                ) AS p
                CROSS JOIN unnest(p.contact_ids) AS changed (id)
                CROSS JOIN LATERAL (
                    SELECT id, first_name, last_name FROM contacts
                    WHERE team_id = %(team_id)s AND id = changed.id
                    LIMIT 1
                ) AS c
                LIMIT %(pending_contacts)s
            )
        ) AS c
        CROSS JOIN unnest(contact_name_keys(c.first_name, c.last_name)) AS e (key)
        WHERE (e.key COLLATE "C", c.id) > (%(after_key)s, %(after_id)s)
            AND e.key COLLATE "C" < %(key_end)s
    ) AS e
    ORDER BY key, id
    LIMIT %(limit)s
)
SELECT e.key, e.id AS entry_id,
    c.id, c.email, c.first_name, c.last_name, c.created_at, c.unsubscribed,
    c.id IS NOT NULL
    AND NOT (c.email >= %(email)s AND c.email < %(email_end)s)
    AND e.key = (
        SELECT min(k COLLATE "C") FROM unnest(contact_name_keys(c.first_name, c.last_name)) AS k
        WHERE k COLLATE "C" >= %(key)s AND k COLLATE "C" < %(key_end)s
    )
    AND (%(unsubscribed)s::boolean IS NULL OR c.unsubscribed = %(unsubscribed)s::boolean)
    AND (%(segment_id)s::uuid IS NULL OR EXISTS (
        SELECT FROM segment_memberships AS m
        WHERE m.team_id = %(team_id)s AND m.segment_id = %(segment_id)s::uuid
            AND m.contact_id = c.id
    )) AS kept
FROM candidates AS e
LEFT JOIN LATERAL (
    SELECT * FROM contacts AS c WHERE c.team_id = %(team_id)s AND c.id = e.id LIMIT 1
) AS c ON true
ORDER BY e.key, e.id;
