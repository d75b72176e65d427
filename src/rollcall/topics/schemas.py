"""Wire shapes of topics."""

from __future__ import annotations

import enum
import uuid
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr

from rollcall.text import check_text
from rollcall.topics.subscriptions import Subscription
from rollcall.web.wire import WireTimestamp

TopicName = Annotated[StrictStr, Field(min_length=1, max_length=50), AfterValidator(check_text)]
Description = Annotated[StrictStr, Field(max_length=200), AfterValidator(check_text)]


class Visibility(enum.StrEnum):
    """Whether contacts who made no choice see a topic on an unsubscribe page."""

    PRIVATE = "private"
    PUBLIC = "public"


def _private(value: object) -> object:
    return Visibility.PRIVATE if value is None else value


class TopicCreate(BaseModel):
    """A new topic."""

    name: TopicName
    default_subscription: Subscription
    description: Description | None = None
    visibility: Annotated[
        Visibility, BeforeValidator(_private, json_schema_input_type=Visibility | None)
    ] = Visibility.PRIVATE


class TopicPatch(BaseModel):
    """Changes of a topic. What is absent stays as it is; a null clears the description."""

    name: TopicName | None = None
    description: Description | None = None
    visibility: Visibility | None = None


class TopicChoice(BaseModel):
    """A contact's choice for a topic."""

    id: uuid.UUID
    subscription: Subscription


class TopicCreated(BaseModel):
    """The answer to a new topic."""

    object: Literal["topic"] = "topic"
    id: uuid.UUID


class TopicListed(BaseModel):
    """A topic in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str
    description: str | None
    default_subscription: Subscription
    visibility: Visibility
    created_at: WireTimestamp


class TopicShown(TopicListed):
    """A topic."""

    object: Literal["topic"] = "topic"


class TopicDeleted(BaseModel):
    """The answer to a topic's end."""

    object: Literal["topic"] = "topic"
    id: uuid.UUID
    deleted: Literal[True] = True
