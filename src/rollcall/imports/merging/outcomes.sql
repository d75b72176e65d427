-- name: record_outcomes
-- In the batch's transaction, so that `applied_at` is the time that its contacts have.
INSERT INTO contact_import_batches (
    team_id, import_id, first_row, last_row, ids_from, created, matched, changed, changed_ids
)
VALUES (
    %(team_id)s, %(import_id)s, %(first_row)s, %(last_row)s, %(ids_from)s,
    %(created)b, %(matched)b, %(changed)b, %(changed_ids)b
);
