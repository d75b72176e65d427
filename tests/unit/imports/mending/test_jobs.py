"""What the child says of failed rows, and what it writes of them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollcall.imports.mending.jobs import RowsJob, TryJob, ValuesJob, WriteJob
from rollcall.imports.mending.layout import Layout
from rollcall.imports.mending.rules import Rule, RuleKind
from rollcall.imports.mending.survey_job import SurveyJob
from tests.support import cell_strategies as pools
from tests.support.mending import FailedFile, failures_of

COLUMN_MAP = {
    "email": "E-Mail",
    "properties": {
        "price": {"column": "Price", "type": "number"},
        "vip": {"column": "VIP", "type": "boolean"},
    },
}
DATA = (
    "Name,E-Mail,Price,VIP\n"
    'Ann,ann@b.co,"12,50",ja\n'
    "Bob,bob@b.co,5,yes\n"
    'Cy,"Cy, cy@b.co",7,no\n'
    'Dee,dee@b.co,"1,20",nein\n'
    "Lee, Eve,eve@b.co,1,yes\n"
    "Flo,,1,perhaps\n"
    "Gil,gil@b.co,1,perhaps\n"
)
NAME, EMAIL, PRICE, VIP = range(4)


@pytest.fixture
def file() -> FailedFile:
    return FailedFile(DATA.encode(), COLUMN_MAP)


def survey(file: FailedFile, **order: Any) -> dict[str, Any]:
    found: dict[str, Any] = file.ask(SurveyJob, **order)[2]
    return found


def groups(survey: dict[str, Any]) -> dict[tuple[str, int | None], int]:
    return {(each["code"], each["column"]): each["count"] for each in survey["groups"]}


def test_failures_are_grouped_by_what_would_mend_them(file: FailedFile) -> None:
    found = survey(file)
    assert (found["open"], found["mended"]) == (6, 0)
    assert groups(found) == {
        ("invalid_number", PRICE): 2,
        ("invalid_email", EMAIL): 1,
        ("too_many_cells", None): 1,
        ("missing_email", EMAIL): 1,
        ("invalid_boolean", VIP): 1,
    }
    numbers = found["groups"][0]
    assert numbers["examples"] == [{"row": 2, "value": "12,50"}, {"row": 5, "value": "1,20"}]
    # Both rows have another fault besides, which no rule of this column mends.
    proposals = {each["rule"]["kind"]: each for each in numbers["proposals"]}
    assert proposals.keys() == {RuleKind.DECIMAL_COMMA, RuleKind.EMPTY}
    comma = proposals[RuleKind.DECIMAL_COMMA]
    assert (comma["helped"], comma["mended"]) == (2, 0)
    assert comma["examples"] == [("12,50", "12.50"), ("1,20", "1.20")]
    torn = found["groups"][2]["proposals"]
    assert [(each["rule"]["kind"], each["mended"]) for each in torn] == [
        (RuleKind.JOIN_BLANKS, 1),
    ]


def test_rules_mend_one_after_the_other(file: FailedFile) -> None:
    rules = [
        Rule(kind=RuleKind.DECIMAL_COMMA, column=PRICE, id=1),
        Rule(kind=RuleKind.WORDS, column=VIP, id=2),
        Rule(kind=RuleKind.ADDRESS_WITHIN, column=EMAIL, id=3),
        Rule(kind=RuleKind.JOIN_BLANKS, id=4),
    ]
    found = survey(file, rules=rules)
    assert (found["open"], found["mended"]) == (2, 4)
    assert groups(found) == {("missing_email", EMAIL): 1, ("invalid_boolean", VIP): 1}
    assert survey(file, rules=rules, gone=[2, 5, 8])["open"] == 1


def test_what_came_later_applies_to_what_came_earlier(file: FailedFile) -> None:
    edits = [(7, EMAIL, 1, "flo at b.co"), (7, VIP, 3, "ja")]
    slips = Rule(kind=RuleKind.ADDRESS_SLIPS, column=EMAIL, id=2)
    words = Rule(kind=RuleKind.WORDS, column=VIP, id=2)
    said, _, _ = file.ask(RowsJob, edits, rules=[slips, words], state="all", shown=[EMAIL, VIP])
    row = next(each for rows in said for each in rows if each["row"] == 7)
    assert row["cells"] == {EMAIL: {"text": "flo@b.co"}, VIP: {"text": "ja"}}
    assert row["failure"]["column"] == VIP
    assert '"ja" in column "VIP"' in row["failure"]["message"]
    assert (row["edited"], row["changed"]) == ([EMAIL, VIP], [EMAIL, VIP])


def test_rows_of_a_state_and_of_a_kind(file: FailedFile) -> None:
    rules = [Rule(kind=RuleKind.JOIN_BLANKS, id=1)]

    def rows(**sought: Any) -> list[int]:
        said, _, _ = file.ask(RowsJob, rules=rules, shown=[NAME], **sought)
        return [each["row"] for found in said for each in found]

    assert rows(state="open") == [2, 4, 5, 7, 8]
    assert rows(state="mended") == [6]
    assert rows(state="all") == [2, 4, 5, 6, 7, 8]
    assert rows(state="open", code="invalid_number", column=PRICE) == [2, 5]


def test_all_that_is_wrong_with_a_row_is_told(file: FailedFile) -> None:
    said, _, _ = file.ask(RowsJob, state="open", shown=[NAME, EMAIL])
    by_row = {each["row"]: each for found in said for each in found}
    assert by_row[2]["problems"] == {PRICE: "invalid_number", VIP: "invalid_boolean"}
    # The fifth cell stands beyond the header, and behind the one that is added to mended rows.
    assert by_row[6]["problems"][4] == "too_many_cells"
    assert by_row[6]["cells"][4] == {"text": "yes"}


def test_values_that_do_not_fit(file: FailedFile) -> None:
    found = file.ask(ValuesJob, column=VIP)[2]
    assert found == {
        "values": [("perhaps", 2), ("ja", 1), ("nein", 1)],
        "distinct": 3,
        "rows": 4,
        "others": 0,
    }


def test_a_rule_is_tried(file: FailedFile) -> None:
    rule = Rule(
        kind=RuleKind.REPLACE, column=VIP, settings={"find": "perhaps", "replacement": "no"}
    )
    found = file.ask(TryJob, rule=rule.as_json())[2]
    assert found == {
        "changed": 2,
        "mended": 1,
        "broken": 0,
        "examples": [("perhaps", "no"), ("perhaps", "no")],
    }


def test_mended_rows_are_written_as_they_are_imported(file: FailedFile) -> None:
    rules = [
        Rule(kind=RuleKind.DECIMAL_COMMA, column=PRICE, id=1),
        Rule(kind=RuleKind.WORDS, column=VIP, id=2),
    ]
    _, data, end = file.ask(WriteJob, rules=rules, state="mended")
    assert list(csv.reader(io.StringIO(data.decode()))) == [
        ["Name", "E-Mail", "Price", "VIP", "import_row"],
        ["Ann", "ann@b.co", "12.50", "true", "2"],
        ["Dee", "dee@b.co", "1.20", "false", "5"],
    ]
    assert end["count"] == 2
    _, data, end = file.ask(WriteJob, rules=rules, state="open")
    assert data.decode("utf-8-sig").splitlines()[:2] == [
        "Name,E-Mail,Price,VIP,import_row,import_error",
        (
            'Cy,"Cy, cy@b.co",7,no,4,"""Cy, cy@b.co"" in column ""E-Mail"" is not a complete'
            ' e-mail address: there is a space in it."'
        ),
    ]
    assert end["count"] == 4


