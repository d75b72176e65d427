"""Lines that are split as a whole have the cells that `csv.reader` finds in them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rollcall.imports.blocks import ENCODING, SURROGATE, Block
from rollcall.imports.mapping import BLANKS
from rollcall.imports.records import SURROGATE as LONE
from rollcall.imports.records import UNREADABLE
from rollcall.imports.split import SplitRecords, split_lines

WIDTH = 3
DELIMITERS = st.sampled_from(",;\t|")
CHARACTERS = 'ab"",,;\t|\r\n\n \0\x1c\\é\x85\xa0\u1680\u2003\u205f\u3000“한\udc81'
TEXTS = st.lists(st.sampled_from([*CHARACTERS, '"a, b"', ',"",', "\r\n"]), min_size=1, max_size=40)


def split(text: str, delimiter: str) -> tuple[SplitRecords | None, list[list[str]]]:
    """Return the records that are split, and what `csv.reader` makes of the same text."""
    utf8 = text.encode(*ENCODING)
    block = Block(text, utf8, [found.start() for found in SURROGATE.finditer(utf8)])
    records, rest = split_lines(block, delimiter, WIDTH)
    whole = text[: len(text) - len(rest)]
    wanted = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)
    return records, list(wanted)


def shown(cell: str) -> str:
    return UNREADABLE if LONE.search(cell) else cell


@example(parts=['"a', "\r\n", 'b",c', "\n", "d"], delimiter=",")
@example(parts=['"a,b,c,d",e', "\n", 'x"y,z', "\n", "a,b,c"], delimiter=",")
@given(parts=TEXTS, delimiter=DELIMITERS)
def test_cells_are_those_of_the_csv_module(parts: list[str], delimiter: str) -> None:
    records, wanted = split("".join(parts), delimiter)
    if records is None:
        return
    assert list(records) == wanted
    columns = [column.fill_null("").to_list() for column in records.columns([2, 0, 1, 0])]
    padded = [[*map(shown, record), "", "", ""] for record in wanted]
    assert columns == [[record[index] for record in padded] for index in (2, 0, 1, 0)]
    wide = [position for position, record in enumerate(wanted) if len(record) > WIDTH]
    assert records.wider_than(WIDTH) == wide
    for count in range(len(wanted) + 1):
        rest = records.after(count)
        assert list(rest) == wanted[count:]


@example(parts=["a,b ", "\r\n"], delimiter=",")
@example(parts=['"\u2003a"', "\n"], delimiter=",")
@given(parts=TEXTS, delimiter=DELIMITERS)
def test_no_trait_is_overlooked(parts: list[str], delimiter: str) -> None:
    records, wanted = split("".join(parts), delimiter)
    if records is None:
        return
    cells = [cell for record in wanted for cell in record]
    assert records.traits.nul or not any("\0" in cell for cell in cells)
    assert records.traits.unreadable or not any(map(LONE.search, cells))
    assert records.traits.blank_ends or not any(cell != cell.strip(BLANKS) for cell in cells)


@pytest.mark.parametrize("blank", BLANKS.replace("\n", "").replace("\r", ""))
@pytest.mark.parametrize("line", ["{}a,b", "a{},b", "a,{}b", "a,b{}", '"{}a, b",c', 'a,"b{}"'])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_blank_at_an_end_is_seen(blank: str, line: str, newline: str) -> None:
    text = f"x,y{newline}{line.format(blank)}{newline}"
    records, _ = split(text, ",")
    assert records is not None
    assert records.traits.blank_ends


def test_what_is_within_a_cell_is_no_reason_to_strip() -> None:
    records, _ = split('a b,"c, d"\r\ne f,"g ,h"\r\n', ",")
    assert records is not None
    assert records.traits == (False, False, False)
    assert [column.to_list() for column in records.columns([0, 1])] == [
        ["a b", "e f"],
        ["c, d", "g ,h"],
    ]
