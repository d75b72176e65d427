"""Lines that are split as a whole have the cells that `csv.reader` finds in them."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rollcall.imports.reading.blocks import ENCODING, SURROGATE, Block
from rollcall.imports.reading.quotes import QuoteRules
from rollcall.imports.reading.records import SURROGATE as LONE
from rollcall.imports.reading.records import UNREADABLE
from rollcall.imports.reading.split import SplitRecords, split_lines
from rollcall.imports.reading.syntax import Syntax
from rollcall.text import AROUND
from tests.support.oracle_reader import Style, read_records

WIDTH = 3
DELIMITERS = st.sampled_from(",;\t|#^\x01\x1f")
CHARACTERS = (
    "#^\x01\x1f"
    'ab"",,;\t|\r\n\n \0\x1c\\é\x85\xa0\u1680\u2003\u205f\u3000“한\udc81\xad\u200b\u2060\ufeffﻡ='
)
TEXTS = st.lists(st.sampled_from([*CHARACTERS, '"a, b"', ',"",', "\r\n"]), min_size=1, max_size=40)


def split(text: str, delimiter: str) -> tuple[SplitRecords | None, list[list[str]]]:
    """Return the records that are split, and what the definition makes of the same text."""
    utf8 = text.encode(*ENCODING)
    surrogates = [found.start() for found in SURROGATE.finditer(utf8)]
    is_end = not text.endswith(("\n", "\r"))
    block = Block(text, utf8, surrogates, len(utf8), is_end, is_cut=False)
    found = split_lines(block, QuoteRules(Syntax(delimiter), WIDTH), 0)
    if found is None:
        return None, []
    assert isinstance(found.read.records, SplitRecords)
    whole = list(read_records(text, Style(delimiter)))
    count = len(found.read.records)
    behind = sum(record.lines for record in whole[:count])
    assert text.endswith("".join(list(io.StringIO(text, newline=""))[behind:]))
    assert [failed.position for failed in found.read.failed] == [
        position for position, record in enumerate(whole[:count]) if record.code
    ]
    return found.read.records, [[] if each.code else list(each.cells) for each in whole[:count]]


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
    assert records.traits.blank_ends or not any(cell != cell.strip(AROUND) for cell in cells)
    assert records.traits.formulas or not any('="' in cell for cell in cells)


@pytest.mark.parametrize("blank", AROUND.replace("\n", "").replace("\r", ""))
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
    assert records.traits == (False, False, False, False)
    assert [column.to_list() for column in records.columns([0, 1])] == [
        ["a b", "e f"],
        ["c, d", "g ,h"],
    ]