CELL = st.one_of(
    st.sampled_from(
        [*pools.HOSTILE, *pools.EMAILS, *pools.PASTED_EMAILS, *pools.BROKEN, *pools.BLANKS, "x"]
    ),
    st.text(max_size=6),
)


@given(
    rows=st.lists(st.tuples(CELL, CELL, st.booleans()), min_size=1, max_size=8),
    has_rows=st.booleans(),
)
def test_what_is_written_is_imported_and_nothing_else(
    rows: list[tuple[str, str, bool]], has_rows: bool
) -> None:
    """Failed rows that somebody has edited: the engine takes exactly those that went."""
    header = "email,p,import_row" if has_rows else "email,p"
    data = f"{header}\n" + "bad,x\n" * len(rows)
    file = FailedFile(data.encode(), {"email": "email", "properties": {"p": {"column": "p"}}})
    edits = [
        (at + 2, column, 1, cell)
        for at, (email, other, is_edited) in enumerate(rows)
        if is_edited
        for column, cell in enumerate([email, other])
    ]
    said, _, _ = file.ask(RowsJob, edits, state="mended", shown=[0])
    mended = [each["row"] for found in said for each in found]
    _, written, end = file.ask(WriteJob, edits, state="mended")
    assert end["count"] == len(mended)
    if not mended:
        return
    layout = Layout.of(file.dialect.as_json(), file.column_map.model_dump(mode="json"))
    assert failures_of(written, layout.dialect(), file.column_map) == []
