"""The head of a file: encoding, delimiter and header, and whether they fit the column map."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from rollcall.imports.column_names import strip_name
from rollcall.imports.reading.bad_bytes import handler_for
from rollcall.imports.reading.encoding import MARK
from rollcall.imports.reading.evidence import detect_encoding
from rollcall.imports.reading.habits import escapes, said_delimiter, skips_blanks
from rollcall.imports.reading.header_search import (
    FoundHeader,
    missing_names,
    search_header,
    take_header,
)
from rollcall.imports.reading.legible import is_legible
from rollcall.imports.reading.quotes import QuoteRules
from rollcall.imports.reading.record_reader import RecordReader
from rollcall.imports.reading.syntax import Syntax

DELIMITERS = ",;\t|"
RECORDS_AT_ONCE = 20


class HeaderError(ValueError):
    """There is no header in the file that can be used; the message is for whoever uploaded it."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a file is to be read; `header` are the stripped names, `header_row` counts from 1.

    `sheet` is the name of the sheet, where the file was a workbook. `unread` are the columns that
    look like fields of contacts, and that nobody has asked for.
    `skips_blanks` and `escapes` are those of `Syntax`. `address_column` is the index of the column
    of the addresses; None where lines within quotes are not to be taken for records.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_row: int
    sheet: str | None = None
    unread: tuple[str, ...] = ()
    skips_blanks: bool = False
    escapes: bool = False
    address_column: int | None = None

    @property
    def quote_rules(self) -> QuoteRules:
        """What is needed to judge the quotes of the file."""
        syntax = Syntax(self.delimiter, self.skips_blanks, self.escapes)
        return QuoteRules(syntax, len(self.header), self.address_column)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Dialect:
        # Names were kept with more of what is invisible once.
        lists = {
            "header": tuple(map(strip_name, value["header"])),
            "unread": tuple(value.get("unread", ())),
        }
        return cls(**{**value, **lists})


@dataclass(frozen=True, kw_only=True)
class Head:
    """The first `HEAD_BYTES` of a file, and what is known of it besides.

    `complete` tells whether that is all of the file, `encoding` is the codec where more than the
    head has told it, `delimiters` are those that come into question, `header_row` counts from 1 and
    is None where the header has to be found, and `sheet` is the name of the sheet that has become
    this file, where it was a workbook.
    """

    data: bytes
    complete: bool
    encoding: str | None = None
    delimiters: str = DELIMITERS
    header_row: int | None = None
    sheet: str | None = None

    @property
    def from_sheet(self) -> bool:
        """Tell whether a workbook was converted, whose cells are known for certain."""
        return self.sheet is not None

    @cached_property
    def codec(self) -> str:
        """The codec, found out by the head alone where nothing else has told it."""
        return self.encoding or detect_encoding(self.data, complete=self.complete)

    @cached_property
    def text(self) -> str:
        """The text in whole lines, as the last one may go on behind the head.

        Programs put a byte order mark before one that is there: none of them is text.
        """
        reader = io.TextIOWrapper(
            io.BytesIO(self.data),
            encoding=self.codec,
            errors=handler_for(self.codec),
            newline="",
        )
        text = reader.read().lstrip(MARK)
        return text if self.complete else text[: max(text.rfind("\n"), text.rfind("\r")) + 1]

    @cached_property
    def said(self) -> str | None:
        """The delimiter that the file says itself in its first line, if it does."""
        return None if self.from_sheet else said_delimiter(self.text)

    @property
    def possible_delimiters(self) -> list[str]:
        """The delimiters that come into question, one that the file says itself before others.

        What is said of the file as a whole is believed before what is said in it.
        """
        said = self.said if self.delimiters == DELIMITERS else None
        return list(dict.fromkeys([*(said or ""), *self.delimiters]))

    def syntax(self, delimiter: str) -> Syntax:
        """Return how cells are told apart with a delimiter, unless blanks before them are none."""
        if self.from_sheet:
            return Syntax(delimiter)
        return Syntax(delimiter, escapes=escapes(self.text, delimiter, is_end=self.complete))

    def skips_blanks(self, syntax: Syntax, header: int) -> bool:
        """Tell whether blanks before cells are none, below the header at a position from 0."""
        return not self.from_sheet and skips_blanks(self.text, syntax, header, is_end=self.complete)

    def records(self, syntax: Syntax) -> HeadRecords:
        """Return the records, blank ones included; a first line that says the delimiter is one."""
        return HeadRecords(self.text, syntax, has_said=self.said is not None, is_end=self.complete)


