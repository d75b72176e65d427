from __future__ import annotations

import json
from typing import Any

import pytest

from rollcall.imports.matching.remembered import CONFIRMED, Remembered, fingerprint
from rollcall.imports.matching.suggest import suggest
from rollcall.properties.values import PropertyType

HEADER = ["Mail", "Kunde", "Stand", "Punkte"]
RECORDS = [
    HEADER,
    ["ann@example.com", "Ann", "aktiv", "3"],
    ["bob@example.com", "Bob", "raus", "4"],
]
CONFIRMED_MAP: dict[str, Any] = {
    "email": "Mail",
    "first_name": "Kunde",
    "unsubscribed": {"column": "Stand", "true_when": ["raus"]},
}


def remember(column_map: dict[str, Any], names: list[str] = HEADER) -> Remembered:
    stored = json.dumps(Remembered.of(names, column_map).to_json())
    return Remembered.from_json(json.loads(stored))


def test_a_fingerprint_is_that_of_the_names_in_order_however_they_are_spelled() -> None:
    assert fingerprint(["E-Mail", "First name*"]) == fingerprint(["email", "FIRST_NAME"])
    assert fingerprint(["email", "name"]) != fingerprint(["name", "email"])
    assert fingerprint(["a", "bc"]) != fingerprint(["ab", "c"])
    assert fingerprint(["★"]) != fingerprint(["☆"])


def test_what_was_confirmed_comes_first_and_what_was_rejected_is_not_suggested_again() -> None:
    found = suggest(RECORDS, remembered=remember(CONFIRMED_MAP))
    assert found.column_map() == CONFIRMED_MAP
    assert found.columns[1].suggestion is not None
    assert found.columns[1].suggestion.reason == CONFIRMED
    assert found.columns[3].suggestion is None


def test_properties_are_remembered_with_what_was_said_of_them() -> None:
    prices = {"column": "Punkte", "type": "number", "decimal": ","}
    column_map = {"email": "Mail", "properties": {"score": prices}}
    found = suggest(RECORDS, remembered=remember(column_map))
    assert found.column_map() == column_map


def test_cells_that_speak_against_it_are_believed() -> None:
    # A field whose column it cannot be is looked for anew, also among what was rejected.
    confirmed = {"email": "Kunde", "properties": {"mail": {"column": "Stand", "type": "number"}}}
    assert suggest(RECORDS, remembered=remember(confirmed)).column_map() == {
        "email": "Mail",
        "properties": {
            "kunde": {"column": "Kunde", "type": "string"},
            "stand": {"column": "Stand", "type": "string"},
        },
    }


def test_a_new_property_gets_no_key_that_is_remembered() -> None:
    names = ["Mail", "Plan", "Plan B"]
    records = [names, ["ann@example.com", "x", "y"]]
    remembered = remember({"email": "Mail", "properties": {"plan": {"column": "Plan B"}}}, names)
    keys = [
        c.suggestion.key for c in suggest(records, remembered=remembered).columns if c.suggestion
    ]
    assert keys == [None, "plan"]


def test_another_number_of_columns_is_another_header() -> None:
    found = suggest([[*HEADER, "Ort"], *RECORDS[1:]], remembered=remember(CONFIRMED_MAP))
    assert found.column_map()["email"] == "Mail"
    assert found.columns[3].suggestion is not None
    assert found.columns[3].suggestion.type is PropertyType.NUMBER


@pytest.mark.parametrize(
    ("confirmed", "cells", "taken"),
    [
        (",", ["12.5", "1.250"], None),
        (",", ["12,5", "1.250"], ","),
        (",", ["12", "1250"], ","),
        (None, ["12,5", "1.250,5"], ","),
        (None, ["12.5", "1.250"], None),
    ],
)
def test_the_cells_tell_how_a_remembered_number_is_written(
    confirmed: str | None, cells: list[str], taken: str | None
) -> None:
    names = ["Mail", "Preis"]
    price = {"column": "Preis", "type": "number", "decimal": confirmed or "."}
    remembered = remember({"email": "Mail", "properties": {"price": price}}, names)
    found = suggest([names, *([f"{c}@example.com", c] for c in cells)], remembered=remembered)
    assert found.columns[1].suggestion is not None
    assert (found.columns[1].suggestion.key, found.columns[1].suggestion.decimal) == (
        "price",
        taken,
    )


def test_a_remembered_property_has_the_type_that_it_is_defined_with_by_now() -> None:
    score = {"column": "Punkte", "type": "number"}
    remembered = remember({"email": "Mail", "properties": {"score": score}})
    found = suggest(RECORDS, remembered=remembered, properties={"score": PropertyType.STRING})
    assert found.column_map()["properties"] == {"score": {"column": "Punkte", "type": "string"}}


@pytest.mark.parametrize(
    ("true_when", "cells"),
    [(["no"], ["nein", "ja"]), (["unsubscribed"], ["abgemeldet", "angemeldet"])],
)
def test_words_that_mean_what_was_confirmed_in_other_words_are_not_passed_over(
    true_when: list[str], cells: list[str]
) -> None:
    names = ["Mail", "Newsletter"]
    said = {"column": "Newsletter", "true_when": true_when}
    remembered = remember({"email": "Mail", "unsubscribed": said}, names)
    records = [names, *([f"{cell}@example.com", cell] for cell in cells)]
    assert (
        cells[0]
        in suggest(records, remembered=remembered).column_map()["unsubscribed"]["true_when"]
    )
    # Those who were asked for are there: what else means the same is left to the team.
    records.append(["c@example.com", true_when[0].upper()])
    assert suggest(records, remembered=remembered).column_map()["unsubscribed"] == said


def test_words_that_an_import_does_not_know_are_told_to_it() -> None:
    names = ["Mail", "Abgemeldet"]
    remembered = remember({"email": "Mail", "unsubscribed": "Abgemeldet"}, names)
    records = [names, ["ann@example.com", "ja"], ["bob@example.com", "nein"]]
    said = suggest(records, remembered=remembered).column_map()["unsubscribed"]
    assert "ja" in said["true_when"]
    records = [names, ["ann@example.com", "yes"], ["bob@example.com", "no"]]
    assert suggest(records, remembered=remembered).column_map()["unsubscribed"] == "Abgemeldet"


def test_what_is_remembered_is_inverted_where_it_says_who_is_subscribed() -> None:
    names = ["Mail", "Subscribed"]
    said = {"column": "Subscribed", "true_when": ["no"]}
    remembered = remember({"email": "Mail", "unsubscribed": said}, names)
    records = [names, ["ann@example.com", "yes"], ["bob@example.com", "no"]]
    found = suggest(records, remembered=remembered).columns[1].suggestion
    assert found is not None
    assert (found.reason, found.inverted) == (CONFIRMED, True)
