"""What becomes of the columns of a draft, by what was suggested and what was said."""

from __future__ import annotations

from typing import Any

import pytest

from rollcall.imports.column_map import ColumnMap
from rollcall.imports.drafts.choices import Choices, ColumnChoice, Destination, choices_of
from rollcall.imports.drafts.columns import DraftColumns, Standing, decide
from rollcall.imports.drafts.review import review
from rollcall.imports.kinds import OnConflict
from rollcall.imports.matching.suggest import suggest
from rollcall.imports.matching.suggestions import Target
from rollcall.imports.options import ImportOptions
from rollcall.properties.values import PropertyType

PEOPLE = """\
E-mail,Work e-mail,First name,Last name,Company,Revenue,Status
ann@example.com,ann@work.example,Ann,Lee,Ada Ltd,"1.200,50",active
bob@example.com,bob@work.example,Bob,Ray,Babbage,"13,00",unsubscribed
cat@example.com,,Cat,Fox,,"7,10",active
"""


def read(table: str) -> list[list[str]]:
    import csv
    import io

    return list(csv.reader(io.StringIO(table)))


def settle(
    table: str, *said: ColumnChoice, properties: dict[str, PropertyType] | None = None
) -> DraftColumns:
    records = read(table)
    known = properties or {}
    return review(decide(records, suggest(records, properties=known), said, known), known)


def choice(name: str, target: str | None, index: int = 0, **more: Any) -> ColumnChoice:
    to = None if target is None else Destination(target=Target(target), **more)
    return ColumnChoice(name=name, index=index, destination=to)


def shown(columns: DraftColumns) -> dict[str, tuple[str, str]]:
    return {
        column.name: (
            column.standing.value,
            ""
            if column.destination is None
            else column.destination.key or column.destination.target,
        )
        for column in columns.columns
    }


def codes(columns: DraftColumns, name: str | None = None) -> list[str]:
    if name is None:
        return [problem.code.value for problem in columns.problems]
    (column,) = (each for each in columns.columns if each.name == name)
    return [problem.code.value for problem in column.problems]


def test_nothing_said_is_what_was_suggested() -> None:
    found = settle(PEOPLE)
    records = read(PEOPLE)
    assert found.column_map() == ColumnMap.model_validate(suggest(records).column_map())
    assert not found.stops
    assert {column.standing for column in found.columns} == {Standing.SUGGESTED}
    assert not found.are_certain, "properties that the team does not have are to be looked at"


def test_another_address_takes_the_field_and_all_else_that_was_said_stays() -> None:
    kept = choice("Company", None, 4)
    found = settle(PEOPLE, kept, choice("Work e-mail", "email", 1))
    assert shown(found)["E-mail"] == ("suggested", "e_mail")
    assert shown(found)["Work e-mail"] == ("replaced", "email")
    assert shown(found)["Company"] == ("rejected", "")
    assert codes(found, "Work e-mail") == ["some_no_addresses"]
    assert not found.stops
    assert found.column_map().email == "Work e-mail"


def test_accepting_is_saying_what_was_suggested() -> None:
    found = settle(PEOPLE, choice("First name", "first_name", 2))
    assert shown(found)["First name"] == ("accepted", "first_name")


@pytest.mark.parametrize(
    ("column", "code"), [("Company", "few_addresses"), ("First name", "few_addresses")]
)
def test_an_address_column_without_addresses_is_refused(column: str, code: str) -> None:
    found = settle(PEOPLE, choice(column, "email"))
    assert codes(found, column) == [code]
    assert found.stops


def test_half_of_the_addresses_are_enough() -> None:
    table = "Address,Name\nann@example.com,Ann\nnobody,Bob\n"
    found = settle(table, choice("Address", "email"))
    assert codes(found, "Address") == ["some_no_addresses"]
    found = settle(table + "nothing,Cat\n", choice("Address", "email"))
    assert codes(found, "Address") == ["few_addresses"]


def test_an_address_column_without_content_is_refused() -> None:
    found = settle("Mail,Name\n,Ann\n,Bob\n", choice("Mail", "email"))
    assert codes(found, "Mail") == ["no_addresses"]
    assert found.stops


def test_a_missing_address_is_told_at_once() -> None:
    found = settle(PEOPLE, choice("E-mail", None), choice("Work e-mail", None, 1))
    assert codes(found) == ["missing_email"]
    assert found.stops


def test_two_columns_cannot_be_the_same() -> None:
    found = settle(
        PEOPLE, choice("Company", "first_name", 4), choice("First name", "first_name", 2)
    )
    assert codes(found, "Company") == codes(found, "First name") == ["taken_twice"]
    same = {"key": "firm"}
    found = settle(
        PEOPLE, choice("Company", "property", 4, **same), choice("Status", "property", 6, **same)
    )
    assert codes(found, "Company") == codes(found, "Status") == ["taken_twice"]
    assert found.stops


