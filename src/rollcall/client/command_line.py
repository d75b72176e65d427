"""A column map as the command line that says it, to be edited and typed in again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from rollcall.client.command import ImportCommand
from rollcall.client.given_map import NOT_EMPTY, column_of, read_properties
from rollcall.program import program

# Options that are not called as their form field.
FLAGS = {"segments": "--segment", "topics": "--topic"}
# What a server does unless it is told otherwise, and the command tells it all the same.
DEFAULTS = {"on_conflict": "upsert"}
_UNPRINTABLE = re.compile(r"[^ -~]")


def command_line(order: ImportCommand, column_map: Mapping[str, Any]) -> str:
    """Return a command line for the same import with this column map, without the key."""
    words = ["import", str(order.file), *_map_options(column_map), *_other_options(order)]
    return " ".join([program(), *map(quote_word, words)])


def quote_word(text: str) -> str:
    """Return text as a shell reads it back, with nothing in it that would steer a terminal.

    For what cannot be printed that takes a shell that knows `$'…'`, as all but the barest do.
    """
    if text.isprintable():
        return shlex.quote(text)
    escaped = text.replace("\\", r"\\").replace("'", r"\'")
    return f"$'{_UNPRINTABLE.sub(_escape, escaped)}'"


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _map_options(column_map: Mapping[str, Any]) -> Iterator[str]:
    for field, value in column_map.items():
        if field != "properties":
            yield from ("--map", f"{field}={column_of(value)}")
    for key, each in read_properties(column_map).items():
        yield from ("--property", f"{key}={column_of(each)}:{each.get('type', 'string')}")
    if any(each.get("decimal") == "," for each in read_properties(column_map).values()):
        yield from ("--decimal", ",")
    unsubscribed = column_map.get("unsubscribed")
    true_when = unsubscribed.get("true_when") if isinstance(unsubscribed, Mapping) else None
    if true_when == NOT_EMPTY:
        yield "--unsubscribed-when-not-empty"
    elif isinstance(true_when, list):
        for word in true_when:
            yield from ("--unsubscribed-when", str(word))


def _other_options(order: ImportCommand) -> Iterator[str]:
    for name, given in order.options.others.items():
        flag = FLAGS.get(name, f"--{name.replace('_', '-')}")
        if isinstance(given, bool):
            yield flag if given else f"--no-{flag[2:]}"
        elif isinstance(given, str):
            if given != DEFAULTS.get(name):
                yield from (flag, str(given))
        else:
            for each in given or ():
                yield from (flag, each)
    if not order.watch:
        yield "--no-watch"
    if order.failures is not None:
        yield from ("--failures", str(order.failures))
    yield from ("--url", order.url or "")
