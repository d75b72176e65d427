"""A second reader of CSV, which `csv.reader` is compared with, and the oracle's means."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Machine:
    """CPython's `_csv` reader for the default, non-strict dialect, fed with whole texts."""

    delimiter: str
    skips_blanks: bool = False
    escapes: bool = False
    state: str = "START_RECORD"
    cell: str = ""
    cells: list[str] = field(default_factory=list)
    # How many characters were read, and where the quote stands that opened a cell last.
    read: int = 0
    opened: int = -1

    def records(self, text: str) -> Iterator[tuple[list[str], bool]]:
        for line in io.StringIO(text, newline=""):
            for character in line:
                self.step(character)
            self.end_line()
            if self.state == "START_RECORD":
                yield self.cells, False
                self.cells = []
        if self.state == "IN_QUOTED_FIELD":
            self.save("START_RECORD")
            yield self.cells, True
        elif self.cell:
            self.save("START_RECORD")
            yield self.cells, False

    def step(self, character: str) -> None:
        self.read += 1
        if self.state == "ESCAPED_CHAR":
            self.add(character, "AFTER_ESCAPED_CRNL" if character in "\r\n" else "IN_FIELD")
        elif self.state == "ESCAPE_IN_QUOTED_FIELD":
            self.add(character, "IN_QUOTED_FIELD")
        elif self.state == "IN_QUOTED_FIELD":
            self.in_quoted_field(character)
        elif character in "\r\n":
            if self.state not in ("START_RECORD", "EAT_CRNL"):
                self.save("EAT_CRNL")
            self.state = "EAT_CRNL"
        elif character == '"' and self.state not in ("IN_FIELD", "AFTER_ESCAPED_CRNL"):
            self.quote()
        elif character == self.delimiter:
            self.save("START_FIELD")
        elif character == "\\" and self.escapes and self.state != "QUOTE_IN_QUOTED_FIELD":
            self.state = "ESCAPED_CHAR"
        elif character == " " and self.skips_blanks and self.state.startswith("START"):
            self.state = "START_FIELD"
        else:
            self.add(character, "IN_FIELD")

    def in_quoted_field(self, character: str) -> None:
        if character == '"':
            self.state = "QUOTE_IN_QUOTED_FIELD"
        elif character == "\\" and self.escapes:
            self.state = "ESCAPE_IN_QUOTED_FIELD"
        else:
            self.add(character, "IN_QUOTED_FIELD")

    def quote(self) -> None:
        if self.state == "QUOTE_IN_QUOTED_FIELD":
            self.cell += '"'
        else:
            self.opened = self.read - 1
        self.state = "IN_QUOTED_FIELD"

    def end_line(self) -> None:
        if self.state in ("START_FIELD", "IN_FIELD", "QUOTE_IN_QUOTED_FIELD"):
            self.save("START_RECORD")
        elif self.state == "EAT_CRNL":
            self.state = "START_RECORD"
        elif self.state == "ESCAPED_CHAR":
            self.add("\n", "IN_FIELD")
        elif self.state == "ESCAPE_IN_QUOTED_FIELD":
            self.add("\n", "IN_QUOTED_FIELD")

    def add(self, character: str, state: str) -> None:
        self.cell += character
        self.state = state

    def save(self, state: str) -> None:
        self.cells.append(self.cell)
        self.cell = ""
        self.state = state
