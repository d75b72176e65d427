"""What some programs write otherwise than most, as the oracle finds it out of a text."""

import io
from collections.abc import Iterator

from tests.support.csv_machine import Machine
from tests.support.oracle_reader import Record, Style, read_records

LOOKED_AT = 20


def find_said(text: str) -> str | None:
    """The delimiter that the first line says."""
    line = next(iter(io.StringIO(text, newline="")), "").rstrip("\r\n").lstrip("\ufeff")
    quote = '"' if line.startswith('"') else ""
    line = line.removeprefix(quote)
    if line[:4].lower() != "sep=":
        return None
    said = "\t" + line[6:] if line[4:6] == "\\t" else line[4:]
    delimiter, more = said[:1], said[1:]
    is_one = delimiter != "" and (delimiter == "\t" or not delimiter.isspace())
    if (
        not is_one
        or delimiter.isalnum()
        or delimiter in '"\\\0\ufeff'
        or not more.startswith(quote)
    ):
        return None
    return delimiter if more.removeprefix(quote).strip(" " + delimiter) == "" else None


def lines_of(text: str, style: Style) -> Iterator[tuple[Record, str]]:
    """The records of a text, each with its text."""
    lines = list(io.StringIO(text, newline=""))
    begin = 0
    for record in read_records(text, style):
        yield record, "".join(lines[begin : begin + record.lines])
        begin += record.lines


def find_escapes(text: str, delimiter: str) -> bool:
    """Whether backslashes escape quotes in quotes, and no quote in quotes is doubled."""
    if '\\"' not in text:
        return False
    style = Style(delimiter, False, True)
    found = False
    for record, written in lines_of(text, style):
        machine = style.machine()
        for at, character in enumerate(written if record.code is None else ""):
            before = machine.state
            machine.step(character)
            if before == "QUOTE_IN_QUOTED_FIELD" and character not in delimiter + "\r\n":
                # It was doubled, or something stands behind the quote that closes.
                return False
            if before == "ESCAPE_IN_QUOTED_FIELD" and character == '"':
                behind = written[at + 1 : at + 2]
                found |= behind not in ("", delimiter, "\r", "\n", '"')
    return found


def find_blanks(text: str, style: Style, header_row: int) -> bool:
    """Whether all quotes of the header stand behind blanks, or of the first records below it."""
    found = looked_at = 0
    for record, written in lines_of(text, style):
        if record.row < header_row or record.code is not None or '"' not in written:
            continue
        counted = count_quotes(written, style.machine())
        if counted is None:
            return False
        found += counted
        looked_at += 1
        if (record.row == header_row and counted) or looked_at == LOOKED_AT:
            break
    return found > 0


def count_quotes(written: str, machine: Machine) -> int | None:
    """How many quotes open a cell behind blanks; None where a quote stands anywhere else."""
    found = 0
    for at, character in enumerate(written):
        before, opened = machine.state, machine.opened
        machine.step(character)
        if character != '"' or before.startswith(("IN_QUOTED", "ESCAPE_IN", "QUOTE_IN")):
            continue
        if machine.opened == opened:
            return None
        if machine.cells:
            if not written[:at].endswith(" "):
                return None
            found += 1
    return found
