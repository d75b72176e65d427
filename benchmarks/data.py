"""Files of contacts whose outcome is known: the same bytes on every machine.

Every cell is a function of the row's number, so that a file is written block by block whatever
its size, and what an import of it must report and store is known without reading it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

COLUMN_MAP: dict[str, Any] = {
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "unsubscribed": "unsubscribed",
    "properties": {
        "plan": {"column": "plan", "type": "string"},
        "seats": {"column": "seats", "type": "number"},
        "city": {"column": "city", "type": "string"},
    },
}
HEADER = b"email,first_name,last_name,unsubscribed,plan,seats,city\n"
NAMES = ["Ada", "Grace", "Édouard", "Margarethe", "Bo", "Hiroshi", "Zoë", "Alexandrina"]
LOCAL_PARTS = ["ada", "grace", "edouard", "margarethe", "bo", "hiroshi", "zoe", "alexandrina"]
ANSWERS = ["no", "no", "no", "yes"]
PLANS = ["free", "pro", "enterprise"]
CITIES = [
    "Berlin",
    "São Paulo",
    "New York",
    "Kyoto",
    "Saint-Rémy-de-Provence",
    "Oslo",
    "Washington, D.C.",
]
SEED = 20261120
BLOCK_ROWS = 100_000
# Of every hundred rows these two are bad and this one repeats an earlier row; none of them is a
# multiple of fifty, so that rows whose number is one are what can be repeated.
BAD_OF_FIFTY = 7
REPEATED_OF_HUNDRED = 61

Numbers = np.ndarray[Any, np.dtype[np.int64]]
Cells = tuple[str, str, str, str, str, int, str]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What an import reports in the end."""

    created: int
    updated: int
    failed: int
    skipped: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the counts as the API shows them."""
        total = self.created + self.updated + self.skipped + self.failed
        return {
            "total": total,
            "created": self.created,
            "updated": self.updated,
            "skipped": self.skipped,
            "failed": self.failed,
        }


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A file of `rows` contacts: 2 % are bad in one of six ways, 1 % repeat an earlier row.

    Files of different `series` have no address in common. Files of different `revision` and the
    same series have the same addresses, and every contact differs.
    """

    rows: int
    series: int = 0
    revision: int = 0

    @property
    def first_import(self) -> Counts:
        """What the first import of this series reports."""
        bad, repeated = self._bad(), self._repeated()
        return Counts(created=self.rows - bad - repeated, updated=repeated, failed=bad)

    @property
    def next_import(self) -> Counts:
        """What another import of this series reports, of whatever revision."""
        return Counts(created=0, updated=self.rows - self._bad(), failed=self._bad())

    @property
    def distinct(self) -> int:
        """How many contacts are stored in the end."""
        return self.first_import.created

    def write(self, path: Path) -> None:
        """Write the file."""
        with path.open("wb") as file:
            file.write(HEADER)
            for start in range(0, self.rows, BLOCK_ROWS):
                numbers = np.arange(start, min(start + BLOCK_ROWS, self.rows), dtype=np.int64)
                # A surrogate stands for a byte that is not UTF-8.
                file.write("".join(self._lines(numbers)).encode("utf-8", "surrogateescape"))

    def stored(self) -> Iterator[Cells]:
        """Yield the cells of all contacts that are stored in the end, each once."""
        for start in range(0, self.rows, BLOCK_ROWS):
            numbers = np.arange(start, min(start + BLOCK_ROWS, self.rows), dtype=np.int64)
            plain = (numbers % 50 != BAD_OF_FIFTY) & (numbers % 100 != REPEATED_OF_HUNDRED)
            yield from self._cells(numbers[plain])

    def _bad(self) -> int:
        return _count(self.rows, BAD_OF_FIFTY, of=50)

    def _repeated(self) -> int:
        return _count(self.rows, REPEATED_OF_HUNDRED, of=100)

    def _lines(self, numbers: Numbers) -> list[str]:
        repeated = numbers % 100 == REPEATED_OF_HUNDRED
        earlier = self._hash(numbers, salt=0) % np.maximum(numbers, 1).astype(np.uint64)
        sources = np.where(repeated, earlier.astype(np.int64) // 50 * 50, numbers)
        cells = list(self._cells(sources))
        lines = [_line(row) for row in cells]
        for index in np.flatnonzero(repeated).tolist():
            lines[index] = _line((cells[index][0].upper(), *cells[index][1:]))
        for index in np.flatnonzero(numbers % 50 == BAD_OF_FIFTY).tolist():
            lines[index] = _bad_line(int(numbers[index]) // 50, cells[index])
        return lines

    def _cells(self, numbers: Numbers) -> Iterator[Cells]:
        key = self._hash(numbers, salt=1)
        value = self._hash(numbers, salt=2 + self.revision)
        emails = (
            f"{local}.{random:08x}.{self.series:x}-{number:x}@example{domain}.com"
            for local, random, number, domain in zip(
                _chosen(LOCAL_PARTS, key >> 32),
                (key & 0xFFFFFFFF).tolist(),
                numbers.tolist(),
                ((key >> 40) % 500).tolist(),
                strict=True,
            )
        )
        lasts = (
            f"{name}sen-{number}"
            for name, number in zip(
                _chosen(NAMES, value >> 8), ((value >> 16) % 10_000).tolist(), strict=True
            )
        )
        # Seats alone make sure that another revision differs.
        seats = (value >> 32) % 500 + 500 * self.revision
        return zip(
            emails,
            _chosen(NAMES, value),
            lasts,
            _chosen(ANSWERS, value >> 30),
            _chosen(PLANS, value >> 41),
            seats.tolist(),
            _chosen(CITIES, value >> 48),
            strict=True,
        )

    def _hash(self, numbers: Numbers, *, salt: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """Return 64 random-looking bits for each number: splitmix64."""
        stream = (SEED + self.series * 1_000 + salt) << 32
        bits = numbers.astype(np.uint64) + np.uint64(stream)
        bits = bits * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return bits ^ (bits >> np.uint64(31))


def _count(rows: int, remainder: int, *, of: int) -> int:
    """Return how many of the numbers below `rows` leave this remainder."""
    return (rows - remainder + of - 1) // of if rows > remainder else 0


def _chosen(values: list[str], bits: np.ndarray[Any, Any]) -> list[str]:
    chosen: list[str] = np.array(values, dtype=object)[bits % np.uint64(len(values))].tolist()
    return chosen


def _line(cells: Cells) -> str:
    email, first, last, unsubscribed, plan, seats, city = cells
    city = f'"{city}"' if "," in city else city
    return f"{email},{first},{last},{unsubscribed},{plan},{seats},{city}\n"


def _bad_line(which: int, cells: Cells) -> str:
    """Return the row with a fault: each of the six faults is as frequent as the others."""
    email, first, last, unsubscribed, plan, seats, _ = cells
    return [
        f",{first},{last},{unsubscribed},{plan},{seats},Oslo\n",
        f"{email.replace('@', ' at ')},{first},{last},{unsubscribed},{plan},{seats},Oslo\n",
        f"{email},{first},{last},perhaps,{plan},{seats},Oslo\n",
        f"{email},{first},{last},{unsubscribed},{plan},many,Oslo\n",
        f"{email},{first},{last},{unsubscribed},{plan},{seats},Oslo,Norway\n",
        f"{email},Fran\udce7oise,{last},{unsubscribed},{plan},{seats},Oslo\n",
    ][which % 6]
