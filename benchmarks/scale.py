"""How large everything in a run is, derived from the rows of the main figure."""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_ROW = 86
REPEATS = 3
MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The sizes of one run. With 1,000,000 rows they are those of the goals.

    `rounds` is how often the main figures are measured; the median counts.
    """

    rows: int
    rounds: int

    @property
    def repeats(self) -> int:
        """How often in a round what is soon measured is repeated, so that there are three of it."""
        return -(-REPEATS // self.rounds)

    @property
    def large_table(self) -> int:
        """Contacts in the large table: 10 M."""
        return 10 * self.rows

    @property
    def large_import(self) -> int:
        """Rows of the import that others run beside: 2 M."""
        return 2 * self.rows

    @property
    def stored_imports(self) -> int:
        """Imports in the database while reads are measured: 1 M."""
        return self.rows

    @property
    def deep_page(self) -> int:
        """The number of the page that must be as fast as the first: 10,000."""
        return max(2, self.rows // 100)

    @property
    def small_file(self) -> int:
        """Rows of a file of 20 MB."""
        return 20 * self.rows // BYTES_PER_ROW

    @property
    def large_file(self) -> int:
        """Rows of a file of 200 MB."""
        return 200 * self.rows // BYTES_PER_ROW

    @property
    def peer_rows(self) -> int:
        """Rows that the peer gets, which is slow: a tenth."""
        return self.rows // 10

    @property
    def max_upload_bytes(self) -> int:
        """What the API has to accept."""
        return max(200 * MIB, 3 * BYTES_PER_ROW * self.rows)


def short(count: int) -> str:
    """Return a number of rows as people say it: 1.5 M, 200 k, 36."""
    for unit, name in ((1_000_000, " M"), (1_000, " k")):
        if count >= unit:
            return f"{count / unit:.3g}{name}"
    return str(count)


def megabytes(rows: int) -> str:
    """Return the size of a file with this many rows as people say it: 200 MB."""
    return f"{round(rows * BYTES_PER_ROW / 1e6, 2):g} MB"
