"""How the cells of a file are told apart: delimiter, quotes, and two habits of some programs."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader

# The csv module refuses cells of over 128 KiB by default; the definition has its own rule.
csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True)
class Syntax:
    """What `csv.reader` has to know of a file.

    With `skips_blanks`, spaces between a delimiter and its cell are not there; with `escapes`, a
    backslash makes text of the character behind it.
    """

    delimiter: str
    skips_blanks: bool = False
    escapes: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether cells are what stands between delimiters, and nothing else is to be known."""
        return self.delimiter.isascii() and not self.skips_blanks and not self.escapes

    def reader(self, lines: Iterable[str]) -> Reader:
        """Return what reads the records of these lines."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            skipinitialspace=self.skips_blanks,
            escapechar="\\" if self.escapes else None,
        )

    @cached_property
    def cell(self) -> re.Pattern[str]:
        """One cell, as `csv.reader` understands it, up to the delimiter or the line end behind it.

        `open` is the quote that it begins with, and `close` the one that ends what that encloses;
        without a `close`, it was not found in the text.
        """
        # What stands behind the closing quote is text, even if it is a quote again.
        behind = rf"(?:[^{self._delimiter}\r\n]{self._unquoted})?+"
        quoted = rf'(?P<open>"){self._enclosed}(?:(?P<close>"){behind})?+'
        return re.compile(rf"{self._blanks}(?:{quoted}|{self._unquoted})")

    @cached_property
    def proper_record(self) -> re.Pattern[str]:
        """A record in which each quoted cell ends with its closing quote, with its line end."""
        cell = rf'{self._blanks}(?:"{self._enclosed}"|(?!"){self._unquoted})'
        end = r"(?P<end>\r\n|\r|\n|\Z)"
        return re.compile(rf"{cell}(?:{self._delimiter}{cell})*+{end}")

    # The pieces that the patterns are made of.

    @property
    def _delimiter(self) -> str:
        return re.escape(self.delimiter)

    @property
    def _blanks(self) -> str:
        return " *+" if self.skips_blanks else ""

    @property
    def _escaped(self) -> str:
        return r"|\\(?:[\s\S]|\Z)" if self.escapes else ""

    @property
    def _backslash(self) -> str:
        return r"\\" if self.escapes else ""

    @property
    def _unquoted(self) -> str:
        return rf"(?:[^{self._delimiter}\r\n{self._backslash}]{self._escaped})*+"

    @property
    def _enclosed(self) -> str:
        plain = rf'[^"{self._backslash}]*+'
        return rf'{plain}(?:(?:""{self._escaped}){plain})*+'
