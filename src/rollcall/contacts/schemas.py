"""Wire shapes of contacts."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    StrictStr,
    WithJsonSchema,
)

from rollcall.contacts.addresses import read_address
from rollcall.errors import MissingField, ValidationFailed
from rollcall.properties.schemas import GivenValue
from rollcall.properties.values import PropertyType, PropertyValue
from rollcall.segments.schemas import SegmentReferences
from rollcall.topics.schemas import TopicChoice
from rollcall.topics.subscriptions import Subscription
from rollcall.web.wire import Text, WireTimestamp
from rollcall.wrong_values import name


def _address(text: str) -> str:
    text = text.strip()
    address = read_address(text)
    if address is None:
        raise ValueError(f"it must be an e-mail address, not {name(text)}")
    return address


Address = Annotated[
    StrictStr,
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "examples": ["ada@example.com"]}),
]


class ContactFields(BaseModel):
    """What a contact may be given when it is created and later."""

    first_name: Text | None = None
    last_name: Text | None = None
    unsubscribed: StrictBool | None = None
    properties: dict[str, GivenValue] | None = None


class ContactPatch(ContactFields):
    """Changes of a contact. What is absent stays as it is; a null clears it.

    A null in `properties` clears that property. `email` and `unsubscribed` have no empty state to
    be cleared to, so a null leaves them as they are.
    """

    email: Address | None = None


class AudienceContactCreate(ContactFields):
    """A new contact, or new values for one that is known by its e-mail address.

    `segments` and `topics` are added to those the contact has. A null counts as absent.
    """

    email: Address
    segments: SegmentReferences | None = None
    topics: list[TopicChoice] | None = None


class ContactCreate(AudienceContactCreate):
    """The same, with the older way to name a segment. The contact is added to it as well."""

    audience_id: uuid.UUID | None = None


class TopicChoices(BaseModel):
    """A contact's choices for topics, as an object. Clients send the bare array."""

    topics: list[TopicChoice]


def _bare(value: object) -> object:
    if not isinstance(value, dict):
        return value
    topics = value.get("topics")
    if topics is None:
        raise MissingField("topics")
    if not isinstance(topics, list):
        raise ValidationFailed("Invalid `topics` field: it must be an array.")
    return topics


GivenChoices = Annotated[
    list[TopicChoice],
    BeforeValidator(_bare, json_schema_input_type=list[TopicChoice] | TopicChoices),
]


class ContactSaved(BaseModel):
    """The answer to a new or changed contact."""

    object: Literal["contact"] = "contact"
    id: uuid.UUID


class ContactListed(BaseModel):
    """A contact in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    first_name: str | None
    last_name: str | None
    created_at: WireTimestamp
    unsubscribed: bool


class TypedValue(BaseModel):
    """The value that a contact has for a property, and the property's type."""

    value: PropertyValue
    type: PropertyType


class ContactShown(ContactListed):
    """A contact, with the properties that it has a value for."""

    object: Literal["contact"] = "contact"
    properties: dict[str, TypedValue]


class ContactDeleted(BaseModel):
    """The answer to a contact's end: its id, or what was asked for when there is none."""

    object: Literal["contact"] = "contact"
    contact: str
    id: str
    deleted: Literal[True] = True


class ContactSegment(BaseModel):
    """The answer to a contact that is now in a segment."""

    object: Literal["contact_segment"] = "contact_segment"
    id: uuid.UUID
    contact_id: uuid.UUID
    segment_id: uuid.UUID


class ContactSegmentDeleted(ContactSegment):
    """The answer to a contact that is no longer in a segment."""

    deleted: Literal[True] = True


class ContactTopic(BaseModel):
    """A topic and what holds for a contact: its own choice, or else the topic's default."""

    id: uuid.UUID
    name: str
    description: str | None
    subscription: Subscription
    created_at: WireTimestamp


class ContactTopicsSaved(BaseModel):
    """The answer to a contact's choices: the topics that they are for."""

    object: Literal["contact_topics"] = "contact_topics"
    id: uuid.UUID
    contact_id: uuid.UUID
    topics: list[ContactTopic]