def test_a_full_name_displaces_its_parts_and_is_refused_beside_them() -> None:
    found = settle(PEOPLE, choice("Company", "full_name", 4))
    assert shown(found)["First name"] == ("suggested", "other_first_name")
    found = settle(PEOPLE, choice("Company", "full_name", 4), choice("Last name", "last_name", 3))
    assert codes(found, "Company") == ["names_twice"]


def test_a_key_that_was_said_displaces_the_suggested_one() -> None:
    found = settle(PEOPLE, choice("Status", "property", 6, key="company"))
    assert shown(found)["Status"] == ("replaced", "company")
    assert shown(found)["Company"] == ("suggested", "company_2")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"key": ""}, "no_key"),
        ({"key": "a key"}, "bad_key"),
        ({"key": "plan", "type": "number"}, "other_type"),
        ({"key": "worth", "type": "number"}, "unfit_cells"),
        ({"key": "worth", "type": "boolean"}, "unfit_cells"),
        ({"key": "worth", "type": "number", "decimal": ","}, None),
    ],
)
def test_what_is_wrong_with_a_property(said: dict[str, Any], code: str | None) -> None:
    known = {"plan": PropertyType.STRING}
    found = settle(PEOPLE, choice("Revenue", "property", 5, **said), properties=known)
    assert codes(found, "Revenue")[:1] == ([code] if code else [])


def test_consent_needs_words_that_are_understood() -> None:
    found = settle(PEOPLE, choice("Status", "unsubscribed", 6))
    assert codes(found, "Status") == ["unclear_consent"]
    assert not found.stops
    found = settle(PEOPLE, choice("Status", "unsubscribed", 6, true_when=()))
    assert codes(found, "Status") == ["no_words"]
    found = settle(PEOPLE, choice("Status", "unsubscribed", 6, true_when=("unsubscribed",)))
    assert codes(found, "Status") == []
    assert dict(found.columns[6].words) == {"active": 2, "unsubscribed": 1}


def test_choices_are_found_by_name_and_then_by_place() -> None:
    said = choice("Firma", "property", 4, key="firm")
    found = settle(PEOPLE, said)
    assert shown(found)["Company"] == ("replaced", "firm")
    moved = choice("Company", "property", 0, key="firm")
    assert shown(settle(PEOPLE, moved))["Company"] == ("replaced", "firm")
    assert shown(settle(PEOPLE, moved))["E-mail"] == ("suggested", "email")


def test_without_a_header_there_is_nothing_to_decide() -> None:
    found = settle("ann@example.com,Ann\nbob@example.com,Bob\n")
    assert codes(found) == ["no_header"]
    assert found.stops


def test_a_header_alone_has_no_rows() -> None:
    assert codes(settle("email,name\n")) == ["no_rows"]


def test_a_thousand_columns_are_as_many_properties_as_a_map_can_have() -> None:
    names = ",".join(["email", *(f"field {n}" for n in range(300))])
    cells = ",".join(["ann@example.com", *["x"] * 300])
    found = settle(f"{names}\n{cells}\n")
    assert not found.stops
    assert len(found.column_map().properties) == 200
    assert found.columns[-1].standing is Standing.UNDECIDED
    too_many = settle(
        f"{names}\n{cells}\n", *(choice(f"field {n}", "property", key=f"k{n}") for n in range(201))
    )
    assert codes(too_many) == ["too_many_properties"]


def test_secrets_are_not_shown() -> None:
    found = settle("email,password\nann@example.com,yes\nbob@example.com,hunter2\n")
    assert found.columns[1].samples == ()
    assert found.columns[1].words == ()
    assert found.columns[1].standing is Standing.UNDECIDED


def test_the_choices_of_an_import_make_the_same_map_again() -> None:
    column_map = ColumnMap.model_validate(
        {
            "email": "E-mail",
            "full_name": "First name",
            "unsubscribed": {"column": "Status", "true_when": ["unsubscribed"]},
            "properties": {"worth": {"column": "Revenue", "type": "number", "decimal": ","}},
        }
    )
    options = ImportOptions(column_map=column_map, on_conflict=OnConflict.SKIP, note="May")
    choices = choices_of(options, read(PEOPLE)[0])
    kept = Choices.model_validate_json(choices.model_dump_json())
    assert kept == choices
    found = settle(PEOPLE, *kept.columns)
    assert found.column_map() == column_map
    assert kept.options(found.column_map(), dry_run=False) == options
    assert found.are_certain
