"""Wire shapes of API keys."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from rollcall.auth.models import Permission
from rollcall.web.wire import Name, Text, WireTimestamp


def _full_access(value: object) -> object:
    return Permission.FULL_ACCESS if value is None else value


class KeyCreate(BaseModel):
    """A new key. Its name may be empty; one with `sending_access` may do nothing here."""

    name: Text
    permission: Annotated[
        Permission, BeforeValidator(_full_access, json_schema_input_type=Permission | None)
    ] = Permission.FULL_ACCESS


class KeyName(BaseModel):
    """A key's name."""

    name: Name


class KeyCreated(BaseModel):
    """The answer to a new key: the only time its token is shown."""

    id: uuid.UUID
    token: str


class KeyListed(BaseModel):
    """A key in a list; `last_used_at` is right to the minute."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str
    created_at: WireTimestamp
    last_used_at: WireTimestamp | None


class KeyShown(KeyListed):
    """A key."""

    object: Literal["api_key"] = "api_key"


class KeyDeleted(BaseModel):
    """The answer to a key's end."""

    object: Literal["api_key"] = "api_key"
    id: uuid.UUID
    deleted: Literal[True] = True
