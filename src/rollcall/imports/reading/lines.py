"""Whole lines as bytes, and what stands where in them."""

from __future__ import annotations

import copy

import numpy as np
import numpy.typing as npt

from rollcall.imports.reading.blocks import ENCODING

# Stands in the place of what is not to be read: one cell, and nothing special about it.
MASK = b"x"
NEWLINE, RETURN, SPACE, QUOTE = b'\n\r "'
# How the blanks outside of ASCII and the invisible characters begin in UTF-8; other characters may
# begin like them.
OTHER_BLANKS = {
    b"\xc2": [b"\xc2\x85", b"\xc2\xa0", b"\xc2\xad"],
    b"\xe1": [b"\xe1\x9a\x80"],
    b"\xe2": [b"\xe2\x80", b"\xe2\x81"],
    b"\xe3": [b"\xe3\x80\x80"],
    b"\xef": [b"\xef\xbb\xbf"],
}

Offsets = npt.NDArray[np.int64]


class Lines:
    """Whole lines as bytes in UTF-8, each with its line feed, and what stands where in them.

    `ends` are the offsets of the line feeds, `delimiters` tells how many of those a line has, and
    `quotes` are the offsets of quotation marks. Lone surrogates are encoded as if they were not.
    """

    def __init__(self, data: bytes, delimiter: str):
        self.data = data
        self.delimiter = ord(delimiter)
        characters = self._characters
        # Both in one array, so that one search tells how many delimiters are between two offsets.
        self._marks = np.flatnonzero((characters == self.delimiter) | (characters == NEWLINE))
        feeds = np.flatnonzero(characters[self._marks] == NEWLINE)
        self.ends: Offsets = self._marks[feeds]
        self.delimiters: Offsets = np.diff(feeds, prepend=-1) - 1
        self.quotes = np.flatnonzero(characters == QUOTE) if b'"' in data else np.empty(0, int)

    @property
    def _characters(self) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self.data, np.uint8)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, number: int) -> str:
        """Return a line with its end."""
        return self.data[self.begin(number) : self.begin(number + 1)].decode(*ENCODING)

    def text(self, first: int, behind: int) -> str:
        """Return the lines from one to the one before another, with their ends."""
        return self.data[self.begin(first) : self.begin(behind)].decode(*ENCODING)

    def begin(self, number: int) -> int:
        """Return where a line begins, or where the last one ends."""
        return int(self.ends[number - 1]) + 1 if number else 0

    def not_plain(self) -> set[int]:
        """Return the numbers of the lines whose quotes are for `csv.reader` to understand."""
        quotes = self.quotes
        if not len(quotes):
            return set()
        lines = np.searchsorted(self.ends, quotes)
        opens = (np.arange(len(quotes)) - np.searchsorted(lines, lines)) % 2 == 0
        # What stands before an opening quote, and behind a closing one.
        characters = self._characters
        beside = characters[np.where(opens, quotes - 1, quotes + 1)]
        plain = (beside == self.delimiter) | (beside == NEWLINE) | (~opens & (beside == RETURN))
        plain |= quotes == 0
        stays_open = opens & np.append(lines[1:] != lines[:-1], True)
        return set(np.unique(lines[~plain | stays_open]).tolist())

    def longer_than(self, cells: int) -> list[int]:
        """Return the numbers of the lines with more cells than that. All lines are plain."""
        delimiters = self.delimiters
        if len(self.quotes) and (delimiters >= cells).any():
            opening, closing = self.quotes[0::2], self.quotes[1::2]
            quoted = np.searchsorted(self._marks, closing) - np.searchsorted(self._marks, opening)
            delimiters = delimiters.copy()
            np.subtract.at(delimiters, np.searchsorted(self.ends, opening), quoted)
        return list(map(int, np.flatnonzero(delimiters >= cells)))

    def may_have_blank_ends(self) -> bool:
        """Tell whether some cell may begin or end with a blank, or with what cannot be seen.

        All lines are plain.
        """
        characters = self._characters
        if characters[0] <= SPACE or _has_blanks_beside(characters, self.quotes).any():
            return True
        edges = self._marks
        edges = edges[_has_blanks_beside(characters, edges)]
        # An odd number of quotes before a delimiter means that it is within a cell.
        if (np.searchsorted(self.quotes, edges) % 2 == 0).any():
            return True
        if b"\r" in self.data:
            before = characters[self.ends - 1] == RETURN
            if _is_blank(characters[self.ends[before] - 2]).any():
                return True
        # One byte is looked for at many times the speed of two.
        firsts = (first for first in OTHER_BLANKS if first in self.data)
        return any(blank in self.data for first in firsts for blank in OTHER_BLANKS[first])

    def without(self, masked: list[int], removed: set[int]) -> Lines:
        """Return lines of which some have no cell worth reading and some are not there."""
        data = bytearray(self.data)
        for number in masked:
            begin, end = self.begin(number), int(self.ends[number])
            data[begin:end] = MASK * (end - begin)
        if removed:
            kept = (number for number in range(len(self)) if number not in removed)
            data = bytearray().join(data[self.begin(at) : self.begin(at + 1)] for at in kept)
            return Lines(bytes(data), chr(self.delimiter))
        # All others are where they were.
        lines = copy.copy(self)
        lines.data = bytes(data)
        lines.delimiters = self.delimiters.copy()
        lines.delimiters[masked] = 0
        is_masked = np.zeros(len(self), bool)
        is_masked[masked] = True
        lines.quotes = self.quotes[~is_masked[np.searchsorted(self.ends, self.quotes)]]
        return lines


def _has_blanks_beside(
    characters: npt.NDArray[np.uint8], offsets: Offsets
) -> npt.NDArray[np.bool_]:
    # A line feed before an offset is the end of another line, and so it is behind one.
    before, behind = (
        characters[offsets - 1],
        characters[np.minimum(offsets + 1, len(characters) - 1)],
    )
    return _is_blank(before) | _is_blank(behind)


def _is_blank(characters: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    blank: npt.NDArray[np.bool_] = (characters <= SPACE) & (characters != NEWLINE)
    blank &= characters != RETURN
    return blank
