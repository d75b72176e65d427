"""What a language model is told and asked, and that nothing it does can do harm."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence

import pytest

from rollcall.imports.matching.proposals import Proposal
from rollcall.imports.matching.suggestions import SuggestedColumn, Target
from rollcall.imports.suggesting import language_model
from rollcall.imports.suggesting.language_model import (
    LanguageModel,
    describe,
    shape_of,
)
from tests.support.completions import Completions, completions


def column(index: int, name: str, *samples: str) -> SuggestedColumn:
    return SuggestedColumn(index=index, name=name, samples=samples, suggestion=None)


COLUMNS = [column(2, "Segment Nr", "K-17", "K-4"), column(5, "Wer", "Ann Lee")]
SOURCE = "The language model small"


@pytest.fixture
def server() -> Iterator[Completions]:
    with completions() as server:
        yield server


def propose(
    server: Completions, columns: Sequence[SuggestedColumn] = COLUMNS, times: int = 1
) -> Mapping[int, Proposal]:
    async def ask() -> Mapping[int, Proposal]:
        model = LanguageModel(f"{server.url}/", "small", "secret")
        for _ in range(times):
            proposals = await model.propose(columns)
        await model.aclose()
        return proposals

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ("Ann.Lee+1@example.com", "Xxx.Xxx+9@xxxxxxx.xxx"),
        ("+49 (0)30 1234-5", "+99 (9)99 9999-9"),
        ("Ελένη 山田", "Xxxxx xx"),
        ("\N{VULGAR FRACTION ONE HALF}\N{ARABIC-INDIC DIGIT SEVEN}", "99"),
        ("x" * 100, "x" * 40),
        ("", ""),
        ("\u092a\u094d\u0930\u093f\u092f\u093e 7", "xxxxxx 9"),
        ("a\u0301 \U0001f469", "xx x"),
    ],
)
def test_no_letter_and_no_digit_of_a_cell_is_told(cell: str, shape: str) -> None:
    assert shape_of(cell) == shape


def test_shapes_are_told_once() -> None:
    asked = column(1, "n" * 300, "Ann", "Bob", "Eve", "Zoe 1")
    assert describe(asked) == {"index": 1, "name": "n" * 100, "shapes": ["Xxx"]}


def test_it_is_asked_in_the_protocol_and_its_answer_is_taken(server: Completions) -> None:
    server.answer_columns({"index": 5, "target": "full_name", "why": "two words"})
    assert propose(server) == {5: Proposal(target=Target.FULL_NAME, source=SOURCE)}
    ((headers, question),) = server.asked
    assert headers["Authorization"] == "Bearer secret"
    assert question["model"] == "small"
    assert [message["role"] for message in question["messages"]] == ["system", "user"]
    told = json.loads(question["messages"][1]["content"])
    assert [each["name"] for each in told] == ["Segment Nr", "Wer"]
    assert "Ann" not in json.dumps(question["messages"][1])


def test_what_was_not_asked_is_not_taken(server: Completions) -> None:
    server.answer_columns({"index": 0, "target": "email"}, {"index": 2, "target": "last_name"})
    assert set(propose(server)) == {2}


def test_it_is_not_asked_about_nothing(server: Completions) -> None:
    assert propose(server, []) == {}
    assert server.asked == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no JSON",
        "[]",
        '{"columns": null}',
        '{"columns": [{"index": 2, "target": "password"}]}',
        '{"columns": [{"index": 2, "target": "property"}]}',
        '{"columns": [{"index": "two", "target": "email"}]}',
        json.dumps({"columns": [{"index": 2, "target": "email"}] * 51}),
    ],
)
def test_an_answer_that_is_none_is_as_good_as_none(server: Completions, content: str) -> None:
    server.content = content
    assert propose(server) == {}


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b'{"choices": []}', b'{"choices": [{"message": null}]}', b"x" * 200_000],
)
def test_neither_is_another_body(server: Completions, body: bytes) -> None:
    server.body = body
    assert propose(server) == {}


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_neither_is_an_error_and_it_is_not_asked_again_at_once(
    server: Completions, status: int
) -> None:
    server.answer_columns({"index": 2, "target": "last_name"})
    server.status = status
    assert propose(server, times=3) == {}
    assert len(server.asked) == 1


def test_one_that_is_silent_is_not_waited_for(
    server: Completions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language_model, "SECONDS", 0.2)
    server.is_silent = True
    assert propose(server, times=2) == {}
    assert len(server.asked) == 1


def test_nobody_there(server: Completions) -> None:
    server.url = "http://127.0.0.1:9/v1"
    assert propose(server) == {}
