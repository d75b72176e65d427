"""What an upload asks for: its form fields, read and checked against the team's data."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.models import OnConflict
from rollcall.properties.models import ContactProperty
from rollcall.segments.models import Segment
from rollcall.topics.models import Topic
from rollcall.topics.subscriptions import Subscription

Value = TypeVar("Value")


class SegmentReference(BaseModel):
    """A segment to add every created or updated contact to."""

    id: uuid.UUID


class TopicChoice(BaseModel):
    """A subscription that every created or updated contact gets."""

    id: uuid.UUID
    subscription: Subscription


def _reference(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


Segments = TypeAdapter(list[Annotated[SegmentReference, BeforeValidator(_reference)]])
Topics = TypeAdapter(list[TopicChoice])


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """The form fields of an upload; without a column map the fields' own names are matched."""

    column_map: ColumnMap | None
    on_conflict: OnConflict
    segments: tuple[uuid.UUID, ...]
    topics: dict[uuid.UUID, Subscription]


def read_options(fields: dict[str, str]) -> ImportOptions:
    """Read the form fields.

    Raises:
        ValidationFailed: naming the field and what is wrong with it.
    """
    segments = _read_json(fields, "segments", Segments) or []
    topics = _read_json(fields, "topics", Topics) or []
    return ImportOptions(
        column_map=_read_json(fields, "column_map", TypeAdapter(ColumnMap)),
        on_conflict=_read_on_conflict(fields.get("on_conflict")),
        segments=tuple(dict.fromkeys(segment.id for segment in segments)),
        topics={topic.id: topic.subscription for topic in topics},
    )


async def check_references(
    session: AsyncSession, team_id: uuid.UUID, options: ImportOptions
) -> None:
    """Check that the segments and topics of an import exist.

    Raises:
        ValidationFailed: naming the first that does not.
    """
    query = select(Segment.id).where(
        Segment.team_id == team_id,
        Segment.id.in_(options.segments),
        Segment.deleted_at.is_(None),
    )
    _check_found("segments", "Segment", options.segments, await session.scalars(query))
    topics = select(Topic.id).where(Topic.team_id == team_id, Topic.id.in_(options.topics))
    _check_found("topics", "Topic", tuple(options.topics), await session.scalars(topics))


async def ensure_properties(
    session: AsyncSession, team_id: uuid.UUID, column_map: ColumnMap
) -> None:
    """Define the mapped properties that are not defined yet.

    Raises:
        ValidationFailed: a property is defined with another type.
    """
    if not column_map.properties:
        return
    wanted = {key: mapped.type for key, mapped in column_map.properties.items()}
    # In one order, so that two uploads at the same time cannot lock each other out.
    rows = [{"team_id": team_id, "key": key, "type": wanted[key]} for key in sorted(wanted)]
    await session.execute(insert(ContactProperty).values(rows).on_conflict_do_nothing())
    defined = await session.execute(
        select(ContactProperty.key, ContactProperty.type).where(
            ContactProperty.team_id == team_id, ContactProperty.key.in_(wanted)
        )
    )
    for key, type_ in defined:
        if type_ != wanted[key]:
            raise ValidationFailed(
                f'Invalid `column_map`: the property "{key}" is defined as {type_},'
                f" not as {wanted[key]}."
            )


def _read_on_conflict(value: str | None) -> OnConflict:
    if value is None:
        return OnConflict.UPSERT
    try:
        return OnConflict(value)
    except ValueError:
        raise ValidationFailed("Invalid `on_conflict`: it must be upsert or skip.") from None


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


def _describe(name: str, error: ValidationError) -> str:
    first = error.errors()[0]
    place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"])
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        reason = "it is no contact field; custom fields go under `properties`"
    return f"Invalid `{name}{place}`: {reason[:1].lower()}{reason[1:]}."


def _check_found(field: str, noun: str, wanted: tuple[uuid.UUID, ...], found: Any) -> None:
    missing = set(wanted) - set(found)
    for id_ in wanted:
        if id_ in missing:
            raise ValidationFailed(f"Invalid `{field}`: {noun} {id_} not found.")
