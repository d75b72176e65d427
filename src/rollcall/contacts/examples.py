"""Examples of contacts for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollcall.topics.examples import CHOICE
from rollcall.web.openapi import ID, OTHER_ID, TIME

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
_created_contact = {
    **_new_contact,
    "email": "ada@example.com",
    "segments": [{"id": OTHER_ID}],
    "topics": [CHOICE],
}
_contact_topic = {
    "id": ID,
    "name": "News",
    "description": "Once a week.",
    "subscription": "opt_in",
    "created_at": TIME,
}
_in_segment = {"object": "contact_segment", "id": OTHER_ID, "contact_id": ID}

EXAMPLES: dict[str, Any] = {
    "ContactCreate": _created_contact,
    "AudienceContactCreate": _created_contact,
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
    "TopicChoices": {"topics": [CHOICE]},
}