def read_dialect(
    head: Head, wanted: Sequence[str], required: Sequence[str] | None = None
) -> Dialect:
    """Return the dialect of a file from its first bytes.

    The delimiter is the one under which a header with all required names is found, and that has
    most of the wanted ones; on a tie the one that gives most cells, then the first of `delimiters`.

    Args:
        head: of the file.
        wanted: the column names that the import will look for, that of the addresses first.
        required: those of them without which a record is no header; all unless given. Where no
            record has them, the header is the one that comes closest.

    Raises:
        HeaderError: there is no header in it, or it is no text.
    """
    required = wanted if required is None else required
    tried = list(_candidates(required, head))
    best = max(tried, key=lambda candidate: candidate.rank(wanted))
    if wanted[0] not in best.names and not is_legible(head.data, head.codec):
        raise HeaderError(
            f"The `file` is no table of text: its first bytes are {head.data[:8].hex(' ')}."
            " Export the table as CSV or .xlsx and upload that."
        )
    if head.complete and head.header_row is None:
        # Nothing but a delimiter and blanks is no name, though it would be under another delimiter.
        best = next((each for each in tried if each.found is None), best)
    found = _check(best, head)
    return Dialect(
        encoding=head.codec,
        delimiter=best.syntax.delimiter,
        header=found.names,
        header_row=found.position + 1,
        sheet=head.sheet,
        skips_blanks=best.syntax.skips_blanks,
        escapes=best.syntax.escapes,
    )


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """The header that is found with a delimiter, which may be what the first line says."""

    syntax: Syntax
    found: FoundHeader | None
    unterminated: bool
    is_said: bool

    @property
    def names(self) -> tuple[str, ...]:
        return self.found.names if self.found else ()

    def rank(self, wanted: Sequence[str]) -> tuple[bool, bool, int, int]:
        is_complete = self.found is not None and self.found.is_complete
        present = len(wanted) - len(missing_names(self.names, wanted))
        return is_complete, self.is_said, present, len(self.names)


def _check(best: _Candidate, head: Head) -> FoundHeader:
    """Return what was found, unless it is no header at all."""
    if head.header_row is not None and (best.found is None or not any(best.names)):
        what = "is blank" if best.found else "is not there" if head.complete else "is too far down"
        beyond = "" if head.complete else ": a header stands in the first 256 KiB of a file"
        raise HeaderError(f"Row {head.header_row}, which `header_row` says, {what}{beyond}.")
    if best.found is None:
        raise HeaderError(
            "The `file` is empty: it has no header row."
            if head.complete
            else "The header row of the `file` is longer than 256 KiB."
        )
    if best.unterminated:
        raise HeaderError("The header row of the `file` ends inside an open quote.")
    return best.found


def _candidates(required: Sequence[str], head: Head) -> Iterator[_Candidate]:
    for delimiter in head.possible_delimiters:
        plain = head.syntax(delimiter)
        if f"{delimiter} " in head.text and '"' in head.text:
            skipping = replace(plain, skips_blanks=True)
            candidate = _find_header(skipping, required, head)
            if candidate.found and head.skips_blanks(skipping, candidate.found.position):
                yield candidate
                continue
        yield _find_header(plain, required, head)


def _find_header(syntax: Syntax, required: Sequence[str], head: Head) -> _Candidate:
    records = head.records(syntax)
    if head.header_row is None:
        found = search_header(records, required)
    else:
        found = take_header(records, required, head.header_row)
    unterminated = found is not None and found.position in records.failed
    is_said = syntax.delimiter == head.said
    return _Candidate(syntax=syntax, found=found, unterminated=unterminated, is_said=is_said)


class HeadRecords:
    """The records of a file's head; the first one is blank where it `has_said` the delimiter.

    `failed` are the numbers of those, from 0, that have a quote that is none.
    """

    def __init__(self, text: str, syntax: Syntax, *, has_said: bool, is_end: bool):
        self._reader = RecordReader(text, QuoteRules(syntax), is_end=is_end)
        self._has_said = has_said
        self.failed: set[int] = set()

    def __iter__(self) -> Iterator[list[str]]:
        number = 0
        may_have_more = True
        while may_have_more:
            may_have_more = self._reader.read(RECORDS_AT_ONCE)
            read = self._reader.take()
            cells = {number + failed.position: failed.cells for failed in read.failed}
            self.failed |= cells.keys()
            for record in read.records:
                yield [] if self._has_said and number == 0 else cells.get(number, record)
                number += 1
