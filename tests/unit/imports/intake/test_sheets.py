"""Which sheet of a workbook is read."""

from __future__ import annotations

import pytest

from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.formats.heads import SheetHead
from rollcall.imports.intake.sheets import choose_sheet
from rollcall.imports.options import ImportOptions

NOTHING_ASKED = ImportOptions()
MAPPED = ImportOptions(column_map=ColumnMap(email="E-Mail", first_name="Name"))
SUMMARY = [["Export Summary"], ["Date", "2024-05-01"], ["Contacts", "2"]]
TABLE = [["Our members"], ["Name", "E-Mail"], ["Ada", "ada@example.com"]]
PLAIN = [["email", "first_name"], ["ada@example.com", "Ada"]]


def head(
    name: str, records: list[list[str]], *, number: int | None = 1, problem: str | None = None
) -> SheetHead:
    return SheetHead(
        index=0,
        name=name,
        number=number,
        records=tuple((2 * at + 1, tuple(cells)) for at, cells in enumerate(records)),
        problem=problem,
    )


@pytest.mark.parametrize(
    ("sheets", "options", "name"),
    [
        ([head("a", PLAIN), head("b", PLAIN)], NOTHING_ASKED, "a"),
        ([head("a", SUMMARY), head("b", PLAIN)], NOTHING_ASKED, "b"),
        ([head("a", []), head("b", PLAIN)], NOTHING_ASKED, "b"),
        ([head("a", PLAIN), head("b", SUMMARY), head("c", TABLE)], MAPPED, "c"),
        # Hidden ones are looked at only where nothing else is.
        ([head("a", PLAIN, number=None), head("b", SUMMARY), head("c", PLAIN)], NOTHING_ASKED, "c"),
        ([head("a", SUMMARY, number=None), head("b", PLAIN, number=None)], NOTHING_ASKED, "b"),
        # Of one that is alone the header's fault is found later, and said as of a CSV.
        ([head("a", [])], NOTHING_ASKED, "a"),
        ([head("a", []), head("b", [])], NOTHING_ASKED, "a"),
        ([head("a", SUMMARY)], NOTHING_ASKED, "a"),
        ([head("a", []), head("b", SUMMARY)], NOTHING_ASKED, "b"),
        ([head("a", PLAIN, number=None), head("b", SUMMARY)], NOTHING_ASKED, "b"),
        ([head("a", [["\u00a0"]]), head("b", [[" "]])], NOTHING_ASKED, "a"),
        # What is damaged is no matter while another has the header.
        ([head("a", [], problem="is damaged."), head("b", PLAIN)], NOTHING_ASKED, "b"),
    ],
)
def test_the_sheet_that_is_read(sheets: list[SheetHead], options: ImportOptions, name: str) -> None:
    assert choose_sheet(sheets, options).name == name


ASKED = [head("Old", TABLE, number=None), head("2", PLAIN), head("Contacts ", SUMMARY, number=3)]


@pytest.mark.parametrize(
    ("asked", "name"),
    [("Old", "Old"), ("contacts", "Contacts "), ("2", "2"), ("1", "2"), ("3", "Contacts ")],
)
def test_a_sheet_that_is_asked_for(asked: str, name: str) -> None:
    assert choose_sheet(ASKED, ImportOptions(sheet=asked)).name == name


@pytest.mark.parametrize("asked", ["0", "4", "Cont", "-1"])
def test_a_sheet_that_is_asked_for_and_is_not_there(asked: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        choose_sheet(ASKED, ImportOptions(sheet=asked))
    assert str(caught.value).startswith("Invalid `sheet`: the workbook has no sheet with cells")
    assert str(caught.value).endswith('Found: "Old", "2", "Contacts "')


def test_a_row_that_is_said_to_have_the_header() -> None:
    sheets = [head("a", PLAIN), head("b", SUMMARY), head("c", TABLE), head("d", TABLE)]
    options = ImportOptions(column_map=MAPPED.column_map, header_row=3)
    assert choose_sheet(sheets, options).name == "c"
    with pytest.raises(ValidationFailed, match=r"Closest comes row 1 of the sheet"):
        choose_sheet(sheets, ImportOptions(column_map=MAPPED.column_map, header_row=1))
    # Farther down than is looked, the first of them is read, and the rest is said of that.
    assert choose_sheet(sheets, ImportOptions(header_row=99)).name == "a"


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        (
            [head("Summary", SUMMARY), head("All", [["Members"], ["Name", "Mail"]])],
            'Closest comes row 3 of the sheet "All". Found: "Name", "Mail"',
        ),
        # Of those that lack as much, one in which the name is written otherwise, or a wider one.
        (
            [head("a", SUMMARY), head("b", [["x"], ["Name", "Mail"], ["e-mail", "Name"]])],
            'Closest comes row 5 of the sheet "b". Found: "e-mail", "Name"',
        ),
        ([head("a", [["x"]]), head("b", [["y", "z"]])], 'of the sheet "b". Found: "y", "z"'),
        ([head("a", SUMMARY), head("b", [], problem="is damaged.")], "The `file` is damaged."),
        ([head("a", SUMMARY), head("b", [[f"c{n}" for n in range(30)]])], "Found: "),
    ],
)
def test_what_is_said_where_none_is_found(sheets: list[SheetHead], message: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        choose_sheet(sheets, MAPPED)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 500
