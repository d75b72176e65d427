"""How many rows are mended, what the others fail with, and what would mend them. For the child."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rollcall.imports.checkpoint import Checkpoint
from rollcall.imports.issues import Failure, shorten
from rollcall.imports.mending.jobs import EXAMPLES
from rollcall.imports.mending.proposals import rules_for
from rollcall.imports.mending.reader import FailedRows, ReadRow
from rollcall.imports.mending.rules import Apply, FailedRow, Rule, RuleKind, compile_rule
from rollcall.imports.reading.encoding import storable

# A file has at most so many places from which it is read later: pages begin at one of them.
MAX_PLACES = 1000
# Of a kind of failure so many rows of a chunk tell which rules come into question.
LOOKED_AT = 200
# What these take away is not in the file that is imported again.
LOSING = {
    RuleKind.EMPTY,
    RuleKind.CUT,
    RuleKind.FIRST_ADDRESS,
    RuleKind.DROP_SURPLUS,
    RuleKind.DROP_UNREADABLE,
}
EXAMPLE_CHARACTERS = 60
Key = tuple[str, int | None]


@dataclass
class Proposal:
    """A rule, the number of rows in which it mends what is wrong, and of those that fit then."""

    rule: Rule
    apply: Apply
    helped: int = 0
    mended: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        rule = {key: value for key, value in self.rule.as_json().items() if key != "id"}
        return {
            "rule": rule,
            "helped": self.helped,
            "mended": self.mended,
            "examples": self.examples,
        }


@dataclass
class Group:
    """The rows that fail with a code in a column."""

    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)
    proposals: dict[str, Proposal] = field(default_factory=dict)


@dataclass
class Place:
    """A place in the file, and how many rows behind it, up to the next one, fail how."""

    row: int
    start: Checkpoint
    open: int = 0
    mended: int = 0
    groups: dict[int, int] = field(default_factory=dict)


class SurveyJob:
    """Counts, groups, and tries what could mend."""

    def __init__(self, rows: FailedRows, order: dict[str, Any]):
        del order
        self._rows = rows
        self._groups: dict[Key, Group] = {}
        self._places: list[Place] = []
        self._every = 1
        self._chunks = 0

    def take(self, feed: dict[str, Any]) -> tuple[Any, bytes]:
        """Count these rows; there is nothing to say before the end."""
        for start, rows in self._rows.read(feed):
            place = self._place(start, rows[0].now.row)
            said = self._rows.judge([each.now for each in rows])
            failed: dict[Key, list[tuple[ReadRow, Failure]]] = {}
            for row, failure in zip(rows, said, strict=True):
                if failure is None:
                    place.mended += 1
                else:
                    index = self._rows.layout.index_of(failure.column)
                    failed.setdefault((failure.code, index), []).append((row, failure))
            for key, of_key in failed.items():
                self._count(key, of_key, place)
        return None, b""

    def _place(self, start: Checkpoint, row: int) -> Place:
        """Return the place that rows from a chunk belong to."""
        last = self._places[-1] if self._places else None
        if last is None or last.start.row < start.row:
            self._chunks += 1
            if last is None or self._chunks % self._every == 0:
                last = Place(row, start)
                self._places.append(last)
            if len(self._places) > MAX_PLACES:
                self._thin_out()
        assert last is not None
        return self._places[-1]

    def _thin_out(self) -> None:
        """Leave out every other place; a page takes twice as long to find then."""
        self._every *= 2
        for place, after in zip(self._places[::2], self._places[1::2], strict=False):
            place.open += after.open
            place.mended += after.mended
            for group, count in after.groups.items():
                place.groups[group] = place.groups.get(group, 0) + count
        self._places = self._places[::2]

    def _count(self, key: Key, failed: list[tuple[ReadRow, Failure]], place: Place) -> None:
        group = self._groups.setdefault(key, Group())
        number = list(self._groups).index(key)
        group.count += len(failed)
        place.open += len(failed)
        place.groups[number] = place.groups.get(number, 0) + len(failed)
        for row, failure in failed:
            if len(group.examples) == EXAMPLES:
                break
            value = failure.value and shorten(failure.value, EXAMPLE_CHARACTERS)
            if all(value != each["value"] for each in group.examples):
                group.examples.append({"row": row.now.row, "value": value})
        rows = [row.now for row, _ in failed]
        for rule in rules_for(*key, self._rows.around, rows[:LOOKED_AT]):
            name = json.dumps([rule.kind, rule.settings])
            if name not in group.proposals:
                group.proposals[name] = Proposal(rule, compile_rule(rule, self._rows.around))
            self._try(group.proposals[name], key, rows)

    def _try(self, proposal: Proposal, key: Key, rows: Sequence[FailedRow]) -> None:
        changed = []
        for row in rows:
            tried = FailedRow(row.row, list(row.cells), row.code, row.is_released)
            proposal.apply(tried)
            if tried.cells != row.cells or tried.is_released != row.is_released:
                changed.append((row, tried))
        said = self._rows.judge([tried for _, tried in changed])
        for (row, tried), failure in zip(changed, said, strict=True):
            index = failure and self._rows.layout.index_of(failure.column)
            if failure is not None and (failure.code, index) == key:
                continue
            proposal.helped += 1
            proposal.mended += failure is None
            self._note_example(proposal, row, tried)

    def _note_example(self, proposal: Proposal, row: FailedRow, tried: FailedRow) -> None:
        column = proposal.rule.column
        if column is None or len(proposal.examples) == EXAMPLES:
            return
        pair = [storable(shorten(e.cells[column], EXAMPLE_CHARACTERS)) for e in (row, tried)]
        if (pair[0], pair[1]) not in proposal.examples:
            proposal.examples.append((pair[0], pair[1]))

    def end(self) -> Any:
        """Return the survey; groups are in the order in which they were met."""
        return {
            "open": sum(place.open for place in self._places),
            "mended": sum(place.mended for place in self._places),
            "groups": [
                {
                    "code": code,
                    "column": column,
                    "count": group.count,
                    "examples": group.examples,
                    "proposals": _ranked(group.proposals.values()),
                }
                for (code, column), group in self._groups.items()
            ],
            "places": [
                [each.row, each.start.row, each.start.offset, each.open, each.mended, each.groups]
                for each in self._places
            ],
        }


def _ranked(proposals: Any) -> list[dict[str, Any]]:
    """Return the rules that help, those that mend most rows first; last what loses something."""
    # What lets go of cells has to be worth it.
    helping = [
        each
        for each in proposals
        if each.mended or (each.helped and each.rule.kind is not RuleKind.DROP_SURPLUS)
    ]
    helping.sort(key=lambda each: (each.rule.kind in LOSING, -each.mended))
    return [each.as_json() for each in helping]
