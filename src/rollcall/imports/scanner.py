"""Finds the end of a record that is too long to be kept. Pure, and holds nothing of it."""

from __future__ import annotations

import re


class Scanner:
    """The states of `csv.reader` without the cells: finds where a record ends."""

    def __init__(self, delimiter: str):
        self._delimiter = delimiter
        self._end_of_field = re.compile(f"[{re.escape(delimiter)}\r\n]")
        self._state = self._start_of_field

    @property
    def in_quotes(self) -> bool:
        return self._state == self._in_quotes

    def find_end(self, text: str) -> int | None:
        """Return where the record ends in this piece of text; None when it goes on after it."""
        position = 0
        while position < len(text):
            position = self._state(text, position)
            if self._state == self._ended:
                return position + text.startswith("\r\n", position - 1)
        return None

    def _start_of_field(self, text: str, position: int) -> int:
        character = text[position]
        if character == '"':
            self._state = self._in_quotes
        elif character == self._delimiter:
            self._state = self._start_of_field
        elif character in "\r\n":
            self._state = self._ended
        else:
            self._state = self._in_field
        return position + 1

    def _in_field(self, text: str, position: int) -> int:
        match = self._end_of_field.search(text, position)
        if match is None:
            return len(text)
        is_delimiter = match.group() == self._delimiter
        self._state = self._start_of_field if is_delimiter else self._ended
        return match.end()

    def _in_quotes(self, text: str, position: int) -> int:
        quote = text.find('"', position)
        if quote < 0:
            return len(text)
        # A second quote puts one into the cell; all else goes on as at the start of a field.
        self._state = self._start_of_field
        return quote + 1

    def _ended(self, text: str, position: int) -> int:
        raise AssertionError("the record has ended")
