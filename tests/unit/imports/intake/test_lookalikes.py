"""Form fields that somebody meant to be read: refused with how they are written."""

from __future__ import annotations

import json

import pytest

from rollcall.errors import ValidationFailed
from rollcall.imports.intake.lookalikes import how_to_send, refuse_lookalike
from rollcall.imports.options import OPTIONS

KNOWN = ("file", "column_map", "on_conflict", "segments", "topics", "resubscribe", "dry_run")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("columnMap", "column_map"),
        ("column-map", "column_map"),
        ("COLUMN_MAP", "column_map"),
        ("column_map[email]", "column_map"),
        ("column_map{}", "column_map"),
        ("column_map.properties.plan", "column_map"),
        ("segments[0][id]", "segments"),
        ("segments[]", "segments"),
        ("segment", "segments"),
        ("topic", "topics"),
        ("segment_id", "segments"),
        ("segmentIds", "segments"),
        ("segment_ids[]", "segments"),
        ("topic-ids", "topics"),
        ("onConflict", "on_conflict"),
        ("dryRun", "dry_run"),
        ("files", "file"),
        ("body[on_conflict]", "on_conflict"),
        ("$.topics", "topics"),
    ],
)
def test_a_field_that_was_meant_is_refused_with_how_it_is_written(name: str, meant: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        refuse_lookalike(name, KNOWN)
    assert str(caught.value) == f"The form field `{name}` is not read. {how_to_send(meant)}"


@pytest.mark.parametrize("name", ["", "[]", "utf8", "_method", "csrf_token", "filename", "map"])
def test_a_field_of_another_name_is_ignored(name: str) -> None:
    refuse_lookalike(name, KNOWN)


def test_a_name_is_shown_without_what_steers_a_terminal_and_short() -> None:
    with pytest.raises(ValidationFailed, match=r"`file\[\\x1b\]x+…`"):
        refuse_lookalike("file[\x1b]" + "x" * 10_000, KNOWN)


@pytest.mark.parametrize("field", KNOWN)
def test_an_example_can_be_sent_as_it_stands(field: str) -> None:
    sentence = how_to_send(field)
    assert f"`{field}`" in sentence
    if field != "file" and (example := OPTIONS[field].field.example):
        assert json.loads(example)
        assert example in sentence
