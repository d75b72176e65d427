"""What an upload asks for: its form fields, read and checked against the team's data."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ServiceUnavailable, ValidationFailed
from rollcall.imports.column_map import ColumnMap, PropertyColumn
from rollcall.imports.kinds import OnConflict
from rollcall.properties.models import ContactProperty
from rollcall.properties.queries import define_property, lock_properties
from rollcall.segments.queries import lock_segments
from rollcall.segments.schemas import SegmentReferences
from rollcall.topics.queries import find_topics
from rollcall.topics.schemas import TopicChoice
from rollcall.topics.subscriptions import Subscription

Value = TypeVar("Value")
MAX_REFERENCES = 100


Segments = TypeAdapter(SegmentReferences)
Topics = TypeAdapter(list[TopicChoice])


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """The form fields of an upload; without a column map the fields' own names are matched."""

    column_map: ColumnMap | None
    on_conflict: OnConflict
    segments: tuple[uuid.UUID, ...]
    topics: dict[uuid.UUID, Subscription]
    resubscribe: bool
    dry_run: bool


def read_options(fields: dict[str, str]) -> ImportOptions:
    """Read the form fields.

    Raises:
        ValidationFailed: naming the field and what is wrong with it.
    """
    segments = _read_json(fields, "segments", Segments) or []
    topics = _read_json(fields, "topics", Topics) or []
    for name, references in (("segments", segments), ("topics", topics)):
        if len(references) > MAX_REFERENCES:
            raise ValidationFailed(f"Invalid `{name}`: at most {MAX_REFERENCES} can be given.")
    return ImportOptions(
        column_map=_read_json(fields, "column_map", TypeAdapter(ColumnMap)),
        on_conflict=_read_on_conflict(fields.get("on_conflict")),
        segments=tuple(dict.fromkeys(segment.id for segment in segments)),
        topics={topic.id: topic.subscription for topic in topics},
        resubscribe=_read_boolean(fields, "resubscribe", default=True),
        dry_run=_read_boolean(fields, "dry_run", default=False),
    )


async def check_references(
    session: AsyncSession, team_id: uuid.UUID, options: ImportOptions
) -> None:
    """Check that the segments and topics of an import exist.

    Raises:
        ValidationFailed: naming the first that does not.
    """
    await lock_segments(session, team_id, options.segments)
    await find_topics(session, team_id, options.topics)


async def ensure_properties(
    session: AsyncSession, team_id: uuid.UUID, column_map: ColumnMap, *, define: bool
) -> ColumnMap:
    """Define the mapped properties that are not defined yet; return where all are stored.

    Without `define` they only get the key under which they would be stored.

    The definitions stay locked until the import's row is committed with them: the sweep after a
    deleted property waits for the imports that were let in before.

    Raises:
        ValidationFailed: a property is defined with another type.
    """
    wanted = column_map.properties
    defined = await lock_properties(session, team_id, wanted)
    missing = wanted.keys() - defined.keys()
    if not define:
        known = {key: _stored(key, wanted[key], defined) for key in wanted.keys() - missing}
        return column_map.model_copy(update={"properties": {**wanted, **known}})
    # In one order, so that two uploads at the same time cannot lock each other out.
    for key in sorted(missing):
        await define_property(session, team_id, key, wanted[key].type)
    defined |= await lock_properties(session, team_id, missing)
    stored = {key: _stored(key, mapped, defined) for key, mapped in wanted.items()}
    return column_map.model_copy(update={"properties": stored})


def _stored(
    key: str, mapped: PropertyColumn, defined: dict[str, ContactProperty]
) -> PropertyColumn:
    if key not in defined:
        raise ServiceUnavailable(f'The property "{key}" is being changed. Try again in a moment.')
    if defined[key].type != mapped.type:
        raise ValidationFailed(
            f'Invalid `column_map`: the property "{key}" is defined as {defined[key].type},'
            f" not as {mapped.type}."
        )
    return mapped.model_copy(update={"stored_as": defined[key].stored_as})


def _read_on_conflict(value: str | None) -> OnConflict:
    if value is None:
        return OnConflict.UPSERT
    try:
        return OnConflict(value)
    except ValueError:
        raise ValidationFailed("Invalid `on_conflict`: it must be upsert or skip.") from None


def _read_boolean(fields: dict[str, str], name: str, *, default: bool) -> bool:
    value = fields.get(name)
    if value not in (None, "true", "false"):
        raise ValidationFailed(f"Invalid `{name}`: it must be true or false.")
    return default if value is None else value == "true"


def _read_json(fields: dict[str, str], name: str, adapter: TypeAdapter[Value]) -> Value | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationFailed(f"Invalid `{name}`: it is not valid JSON.") from None
    if value is None:
        return None
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise ValidationFailed(_describe(name, error)) from None
    except UnicodeError:
        raise ValidationFailed(f"Invalid `{name}`: it has half of a surrogate pair.") from None


def _describe(name: str, error: ValidationError) -> str:
    first = error.errors()[0]
    place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"])
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        reason = "it is no contact field; custom fields go under `properties`"
    return f"Invalid `{name}{place}`: {reason[:1].lower()}{reason[1:]}."
