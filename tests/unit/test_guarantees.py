"""docs/guarantees.md: each promise names tests, and each of these is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.documents import ROOT

PROMISE = re.compile(r"^\| (?!promise )([^|-][^|]+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`([^`]*)::(test_\w+)`")


def promises() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each promise with its tests; one without a file is in that of the test before it."""
    for promise, held_by in PROMISE.findall((ROOT / "docs" / "guarantees.md").read_text()):
        found: list[tuple[str, str]] = []
        for file, test in TEST.findall(held_by):
            found.append((file or found[-1][0], test))
        yield promise, found


@pytest.mark.parametrize(
    ("promise", "tests"), [pytest.param(*each, id=each[0][:60]) for each in promises()]
)
def test_the_tests_of_a_promise_are_there(promise: str, tests: list[tuple[str, str]]) -> None:
    assert tests, promise
    for file, test in tests:
        module = ast.parse((ROOT / file).read_text())
        names = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
        assert test in names, f"{file} has no {test}"


def test_there_are_promises_of_every_kind() -> None:
    text = (ROOT / "docs" / "guarantees.md").read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        *("Imports", "Outages", "Data", "Operation")
    ]
    assert len(list(promises())) > 25
