"""Examples in the OpenAPI document, one for each body and answer."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from rollcall.error_answers import ErrorBody

ID = "01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11"
OTHER_ID = "01935f2c-8a52-7e0b-b1a4-6f1b0f6d3c22"
TIME = "2026-11-20 09:12:44.1873+00"

_contact = {
    "id": ID,
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "created_at": TIME,
    "unsubscribed": False,
}
_new_contact = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "unsubscribed": False,
    "properties": {"plan": "pro"},
}
_segment = {"id": ID, "name": "Newsletter", "created_at": TIME}
_choice = {"id": OTHER_ID, "subscription": "opt_in"}
_topic = {
    "id": ID,
    "name": "News",
    "description": "Once a week.",
    "default_subscription": "opt_out",
    "visibility": "private",
    "created_at": TIME,
}
_contact_topic = {
    "id": ID,
    "name": "News",
    "description": "Once a week.",
    "subscription": "opt_in",
    "created_at": TIME,
}
_property = {
    "id": ID,
    "key": "plan",
    "type": "string",
    "fallback_value": "free",
    "created_at": TIME,
}
_key = {"id": ID, "name": "Backend", "created_at": TIME, "last_used_at": TIME}
_counts = {"total": 1200, "created": 1100, "updated": 80, "skipped": 0, "failed": 20}
_import = {
    "object": "contact_import",
    "id": ID,
    "status": "completed",
    "created_at": TIME,
    "completed_at": TIME,
    "counts": _counts,
    "error": None,
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
_in_segment = {"object": "contact_segment", "id": OTHER_ID, "contact_id": ID}

EXAMPLES: dict[str, Any] = {
    "ErrorBody": {
        "statusCode": 422,
        "message": "Missing `email` field.",
        "name": "missing_required_field",
    },
    "ImportCreated": {"object": "contact_import", "id": ID},
    "ImportCounts": _counts,
    "ImportProblem": {
        "code": "file_missing",
        "message": "The uploaded file is no longer in the storage.",
    },
    "ImportListed": _import,
    "ImportShown": {
        **_import,
        "failures": {"invalid_email": 18, "missing_email": 2},
        "warnings": {"misspelled_domain": 3},
        "progress": 1.0,
        "rows_per_second": None,
        "dry_run": True,
        "changes": [_change],
    },
    "ContactChange": _change,
    "FieldChange": {"from": "free", "to": "pro"},
    "FailureListed": {
        "object": "contact_import_failure",
        "id": "8f1d6a2b-91c3-8e07-8000-000000000c00",
        "row": 12,
        "column": "E-mail",
        "code": "invalid_email",
        "message": '"ada@example" in column "E-mail" is not a complete e-mail address.',
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
    "ContactCreate": {
        **_new_contact,
        "email": "ada@example.com",
        "segments": [{"id": OTHER_ID}],
        "topics": [_choice],
    },
    "ContactPatch": {"first_name": "Ada", "last_name": None, "properties": {"plan": "free"}},
    "ContactSaved": {"object": "contact", "id": ID},
    "ContactListed": _contact,
    "ContactShown": {
        **_contact,
        "object": "contact",
        "properties": {"plan": {"value": "pro", "type": "string"}},
    },
    "TypedValue": {"value": "pro", "type": "string"},
    "ContactDeleted": {"object": "contact", "contact": ID, "id": ID, "deleted": True},
    "ContactSegment": {**_in_segment, "segment_id": OTHER_ID},
    "ContactSegmentDeleted": {**_in_segment, "segment_id": OTHER_ID, "deleted": True},
    "ContactTopic": _contact_topic,
    "ContactTopicsSaved": {
        "object": "contact_topics",
        "id": ID,
        "contact_id": ID,
        "topics": [_contact_topic],
    },
    "TopicChoice": _choice,
    "TopicChoices": {"topics": [_choice]},
    "SegmentName": {"name": "Newsletter"},
    "SegmentReference": {"id": ID},
    "SegmentNamed": {"object": "segment", "id": ID, "name": "Newsletter"},
    "SegmentListed": _segment,
    "SegmentShown": {**_segment, "object": "segment"},
    "SegmentDeleted": {"object": "segment", "id": ID, "deleted": True},
    "AudienceNamed": {"object": "audience", "id": ID, "name": "Newsletter"},
    "AudienceShown": {**_segment, "object": "audience"},
    "AudienceDeleted": {"object": "audience", "id": ID, "deleted": True},
    "AudienceContactDeleted": {"object": "contact", "contact": "ada@example.com", "deleted": True},
    "TopicCreate": {"name": "News", "default_subscription": "opt_out"},
    "TopicPatch": {"description": "Once a week."},
    "TopicCreated": {"object": "topic", "id": ID},
    "TopicListed": _topic,
    "TopicShown": {**_topic, "object": "topic"},
    "TopicDeleted": {"object": "topic", "id": ID, "deleted": True},
    "PropertyCreate": {"key": "plan", "type": "string", "fallback_value": "free"},
    "PropertyPatch": {"fallback_value": "free"},
    "PropertyCreated": {"object": "contact_property", "id": ID},
    "PropertyListed": _property,
    "PropertyShown": {**_property, "object": "contact_property"},
    "PropertyDeleted": {"object": "contact_property", "id": ID, "deleted": True},
    "KeyCreate": {"name": "Backend", "permission": "full_access"},
    "KeyName": {"name": "Backend"},
    "KeyCreated": {"id": ID, "token": "re_EXAMPLE"},
    "KeyListed": _key,
    "KeyShown": {**_key, "object": "api_key"},
    "KeyDeleted": {"object": "api_key", "id": ID, "deleted": True},
}


def add_examples(app: FastAPI) -> None:
    """Put the examples into the document that the app serves."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        schemas = document["components"]["schemas"]
        schemas["ErrorBody"] = ErrorBody.model_json_schema()
        for name, example in EXAMPLES.items():
            # One model with two forms, for what comes in and what goes out, has two schemas.
            for variant in (name, f"{name}-Input", f"{name}-Output"):
                if variant in schemas:
                    schemas[variant]["examples"] = [example]
        return document

    # The way that the framework documents for changing what it has made.
    app.openapi = openapi  # type: ignore[method-assign]
