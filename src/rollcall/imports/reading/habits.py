"""What some programs write otherwise than most, found in the head of a file.

A first line that says the delimiter, blanks before quotes, and backslashes before quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rollcall.imports.file_options import is_delimiter
from rollcall.imports.reading.quotes import QuoteRules
from rollcall.imports.reading.syntax import Syntax

# How many records with quotes are looked at where the header has none.
RECORDS_WITH_QUOTES = 20
# Spreadsheets add delimiters behind it, as many as the table has.
_SAID = re.compile(
    r'\ufeff*(?P<quote>"?)sep=(?P<said>\\t|[^\r\n])(?P=quote)(?P<more>[^\r\n]*)', re.IGNORECASE
)
_IN_CELL = re.compile(r'\\[\s\S]|""')


def said_delimiter(text: str) -> str | None:
    """Return the delimiter that the first line of a file says, as in `sep=;`."""
    line = _SAID.match(text)
    if line is None:
        return None
    delimiter = line["said"].replace(r"\t", "\t")
    if not is_delimiter(delimiter) or line["more"].strip(f" {delimiter}"):
        return None
    return delimiter


def escapes(text: str, delimiter: str, *, is_end: bool) -> bool:
    """Tell whether a backslash escapes the quotes in quotes, and nothing else does."""
    if r"\"" not in text:
        return False
    rules = QuoteRules(Syntax(delimiter, escapes=True))
    found = False
    for begin, end in _records(text, rules, is_end=is_end):
        for cell in _cells(text, begin, end, rules.syntax):
            if not cell["open"]:
                continue
            close = cell.start("close")
            if close < 0 or close + 1 < cell.end():
                # Something stands behind the closing quote, which would be none of MySQL's.
                return False
            for token in _IN_CELL.finditer(text, cell.end("open"), close):
                if token[0] == '""':
                    return False
                behind = text[token.end() : token.end() + 1]
                found |= token[0] == r"\"" and behind not in ("", delimiter, "\r", "\n", '"')
    return found


def skips_blanks(text: str, syntax: Syntax, header: int, *, is_end: bool) -> bool:
    """Tell whether blanks stand before all quotes of the header, or of the first records below it.

    Args:
        text: the head of the file.
        syntax: of the file, if it does.
        header: the position of the header among the records, from 0.
        is_end: whether the text is all of the file.
    """
    rules = QuoteRules(replace(syntax, skips_blanks=True))
    found = looked_at = 0
    for number, (begin, end) in enumerate(_records(text, rules, is_end=is_end)):
        if number < header or '"' not in text[begin:end]:
            continue
        before = _blanks_before_quotes(text, begin, end, rules.syntax)
        if before is None:
            return False
        found += before
        looked_at += 1
        if (number == header and before) or looked_at == RECORDS_WITH_QUOTES:
            break
    return found > 0


def _blanks_before_quotes(text: str, begin: int, end: int, syntax: Syntax) -> int | None:
    """Return how many quotes of a record stand behind a delimiter and blanks.

    None where one stands anywhere else, but at the beginning of the record.
    """
    found = 0
    for cell in _cells(text, begin, end, syntax):
        quote, close = cell.start("open"), cell.start("close")
        if quote >= 0 and close < 0:
            return None
        if '"' in text[cell.start() if close < 0 else close + 1 : cell.end()]:
            return None
        if quote < 0 or cell.start() == begin:
            continue
        if quote == cell.start():
            return None
        found += 1
    return found


def _records(text: str, rules: QuoteRules, *, is_end: bool) -> Iterator[tuple[int, int]]:
    begin = 0
    while begin < len(text):
        judged = rules.judge(text, begin, is_end=is_end)
        if judged is None:
            return
        if judged.code is None:
            yield begin, judged.end
        else:
            yield begin, begin
        begin = judged.end


def _cells(text: str, begin: int, end: int, syntax: Syntax) -> Iterator[re.Match[str]]:
    while begin < end:
        cell = syntax.cell.match(text, begin)
        assert cell is not None, "a cell may be empty"
        yield cell
        begin = cell.end() + 1
        if not text.startswith(syntax.delimiter, cell.end()):
            return
