"""The text of a file → its records, as the oracle reads them: a character after the other."""

import copy
import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.support.csv_machine import Machine
from tests.support.oracle_cells import Column, RecordError, parse_email, strip

# csv gives up at 131,072 characters in a cell; by the definition a long cell fails its record only.
csv.field_size_limit(sys.maxsize)

MAX_RECORD = 4 * 1024 * 1024
MARK = "\ue000"
OPEN = ("IN_QUOTED_FIELD", "ESCAPE_IN_QUOTED_FIELD", "QUOTE_IN_QUOTED_FIELD")


@dataclass(frozen=True)
class Record:
    row: int
    cells: tuple[str, ...]
    code: str | None = None
    lines: int = 1

    @property
    def unterminated(self) -> bool:
        return self.code == "unterminated_quote"

    @property
    def is_blank(self) -> bool:
        return self.code is None and not any(strip(cell) for cell in self.cells)

    @property
    def names(self) -> list[str]:
        """What the columns are called if this is the header."""
        return [clean_name(cell) for cell in self.cells]


def clean_name(cell: str) -> str:
    return strip(cell).replace("\u00a0", " ")


@dataclass(frozen=True)
class Style:
    """How cells are told apart."""

    delimiter: str
    skips_blanks: bool = False
    escapes: bool = False

    def machine(self) -> Machine:
        return Machine(self.delimiter, self.skips_blanks, self.escapes)

    def split(self, lines: Sequence[str]) -> tuple[str, ...]:
        """The cells of one record, as `csv.reader` has them."""
        reader = csv.reader(
            lines,
            delimiter=self.delimiter,
            skipinitialspace=self.skips_blanks,
            escapechar="\\" if self.escapes else None,
        )
        return tuple(next(reader))


@dataclass(frozen=True)
class Body:
    """What a record below the header looks like: how many cells it has, and where the address."""

    width: int
    address: int
    header_row: int


def read_records(
    text: str, style: Style, body: Body | None = None, most: int = MAX_RECORD
) -> Iterator[Record]:
    """What `csv.reader` yields, numbered from 1, blank ones included. A stray quote fails one."""
    lines = list(io.StringIO(text, newline=""))
    row = begin = 0
    while begin < len(lines):
        row += 1
        below = body if body is not None and row > body.header_row else None
        count, stray = find_end(lines, begin, style, below, most)
        own = lines[begin : begin + count]
        if sum(map(len, own)) > most:
            yield Record(row, (), "value_too_long", count)
        elif stray is not None:
            yield Record(row, split_with_text(own, stray, style), "unterminated_quote", count)
        else:
            yield Record(row, style.split(own), None, count)
        begin += count


def split_with_text(lines: list[str], quote: int, style: Style) -> tuple[str, ...]:
    """The cells of a record of which one quote is text, and all that is open ends with the line."""
    text = "".join(lines)
    marked = text[:quote] + MARK + text[quote + 1 :].rstrip("\r\n")
    cells = style.split(list(io.StringIO(marked, newline="")))
    return tuple(cell.replace(MARK, '"') for cell in cells)


def find_end(
    lines: list[str], begin: int, style: Style, below: Body | None, most: int
) -> tuple[int, int | None]:
    """How many lines a record has, and where the stray quote stands that it ends by."""
    if '"' not in lines[begin] and "\\" not in lines[begin]:
        return 1, None
    machine = style.machine()
    read = 0
    for number in range(1, len(lines) - begin + 1):
        line = lines[begin + number - 1]
        for character in line:
            machine.step(character)
        machine.end_line()
        read += len(line)
        if machine.state == "START_RECORD":
            return number, None
        opened_here = machine.opened >= read - len(line)
        if machine.state in OPEN and opened_here:
            rest = (lines[at] for at in range(begin + number, len(lines)))
            if is_stray(machine, rest, style, below, most):
                return number, machine.opened
    return len(lines) - begin, None


def is_stray(
    machine: Machine, lines: Iterable[str], style: Style, below: Body | None, most: int
) -> bool:
    """Whether a quote that is open at the end of a line is none, by the lines behind that."""
    machine = copy.deepcopy(machine)
    read = machine.read
    taken_in = 0
    for line in lines:
        for character in line:
            was = machine.state
            machine.step(character)
            if machine.state not in OPEN:
                assert was == "QUOTE_IN_QUOTED_FIELD"
                is_close = read <= most
                return not is_close or character not in f"{style.delimiter}\r\n"
            read += 1
        if machine.state == "QUOTE_IN_QUOTED_FIELD":
            # The end of the file.
            return read > most
        machine.end_line()
        taken_in += below is not None and is_record(line, style, below)
        if taken_in == 2:
            return True
    return True


def is_record(line: str, style: Style, below: Body) -> bool:
    """Whether a line by itself is a record with all cells and an address."""
    machine = style.machine()
    for character in line:
        machine.step(character)
    machine.end_line()
    if machine.state != "START_RECORD" or len(machine.cells) != below.width:
        return False
    address = machine.cells[below.address]
    try:
        parse_email(strip(address), Column("", below.address, "email"))
    except RecordError:
        return False
    return True
