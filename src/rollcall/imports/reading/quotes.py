"""Quotes that open a cell and are none: somebody's inch, or one that nobody has closed.

A quote that does not close in its line is none when it never closes, when something stands behind
the one that closes it, or when it would take in whole lines that are records themselves. Its record
fails and ends with the line, and the lines behind it are read as if there had been no quote.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from rollcall.contacts.addresses import read_address
from rollcall.imports.issues import FailureCode
from rollcall.imports.pasted_addresses import clean_address
from rollcall.imports.reading import blocks
from rollcall.imports.reading.blocks import LINE_BREAK
from rollcall.imports.reading.syntax import Syntax

# So many whole lines of records can be no accident.
RECORDS_TAKEN_IN = 2


@dataclass(frozen=True)
class Judged:
    """Where a record ends, and the code of its failure if it has one.

    `quote` is where in the record the quote stands that is none, if there is one.
    """

    end: int
    code: FailureCode | None = None
    quote: int | None = None


@dataclass(frozen=True)
class QuoteRules:
    """What is needed to judge the quotes of a file.

    `width` is the number of its columns, and `address_column` the one of the addresses; without it,
    lines are not looked at for records.
    """

    syntax: Syntax
    width: int = 0
    address_column: int | None = None

    def judge(
        self, text: str, begin: int, *, is_end: bool, in_preamble: bool = False
    ) -> Judged | None:
        """Judge the record that begins at a place of a text.

        Args:
            text: whole lines, unless it `is_end`.
            begin: the place.
            is_end: whether nothing comes after the text that has to be known.
            in_preamble: whether the record stands above those of the table or is its header.

        Returns:
            None when what comes after the text has to be known.
        """
        if end := self.end_of_harmless(text, begin):
            return Judged(end)
        position = begin
        while True:
            cell = self.syntax.cell.match(text, position)
            assert cell is not None, "a cell may be empty"
            if cell["open"]:
                judged = self._judge_quote(text, begin, cell, is_end, in_preamble)
                if judged is None or judged.code is not None:
                    return judged and _measured(begin, judged)
            position = cell.end()
            if not text.startswith(self.syntax.delimiter, position):
                break
            position += 1
        if position == len(text) and not is_end and position - begin <= _most():
            return None
        line_break = LINE_BREAK.match(text, position)
        return _measured(begin, Judged(line_break.end() if line_break else position))

    def end_of_harmless(self, text: str, begin: int) -> int | None:
        """Return where a record ends, if it is plain that all of its quotes are some."""
        proper = self.syntax.proper_record.match(text, begin)
        if proper is None:
            return None
        end = proper.end()
        # What ends with the text may go on behind it.
        if not proper["end"] or end - begin > blocks.MAX_RECORD_CHARACTERS:
            return None
        if self.address_column is None or text.count("@", begin, end) < RECORDS_TAKEN_IN:
            return end
        return None

    def _judge_quote(
        self, text: str, begin: int, cell: re.Match[str], is_end: bool, in_preamble: bool
    ) -> Judged | None:
        """Judge a quote that opens a cell; None when what comes after the text has to be known."""
        quote, close = cell.start("open"), cell.start("close")
        line_break = LINE_BREAK.search(text, quote, close if close >= 0 else len(text))
        if line_break is None and (close >= 0 or not is_end):
            return Judged(cell.end())
        line_end = line_break.end() if line_break else len(text)
        none = Judged(line_end, FailureCode.UNTERMINATED_QUOTE, quote - begin)
        limit = begin + _most()
        if 0 <= close < limit:
            behind = text[close + 1 : close + 2]
            if behind and behind not in (self.syntax.delimiter, "\r", "\n"):
                return none
        elif is_end or close >= limit or len(text) >= limit:
            return none
        if not in_preamble and self._takes_in_records(text, line_end, close):
            return none
        return Judged(cell.end()) if close >= 0 else None

    def _takes_in_records(self, text: str, begin: int, end: int) -> bool:
        """Tell whether there are records among the whole lines between two places.

        Args:
            text: of the file.
            begin: where the first line begins.
            end: in the last line, which is not whole; if negative, the end of the text.
        """
        end = len(text) if end < 0 else end
        if self.address_column is None or text.find("@", begin, end) < 0:
            return False
        found = 0
        for line_break in LINE_BREAK.finditer(text, begin, end):
            found += self._is_record(text[begin : line_break.start()])
            if found == RECORDS_TAKEN_IN:
                return True
            begin = line_break.end()
        return False

    def _is_record(self, line: str) -> bool:
        """Tell whether a line by itself has all cells and an address where one should be."""
        assert self.address_column is not None
        if "@" not in line or line.count(self.syntax.delimiter) < self.width - 1:
            return False
        ends = _Once(line)
        cells = next(self.syntax.reader(ends))
        if ends.asked_for_more or len(cells) != self.width:
            return False
        return read_address(clean_address(cells[self.address_column])[0]) is not None

    def cells_of(self, record: str, quote: int | None) -> list[str]:
        """Return the cells of a record with a quote that is none, which is text then.

        Args:
            record: with its line end.
            quote: where in it the quote stands; without it, no cells can be told apart.
        """
        if quote is None:
            return []
        before = next(self.syntax.reader(io.StringIO(record[:quote], newline="")), [""])
        # What stands before it keeps the quote from opening a cell.
        behind = next(self.syntax.reader(["x" + record[quote:].rstrip("\r\n")]))
        return [*before[:-1], behind[0][1:], *behind[1:]]


def _most() -> int:
    return blocks.MAX_RECORD_CHARACTERS


def _measured(begin: int, judged: Judged) -> Judged:
    """Return what was judged, or that the record is too long to be kept."""
    if judged.end - begin > _most():
        return Judged(judged.end, FailureCode.VALUE_TOO_LONG)
    return judged


class _Once:
    """Gives one line, and notes when another one is wanted."""

    def __init__(self, line: str):
        self._lines = [line]
        self.asked_for_more = False

    def __iter__(self) -> _Once:
        return self

    def __next__(self) -> str:
        if not self._lines:
            self.asked_for_more = True
            raise StopIteration
        return self._lines.pop()
