"""What the documentation prints: its blocks, the commands in them, and the answers shown below."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HERE_DOCUMENT = re.compile(r"<<'(\w+)'")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# What is another value with every run; its type is compared.
VOLATILE = {
    "id",
    "created_at",
    "waiting_since",
    "retry_at",
    "completed_at",
    "progress",
    "rows_per_second",
}


@dataclass(frozen=True)
class Block:
    """A fenced block; `language` is what stands behind the fence."""

    language: str
    text: str


@dataclass
class Command:
    """A command of a shell block, and the lines of comments under it: what it prints."""

    text: str
    shown: list[str] = field(default_factory=list)


def read_blocks(name: str) -> list[Block]:
    """Return every block of a file of the repository, in order."""
    return [Block(*found) for found in BLOCK.findall((ROOT / name).read_text())]


def read_commands(block: Block) -> list[Command]:
    """Take a shell block apart; here-documents and continued lines belong to their command."""
    commands: list[Command] = []
    lines = iter(block.text.splitlines())
    for line in lines:
        if line.startswith("#"):
            commands[-1].shown.append(line[1:].removeprefix(" "))
        elif line.strip():
            commands.append(Command("\n".join([line, *_rest_of_command(line, lines)])))
    return commands


def _rest_of_command(line: str, lines: Iterator[str]) -> Iterator[str]:
    if here := HERE_DOCUMENT.search(line):
        for part in lines:
            yield part
            if part == here[1]:
                return
    while line.endswith("\\"):
        yield (line := next(lines))


def assert_shown(printed: list[str], really: str) -> None:
    """Compare an answer that a document prints with the real one.

    What is printed has to be there, with its value unless it is `VOLATILE`; `…` stands for
    anything. A newer field that is not printed is no contradiction.
    """
    if printed[0].startswith("{"):
        _assert_like(read_json("\n".join(printed)), json.loads(really))
    elif printed[0].startswith("event:"):
        _assert_events_like(_read_events("\n".join(printed)), _read_events(really))
    else:
        assert really.removeprefix("\ufeff").splitlines() == printed


def read_json(text: str) -> Any:
    """Read JSON in which `…` outside of texts stands for what is left out."""
    pieces = STRING.split(text)
    strings = STRING.findall(text)
    masked = "".join(
        piece + mark for piece, mark in zip(pieces, ['""'] * len(strings) + [""], strict=True)
    )
    masked = re.sub(r"[,\s]*…[,\s]*", ",", masked)
    masked = re.sub(r",\s*([}\]])", r"\1", masked)
    masked = re.sub(r"([{\[])\s*,", r"\1", masked)
    remaining = iter(strings)
    return json.loads(re.sub('""', lambda _: next(remaining), masked))


def _assert_like(printed: Any, really: Any, key: str = "") -> None:
    if isinstance(printed, dict):
        assert printed.keys() <= really.keys(), (printed, really)
        for name, value in printed.items():
            _assert_like(value, really[name], name)
    elif isinstance(printed, list):
        assert len(printed) <= len(really), (printed, really)
        for one, other in zip(printed, really, strict=False):
            _assert_like(one, other, key)
    elif key in VOLATILE:
        numbers = isinstance(printed, int | float) and isinstance(really, int | float)
        assert numbers or type(printed) is type(really), (key, printed, really)
    elif isinstance(printed, str) and "…" in printed:
        assert really.startswith(printed.partition("…")[0]), (key, printed, really)
    else:
        assert printed == really, (key, printed, really)


def _read_events(text: str) -> list[dict[str, str]]:
    """Return the fields of each server-sent event; comments are left out."""
    return [
        dict(line.split(": ", 1) for line in lines)
        for event in re.split(r"\n\s*\n", text.strip())
        if (lines := [line for line in event.splitlines() if not line.startswith(":")])
    ]


def _assert_events_like(printed: list[dict[str, str]], really: list[dict[str, str]]) -> None:
    """Compare the first events and the last ones; there may be any number between them."""
    for one, other in ((printed[0], really[0]), (printed[-1], really[-1])):
        assert one.keys() == other.keys()
        assert one["event"] == other["event"]
        shown = read_json(one["data"])
        if one["event"] == "progress":
            # It may be any moment of the import's life.
            assert shown.keys() <= json.loads(other["data"]).keys()
        else:
            _assert_like(shown, json.loads(other["data"]))
