"""What is suggested for whole tables, and the column map that comes of it."""

from __future__ import annotations

import json
import tracemalloc

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.matching.suggest import MAX_COLUMNS, suggest
from rollcall.imports.matching.suggestions import Confidence, Suggestion, Suggestions, Target
from rollcall.properties.values import PropertyType

PEOPLE = [
    ["E-mail 1 - Value", "First Name", "Last Name", "Zip", "Orders"],
    ["ann@example.com", "Ann", "Lee", "01234", "2"],
    ["bob@example.com", "Bob", "Ray", "99999", "0"],
]


def said(suggestions: Suggestions, name: str) -> Suggestion | None:
    return next(column.suggestion for column in suggestions.columns if column.name == name)


def test_fields_and_properties_make_a_column_map_that_can_be_sent() -> None:
    found = suggest(PEOPLE)
    column_map = found.column_map()
    assert column_map == {
        "email": "E-mail 1 - Value",
        "first_name": "First Name",
        "last_name": "Last Name",
        "properties": {
            "zip": {"column": "Zip", "type": "string"},
            "orders": {"column": "Orders", "type": "number"},
        },
    }
    assert ColumnMap.model_validate_json(json.dumps(column_map)).email == "E-mail 1 - Value"
    assert found.header_row == 0
    assert found.columns[0].samples == ("ann@example.com", "bob@example.com")


def test_the_header_is_found_below_a_preamble() -> None:
    preamble = [["Report: Contacts", "", "", "", ""], [""], ["Date", "2024-05-01", "", "", ""]]
    found = suggest([*preamble, *PEOPLE])
    assert found.header_row == 3
    assert found.column_map()["email"] == "E-mail 1 - Value"


def test_a_table_without_a_header_has_none() -> None:
    assert suggest(PEOPLE[1:]) == Suggestions(header_row=None, columns=())
    assert suggest([]) == Suggestions(header_row=None, columns=())


def test_a_header_row_that_was_said_is_taken() -> None:
    found = suggest([["x", "y"], ["email", "name"], ["a@b.co", "A"]], header_row=0)
    assert [column.name for column in found.columns] == ["x", "y"]


def test_columns_that_share_a_name_have_a_number() -> None:
    found = suggest([["Email", "Note", "Note", ""], ["a@b.co", "x", "y", "z"]])
    assert [column.name for column in found.columns] == ["Email", "Note (1)", "Note (2)", ""]
    assert [mapped["column"] for mapped in found.column_map()["properties"].values()] == [
        "Note (1)",
        "Note (2)",
    ]


def test_a_name_may_be_there_again_beyond_what_is_looked_at() -> None:
    header = ["Email", *(f"x{at}" for at in range(MAX_COLUMNS)), "Email"]
    assert suggest([header, ["a@example.com"]]).column_map()["email"] == "Email (1)"


def test_a_column_that_says_who_is_subscribed_is_turned_around() -> None:
    found = suggest([["Email", "Subscribed"], ["a@b.co", "yes"], ["b@b.co", "no"]])
    suggestion = said(found, "Subscribed")
    assert suggestion is not None
    assert suggestion.target is Target.UNSUBSCRIBED
    assert suggestion.inverted
    mapped = found.column_map()["unsubscribed"]
    assert mapped["column"] == "Subscribed"
    assert {"no", "false", "0"} <= set(mapped["true_when"])
    assert not {"yes", "true", "1", "on"} & set(mapped["true_when"])


def test_the_words_of_the_files_language_are_among_those_that_mean_it() -> None:
    found = suggest([["E-Mail", "Newsletter"], ["a@b.co", "ja"], ["b@b.co", "ja"]])
    assert "nein" in found.column_map()["unsubscribed"]["true_when"]


def test_every_spelling_in_the_cells_is_among_the_words() -> None:
    cells = ["Unsubscribed-by user", "unsubscribed by-user", "Unsubscribed by user.", "subscribed"]
    records = [["Email", "Status"], *([f"a{at}@example.com", c] for at, c in enumerate(cells))]
    words = suggest(records).column_map()["unsubscribed"]["true_when"]
    assert {cell.lower() for cell in cells[:3]} <= set(words)
    assert "subscribed" not in words


def test_a_column_that_says_who_has_left_is_taken_as_it_is() -> None:
    found = suggest([["Email", "Opt out"], ["a@b.co", "TRUE"], ["b@b.co", "FALSE"]])
    assert found.column_map()["unsubscribed"] == "Opt out"


def test_a_time_at_which_somebody_left_says_so() -> None:
    rows = [["a@b.co", ""], ["b@b.co", "2024-01-02 03:04:05"]]
    found = suggest([["Email", "UNSUB_TIME"], *rows])
    expected = {"column": "UNSUB_TIME", "true_when": "not_empty"}
    assert found.column_map()["unsubscribed"] == expected


def test_a_bare_status_needs_words_of_subscriptions() -> None:
    rows = [["a@b.co", "+49 30 1234567", "Active"], ["b@b.co", "", "Suspended"]]
    found = suggest([["Email", "Phone", "Status"], *rows])
    suggestion = said(found, "Status")
    assert suggestion is not None
    assert suggestion.target is Target.PROPERTY


def test_secrets_are_neither_suggested_nor_shown() -> None:
    rows = [["a@b.co", "$2y$10$abcdefghijklmnopqrstuv"], ["b@b.co", "$2y$10$bbcdefghijklmnopqrst"]]
    found = suggest([["Email", "user_pass"], *rows])
    assert found.columns[1].suggestion is None
    assert found.columns[1].samples == ()


def test_the_columns_of_a_failures_file_are_no_properties() -> None:
    records = [["Mail", "import_row", "import_error"], ["a@example.com", "3", "No."]]
    assert suggest(records).column_map() == {"email": "Mail"}
    alone = suggest([row[:2] for row in records]).column_map()
    assert "import_row" in alone["properties"]


def test_properties_of_the_team_come_before_new_ones() -> None:
    rows = [["a@b.co", "ACME", "12"], ["b@b.co", "Initech", "x"]]
    existing = {"company": PropertyType.STRING, "age": PropertyType.NUMBER}
    found = suggest([["E-Mail", "Firma", "Age"], *rows], properties=existing)
    company, age = said(found, "Firma"), said(found, "Age")
    assert company is not None
    assert age is not None
    assert (company.key, company.confidence) == ("company", Confidence.CERTAIN)
    assert (age.key, age.confidence) == ("age", Confidence.UNSURE)
    assert list(found.column_map()["properties"]) == ["company"]


def test_names_that_are_none_are_not_kept_in_memory() -> None:
    suggest([["Email", "x"], ["a@example.com", "y"]])
    tracemalloc.start()
    for letter in "abcdefgh":
        suggest([["Email", letter * 200_000], ["a@example.com", "y"]])
    assert tracemalloc.get_traced_memory()[0] < 500_000
    tracemalloc.stop()
