"""What an upload asks for: its form fields, as they are read and as the API describes them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, TypeAdapter, ValidationError

from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.intake.lookalikes import how_to_send
from rollcall.imports.kinds import AutomaticMap
from rollcall.imports.options import OPTIONS, ImportOptions, Option
from rollcall.segments.schemas import SegmentReference, SegmentReferences
from rollcall.topics.schemas import TopicChoice
from rollcall.topics.subscriptions import Subscription
from rollcall.wrong_values import explain, make_visible, shorten

MAX_REFERENCES = 100


def _segment_ids(segments: list[SegmentReference]) -> tuple[uuid.UUID, ...]:
    _check_number(segments)
    return tuple(dict.fromkeys(segment.id for segment in segments))


def _subscriptions(topics: list[TopicChoice]) -> dict[uuid.UUID, Subscription]:
    _check_number(topics)
    return {topic.id: topic.subscription for topic in topics}


def _check_number(references: list[Any]) -> None:
    if len(references) > MAX_REFERENCES:
        raise ValueError(f"at most {MAX_REFERENCES} can be given")


# How the fields that take JSON are written, and what becomes of them.
JSON_SHAPES: dict[str, TypeAdapter[Any]] = {
    "column_map": TypeAdapter(ColumnMap),
    "segments": TypeAdapter(Annotated[SegmentReferences, AfterValidator(_segment_ids)]),
    "topics": TypeAdapter(Annotated[list[TopicChoice], AfterValidator(_subscriptions)]),
}


def read_options(fields: dict[str, str]) -> ImportOptions:
    """Read the form fields.

    Raises:
        ValidationFailed: naming the field and what is wrong with it.
    """
    read = {name: _read(OPTIONS[name], text) for name, text in fields.items()}
    given = {name: value for name, value in read.items() if value is not None}
    if given.get("column_map") is AutomaticMap.AUTO:
        # Nobody who has left is subscribed again on a guess.
        given.setdefault("resubscribe", False)
    return ImportOptions(**given)


def _read(option: Option, text: str) -> Any:
    """Return the value of a field, or None if it has none."""
    if option.field.read is not None:
        return _read_text(option.name, option.field.read, text)
    if not option.words:
        return _read_json(option.name, text.strip())
    if text not in option.words:
        wanted = " or ".join(option.words)
        raise ValidationFailed(f"Invalid `{option.name}`: it must be {wanted}.")
    return option.words[text]


def _read_text(name: str, read: Callable[[str], Any], text: str) -> Any:
    # A tab is a blank, and a value.
    if not text.strip(" \r\n"):
        return None
    try:
        return read(text)
    except ValueError as error:
        raise ValidationFailed(f"Invalid `{name}`: {error}.") from None


def _read_json(name: str, text: str) -> Any:
    if not text:
        return None
    if name == "column_map" and text.strip('"') == AutomaticMap.AUTO:
        return AutomaticMap.AUTO
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationFailed(
            f"Invalid `{name}`: it is not valid JSON. {how_to_send(name)}"
        ) from None
    if value is None:
        return None
    try:
        return JSON_SHAPES[name].validate_python(value)
    except ValidationError as error:
        raise ValidationFailed(_describe(name, error)) from None
    except UnicodeError:
        raise ValidationFailed(f"Invalid `{name}`: it has half of a surrogate pair.") from None


def _describe(name: str, error: ValidationError) -> str:
    first = error.errors()[0]
    place = "".join(
        f"[{part}]" if isinstance(part, int) else f".{shorten(make_visible(part))}"
        for part in first["loc"]
    )
    if first["type"] == "extra_forbidden" and len(first["loc"]) > 1:
        reason = "there is no such setting."
    elif first["type"] == "extra_forbidden":
        reason = "it is no contact field; custom fields go under `properties`."
    elif first["type"] == "missing":
        reason = f"it is missing. {how_to_send(name)}"
    else:
        hint = f" {how_to_send(name)}" if first["type"].endswith("_type") else ""
        reason = f"{explain(first)}.{hint}"
    return f"Invalid `{name}{place}`: {reason}"


FILE = {
    "type": "string",
    "format": "binary",
    "description": "A table with a header row: CSV, also packed as `.csv.gz` or as the one file of"
    " a `.zip`, or an Excel workbook (`.xlsx`), of which the first sheet with such a"
    " header is read. What it is, its content says, not its name. The size limit holds for the"
    " unpacked CSV too.",
}


def _schema(option: Option) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "description": option.field.description}
    if option.field.example is not None:
        schema["example"] = option.field.example
    if option.words:
        (default,) = (word for word, value in option.words.items() if value == option.default)
        schema |= {"enum": list(option.words), "default": default}
    return schema | option.field.schema


def _multipart(fields: Iterable[str]) -> dict[str, Any]:
    """Describe a form: its body is read as a stream, so the framework cannot know its fields."""
    described = {name: _schema(OPTIONS[name]) for name in fields}
    form = {"type": "object", "required": ["file"], "properties": {"file": FILE, **described}}
    content = {"multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}


MULTIPART_FORM = _multipart(OPTIONS)
# What is said of a file as such; the others say what is to become of its rows.
PREVIEW_FORM = _multipart(name for name, option in OPTIONS.items() if option.field.of_file)
