-- name: find_chunk
-- The last contact of the next chunk, if there is one.
SELECT id FROM (
    SELECT id FROM contacts
    WHERE team_id = %(team_id)s AND id > %(after)s
    ORDER BY id
    LIMIT %(limit)s
) AS chunk
ORDER BY id DESC
LIMIT 1;
