"""Examples of topics for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rollcall.web.openapi import ID, OTHER_ID, TIME

CHOICE = {"id": OTHER_ID, "subscription": "opt_in"}
_topic = {
    "id": ID,
    "name": "News",
    "description": "Once a week.",
    "default_subscription": "opt_out",
    "visibility": "private",
    "created_at": TIME,
}

EXAMPLES: dict[str, Any] = {
    "TopicChoice": CHOICE,
    "TopicCreate": {"name": "News", "default_subscription": "opt_out"},
    "TopicPatch": {"description": "Once a week."},
    "TopicCreated": {"object": "topic", "id": ID},
    "TopicListed": _topic,
    "TopicShown": {**_topic, "object": "topic"},
    "TopicDeleted": {"object": "topic", "id": ID, "deleted": True},
}
