"""What the command was asked for: its options, read and turned into the upload's form fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rollcall.client.errors import ClientError

FIELDS = ("email", "first_name", "last_name", "unsubscribed")
TYPES = ("string", "number", "boolean")
SUBSCRIPTIONS = ("opt_in", "opt_out")


@dataclass(frozen=True, kw_only=True)
class FormOptions:
    """The options that become form fields, as they were written."""

    maps: Sequence[str]
    properties: Sequence[str]
    on_conflict: str
    segments: Sequence[str]
    topics: Sequence[str]
    resubscribe: bool | None
    dry_run: bool


@dataclass(frozen=True, kw_only=True)
class Order:
    """One run of the command: a file to import, or the id of an import to follow."""

    url: str | None
    key: str | None
    file: Path | None
    follow: str | None
    options: FormOptions
    watch: bool
    failures: Path | None

    def check(self) -> None:
        """Check what belongs together.

        Raises:
            ClientError: something is missing or too much.
        """
        if (self.file is None) == (self.follow is None):
            raise ClientError("Give a FILE to import, or --follow and the id of an import.")
        if self.follow is not None and not self.watch:
            raise ClientError("--follow watches an import; --no-watch does not go with it.")
        for value, option, variable in (
            (self.url, "--url", "ROLLCALL_URL"),
            (self.key, "--key", "ROLLCALL_API_KEY"),
        ):
            if not value:
                raise ClientError(f"Give {option}, or set {variable}.")
        if self.failures is not None and not self.failures.absolute().parent.is_dir():
            raise ClientError(f"--failures {self.failures}: there is no such folder.")


def read_form(file: Path, options: FormOptions) -> dict[str, str]:
    """Return the form fields of an upload: text by name.

    Raises:
        ClientError: naming the option and what is wrong with it.
    """
    form = {"on_conflict": options.on_conflict}
    column_map = _column_map(file, options)
    if column_map is not None:
        form["column_map"] = json.dumps(column_map)
    if options.segments:
        form["segments"] = json.dumps([{"id": each} for each in options.segments])
    if options.topics:
        form["topics"] = json.dumps([_read_topic(each) for each in options.topics])
    if options.resubscribe is not None:
        form["resubscribe"] = json.dumps(options.resubscribe)
    if options.dry_run:
        form["dry_run"] = "true"
    return form


def _column_map(file: Path, options: FormOptions) -> dict[str, Any] | None:
    mapped = _once("--map", (_read_map(each) for each in options.maps))
    properties = _once("--property", (_read_property(each) for each in options.properties))
    if not properties:
        return mapped or None
    if not mapped:
        # With a column map the server reads mapped columns only, so the ones that it would have
        # found by itself have to be named next to the properties.
        from rollcall.client.header import match_columns

        mapped = match_columns(file, [each["column"] for each in properties.values()])
    return {**mapped, "properties": properties}


def _once(option: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in pairs:
        if name in read:
            raise ClientError(f"{option}: {name} is there twice.")
        read[name] = value
    return read


def _read_map(text: str) -> tuple[str, str]:
    field, column = _split("--map", text, "email=Email")
    if field not in FIELDS:
        raise ClientError(
            f"--map {text}: {field} is no contact field; they are {', '.join(FIELDS)}."
            " Custom fields are given with --property."
        )
    return field, column


def _read_property(text: str) -> tuple[str, dict[str, str]]:
    key, column = _split("--property", text, "plan=Plan:string")
    name, colon, kind = column.rpartition(":")
    if not colon:
        return key, {"column": column, "type": TYPES[0]}
    if kind not in TYPES or not name:
        raise ClientError(
            f"--property {text}: after the last colon stands the type, {', '.join(TYPES)};"
            " a column with a colon in its name needs one."
        )
    return key, {"column": name, "type": kind}


def _read_topic(text: str) -> dict[str, str]:
    topic, subscription = _split("--topic", text, "ID=opt_in")
    if subscription not in SUBSCRIPTIONS:
        raise ClientError(f"--topic {text}: it has to end in =opt_in or =opt_out.")
    return {"id": topic, "subscription": subscription}


def _split(option: str, text: str, example: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name.strip() or not value.strip():
        raise ClientError(f"{option} {text}: it has to look like {option} {example}.")
    return name.strip(), value
