"""How the printed answers of the documentation are read, on which the test of the README rests."""

from __future__ import annotations

import json

import pytest

from tests.support.documents import Block, assert_shown, read_commands, read_json


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('{"a":1,…,"b":{"c":2},…}', {"a": 1, "b": {"c": 2}}),
        (
            '{"status":"completed", …\n "b":[{"c":"…, x"}, …]}',
            {"status": "completed", "b": [{"c": "…, x"}]},
        ),
        ("{…}", {}),
        ('{"a":"say \\"…\\", ok","b":""}', {"a": 'say "…", ok', "b": ""}),
    ],
)
def test_what_is_left_out_of_json(text: str, meant: object) -> None:
    assert read_json(text) == meant


def test_commands_are_taken_apart() -> None:
    text = "a \\\n  b\n# {}\n\ncat > f <<'X'\n# c\n\nX\nd\n"
    commands = read_commands(Block("sh", text))
    assert [each.text for each in commands] == ["a \\\n  b", "cat > f <<'X'\n# c\n\nX", "d"]
    assert [each.shown for each in commands] == [["{}"], [], []]


@pytest.mark.parametrize(
    ("printed", "really"),
    [
        ('{"object":"list"}', {"object": "contact"}),
        ('{"object":"list","more":1}', {"object": "list"}),
        ('{"completed_at":"2026"}', {"completed_at": None}),
        ('{"counts":{"total":3,…}}', {"counts": {"total": 2, "created": 2}}),
        ('{"data":[{"row":1}, …]}', {"data": []}),
    ],
)
def test_a_contradiction_is_seen(printed: str, really: object) -> None:
    with pytest.raises(AssertionError):
        assert_shown([printed], json.dumps(really))


def test_what_differs_every_time_and_newer_fields_are_no_contradiction() -> None:
    really = {"id": "0199", "progress": 0.5, "rows_per_second": None, "newer": 1, "value": "abc"}
    assert_shown(
        ['{"id":"01935f2c-…","progress":1.0,"rows_per_second":null,"value":"a…"}'],
        json.dumps(really),
    )
