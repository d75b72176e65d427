"""What must have come of imports, held against what the database says of them."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg

from tests.support import oracle
from tests.support.outcomes import Result, result_of

Connection = psycopg.Connection[Any]


class Expected(Protocol):
    """One import, or several that have something to do with each other."""

    @property
    def ids(self) -> list[uuid.UUID]:
        """Return the imports."""

    @property
    def rows(self) -> int:
        """Return how many rows are compared."""

    def differences(self, connection: Connection) -> list[str]:
        """Return what is not as it should be, in words."""


@dataclass
class _OfOracle:
    """An import, and what the oracle makes of it."""

    id: uuid.UUID
    outcome: oracle.Outcome

    @property
    def ids(self) -> list[uuid.UUID]:
        return [self.id]

    @property
    def rows(self) -> int:
        return self.outcome.total


@dataclass
class Exactly(_OfOracle):
    """An import of which all is known, but whether `open_rows` found their contact or made it."""

    open_rows: set[int] = field(default_factory=set)

    def differences(self, connection: Connection) -> list[str]:
        found = result_of(connection, self.id)
        wanted = dict(self.outcome.rows)
        for row in self.open_rows:
            if found.rows.get(row) in ("created", "updated"):
                wanted[row] = found.rows[row]
        return [
            *_common(self.id, found, self.outcome),
            *_compare(self.id, "counts", found.counts, _counts_of(wanted)),
            *_compare_rows(self.id, found.rows, wanted),
        ]


@dataclass
class DryRun(_OfOracle):
    """An import that has stored its report and nothing else."""

    def differences(self, connection: Connection) -> list[str]:
        found = result_of(connection, self.id)
        failed = {row for row, outcome in self.outcome.rows.items() if outcome == "failed"}
        return [
            *_common(self.id, found, self.outcome),
            *_compare(self.id, "counts", found.counts, _counts_of(self.outcome.rows)),
            *_compare(self.id, "rows", set(found.rows), failed),
        ]


@dataclass
class Pair:
    """Two imports at once that have the same addresses once each; either may make a contact.

    The outcomes are those of one after the other; `new` are the addresses that were not stored.
    """

    first: Exactly
    second: Exactly
    new: set[str]

    @property
    def ids(self) -> list[uuid.UUID]:
        return [self.first.id, self.second.id]

    @property
    def rows(self) -> int:
        return self.first.rows + self.second.rows

    def differences(self, connection: Connection) -> list[str]:
        differences = []
        created: Counter[str] = Counter()
        for one in (self.first, self.second):
            found = result_of(connection, one.id)
            differences += _common(one.id, found, one.outcome)
            differences += _compare(one.id, "counts", found.counts, _counts_of(found.rows))
            differences += _compare(one.id, "rows", set(found.rows), set(one.outcome.rows))
            created += Counter(
                one.outcome.emails.get(row, "")
                for row, outcome in found.rows.items()
                if outcome == "created"
            )
        return [
            *differences,
            *_compare(self.first.id, "created by either", created, Counter(self.new)),
        ]


def _common(id_: uuid.UUID, found: Result, outcome: oracle.Outcome) -> list[str]:
    return [
        *_compare(id_, "status", found.status, "completed"),
        *_compare(id_, "failures", found.failures, outcome.failures),
        *_compare(id_, "warnings", found.warnings, sorted(outcome.warnings)),
    ]


def _counts_of(rows: dict[int, str]) -> tuple[int, int, int, int]:
    count = Counter(rows.values())
    return count["created"], count["updated"], count["skipped"], count["failed"]


def _compare(id_: uuid.UUID, what: str, found: object, wanted: object) -> list[str]:
    if found == wanted:
        return []
    return [f"import {id_}: {what} {_shorten(found)} and not {_shorten(wanted)}"]


def _compare_rows(id_: uuid.UUID, found: dict[int, str], wanted: dict[int, str]) -> list[str]:
    odd = sorted(row for row in found.keys() | wanted.keys() if found.get(row) != wanted.get(row))
    told = [f"row {row} {found.get(row)} and not {wanted.get(row)}" for row in odd[:5]]
    return [f"import {id_}: {len(odd)} rows differ: {', '.join(told)}"] if odd else []


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) < 300 else f"{text[:300]}…"
