-- name: enlarge_temp_buffers
SET temp_buffers = '64MB';

-- name: make_shadows
-- From here on this connection's `contacts` and `segment_memberships` are temporary tables, which
-- come first wherever a name is looked up. Only tables: of what a crash of the server leaves of a
-- session, the database removes nothing else by itself, and a view would keep migrations away.
CREATE TEMPORARY TABLE contacts (LIKE contacts INCLUDING ALL);
CREATE TEMPORARY TABLE segment_memberships (LIKE segment_memberships INCLUDING ALL);
CREATE TEMPORARY TABLE contact_names_pending (LIKE contact_names_pending INCLUDING ALL);

-- name: restart
UPDATE contact_imports SET
    total = 0, created = 0, updated = 0, skipped = 0, failed = 0,
    failures = '{}', warnings = '{}', changes = '[]',
    position = 0, resume_row = 0, resume_offset = 0,
    revision = revision + 1
WHERE team_id = %(team_id)s AND id = %(import_id)s;

-- name: forget_failures
DELETE FROM contact_import_failures WHERE team_id = %(team_id)s AND import_id = %(import_id)s;

-- name: forget_warnings
DELETE FROM contact_import_warnings WHERE team_id = %(team_id)s AND import_id = %(import_id)s;
