"""Examples of imports for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollcall.web.openapi import ID, OTHER_ID, TIME

_counts = {"total": 1200, "created": 1100, "updated": 80, "skipped": 0, "failed": 20}
IMPORT = {
    "object": "contact_import",
    "id": ID,
    "status": "completed",
    "created_at": TIME,
    "completed_at": TIME,
    "counts": _counts,
    "error": None,
    "failures": {"invalid_email": 18, "missing_email": 2},
    "warnings": {"misspelled_domain": 3},
    "progress": 1.0,
    "rows_per_second": None,
    "dry_run": False,
    "note": "The people of the fair in May",
    "waiting_since": None,
    "retry_at": None,
    "attempts": None,
    "last_error": None,
}
_change = {
    "row": 2,
    "email": "ada@example.com",
    "action": "updated",
    "fields": {
        "properties.plan": {"from": "free", "to": "pro"},
        f"segments.{OTHER_ID}": {"from": False, "to": True},
    },
}

_dialect = {
    "format": "csv",
    "encoding": "UTF-8",
    "delimiter": ",",
    "header_row": 1,
    "sheet": None,
}
_column_map = {
    "email": "E-mail",
    "unsubscribed": {"column": "Newsletter", "true_when": ["no", "n"]},
    "properties": {"plan": {"column": "Plan", "type": "string"}},
}
_consent = {
    "target": "unsubscribed",
    "key": None,
    "type": None,
    "decimal": None,
    "inverted": True,
    "true_when": ["no", "n"],
    "confidence": "likely",
    "reason": "Its name and its cells say who wants mail.",
}
_column = {"index": 2, "name": "Newsletter", "samples": ["yes", "no"], "suggestion": _consent}
_remark = {
    "code": "legacy_encoding",
    "message": "The file is not in UTF-8 and was read as Windows-1250: check some names with"
    " accents, and save the file as UTF-8 if they are wrong.",
}

IMPORT_SHOWN: dict[str, Any] = {
    **IMPORT,
    "column_map": _column_map,
    "dialect": _dialect,
    "changes": [],
}

EXAMPLES: dict[str, Any] = {
    "ImportCreated": {"object": "contact_import", "id": ID},
    "ImportCounts": _counts,
    "ImportProblem": {
        "code": "file_missing",
        "message": "The uploaded file is no longer in the storage.",
    },
    "ImportListed": IMPORT,
    "ImportShown": {**IMPORT_SHOWN, "dry_run": True, "changes": [_change]},
    "FileDialect": _dialect,
    "ColumnSuggestion": _consent,
    "PreviewColumn": _column,
    "PreviewWarning": _remark,
    "ImportPreview": {
        "object": "contact_import_preview",
        "dialect": _dialect,
        "columns": [_column],
        "column_map": _column_map,
        "warnings": [_remark],
    },
    "LastError": {
        "code": "database_error",
        "message": "The database was away or refused to store the contacts.",
    },
    "ContactChange": _change,
    "FieldChange": {"from": "free", "to": "pro"},
    "FailureListed": {
        "object": "contact_import_failure",
        "id": "8f1d6a2b-91c3-8e07-8000-000000000c00",
        "row": 12,
        "column": "E-mail",
        "code": "invalid_email",
        "message": '"ada@example" in column "E-mail" is not a complete e-mail address:'
        " there is no dot behind the @.",
        "value": "ada@example",
    },
    "WarningListed": {
        "object": "contact_import_warning",
        "id": "c07a55d9-4be2-8a41-8000-000000001101",
        "row": 17,
        "column": "E-mail",
        "code": "misspelled_domain",
        "message": 'The domain of "ada@gmial.com" may be misspelled: was gmail.com meant?',
        "value": "ada@gmial.com",
    },
}
