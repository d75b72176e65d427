"""The columns of a draft: what was suggested, what was said, and what follows from both. Pure."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rollcall.imports.column_map import MAX_PROPERTIES, POINT, ColumnMap
from rollcall.imports.drafts.choices import ColumnChoice, Destination
from rollcall.imports.drafts.destinations import free_property, suggested
from rollcall.imports.drafts.problems import Problem
from rollcall.imports.matching.columns import Column
from rollcall.imports.matching.properties import holds_secrets
from rollcall.imports.matching.suggest import read_columns
from rollcall.imports.matching.suggestions import (
    Confidence,
    SuggestedColumn,
    Suggestion,
    Suggestions,
    Target,
)
from rollcall.properties.values import PropertyType

NAME_PARTS = frozenset({Target.FIRST_NAME, Target.LAST_NAME})
DISPLACED = "Another column was chosen for what this one looks like, so it is kept as a property."
MAX_WORDS = 24


class Standing(enum.StrEnum):
    """How a column came to what becomes of it."""

    SUGGESTED = "suggested"
    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    REPLACED = "replaced"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class DraftColumn:
    """A column and what becomes of it: nothing, without a `destination`.

    `column` has the cells that were sampled, `samples` are a few of them to be shown, and `words`
    are the different ones with their number, where they are a choice among a few. An `UNDECIDED`
    one is not imported until somebody says what it is; its suggestion, if there is one, is unsure.
    """

    column: Column
    name: str
    samples: tuple[str, ...]
    suggestion: Suggestion | None
    destination: Destination | None
    standing: Standing
    words: tuple[tuple[str, int], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def index(self) -> int:
        return self.column.index

    @property
    def offered(self) -> Destination | None:
        """What it becomes when its suggestion is taken."""
        return None if self.suggestion is None else suggested(self.suggestion)

    @property
    def is_certain(self) -> bool:
        """Whether nobody needs to look at it."""
        if self.problems:
            return False
        if self.standing in (Standing.ACCEPTED, Standing.REPLACED, Standing.REJECTED):
            return True
        return self.suggestion is None or self.suggestion.confidence is Confidence.CERTAIN

    @property
    def stops(self) -> bool:
        """Whether nothing can be imported as it is."""
        return any(problem.stops for problem in self.problems)


@dataclass(frozen=True, kw_only=True)
class DraftColumns:
    """All columns, and what is wrong with them as a whole."""

    columns: tuple[DraftColumn, ...]
    rows: int
    problems: tuple[Problem, ...] = field(default=())

    @property
    def stops(self) -> bool:
        """Whether nothing can be imported as it is."""
        return any(problem.stops for problem in self.problems) or any(
            column.stops for column in self.columns
        )

    @property
    def are_certain(self) -> bool:
        """Whether nobody needs to look at any of them."""
        return not self.problems and all(column.is_certain for column in self.columns)

    def column_map(self) -> ColumnMap:
        """Return what is imported, of columns that nothing stops."""
        fields: dict[str, Any] = {}
        properties: dict[str, Any] = {}
        for column in self.columns:
            to = column.destination
            if to is None:
                continue
            if to.target is Target.PROPERTY and to.key is not None:
                mapped = {"column": column.name, "type": to.type}
                if to.decimal != POINT:
                    mapped["decimal"] = to.decimal
                properties[to.key] = mapped
            elif to.true_when is not None:
                fields[to.target] = {"column": column.name, "true_when": to.true_when}
            else:
                fields[to.target] = column.name
        return ColumnMap.model_validate({**fields, "properties": properties})


def decide(
    records: Sequence[Sequence[str]],
    suggestions: Suggestions,
    choices: Sequence[ColumnChoice],
    properties: Mapping[str, PropertyType],
) -> DraftColumns:
    """Return what becomes of every column; what is wrong with them, `review` tells.

    What a person has said holds. A field or key that was said of one column is no other's: what was
    suggested for it becomes a property.

    Args:
        records: the first of the table.
        suggestions: made from these records.
        choices: what was said.
        properties: those that the team has, by key.
    """
    if suggestions.header_row is None:
        return DraftColumns(columns=(), rows=0)
    columns, below = read_columns(records, suggestions.header_row)
    chosen = find_choices(suggestions.columns, choices)
    offers = _Offers(suggestions.columns, columns, chosen, properties)
    decided = tuple(
        _decide(shown, column, chosen.get(column.index), offers)
        for shown, column in zip(suggestions.columns, columns, strict=True)
    )
    return DraftColumns(columns=decided, rows=len(below))


def find_choices(
    columns: Sequence[SuggestedColumn], choices: Sequence[ColumnChoice]
) -> dict[int, ColumnChoice]:
    """Return the choices by the index of the column that each is about, found by its name first."""
    by_name = {each.name: each for each in choices}
    found = {c.index: by_name[c.name] for c in columns if c.name and c.name in by_name}
    names = {column.name for column in columns}
    lost = {each.index: each for each in choices if each.name not in names}
    for column in columns:
        if column.name and column.index not in found and column.index in lost:
            found[column.index] = lost[column.index]
    return found


class _Offers:
    """What is suggested for columns of which nothing was said, beside those of which it was."""

    def __init__(
        self,
        shown: Sequence[SuggestedColumn],
        columns: Sequence[Column],
        chosen: Mapping[int, ColumnChoice],
        properties: Mapping[str, PropertyType],
    ):
        said = [each.destination for each in chosen.values() if each.destination is not None]
        self._fields = _with_rivals({to.target for to in said} - {Target.PROPERTY})
        self._keys = {to.key for to in said if to.key is not None}
        self._properties = properties
        free = [column for column in shown if column.index not in chosen]
        targets = {c.suggestion.target for c in free if c.suggestion and c.suggestion.is_taken}
        # Both parts of a name say more than the whole, and the whole more than one of them.
        whole = Target.FULL_NAME in targets and not targets >= NAME_PARTS
        rivals = NAME_PARTS if whole else frozenset({Target.FULL_NAME})
        self._left_out = rivals if Target.FULL_NAME in targets else frozenset()
        self._found = {column.index: column.suggestion for column in free}
        for column in columns:
            said_of_it = self._found.get(column.index)
            if said_of_it is not None and self._is_displaced(said_of_it):
                self._found[column.index] = self._displace(column)
        self._room = MAX_PROPERTIES - len(self._keys)

    def of(self, index: int) -> Suggestion | None:
        return self._found.get(index)

    def has_room(self, said: Suggestion) -> bool:
        """Tell whether a column map can have it, of which the first so many are in it."""
        if said.target is not Target.PROPERTY:
            return True
        self._room -= 1
        return self._room >= 0

    def _is_displaced(self, said: Suggestion) -> bool:
        if said.target is Target.PROPERTY:
            return said.key in self._keys
        return said.target in self._fields or said.target in self._left_out

    def _displace(self, column: Column) -> Suggestion:
        others = {said.key for said in self._found.values() if said is not None and said.key}
        to = free_property(column, self._keys | others, self._properties)
        decimal = None if to.decimal == POINT else to.decimal
        return Suggestion(
            target=Target.PROPERTY,
            confidence=Confidence.LIKELY,
            reason=DISPLACED,
            key=to.key,
            type=to.type,
            decimal=decimal,
        )


def _with_rivals(targets: set[Target]) -> set[Target]:
    """Return fields with those that cannot be read beside them."""
    if Target.FULL_NAME in targets:
        return targets | NAME_PARTS
    return targets | {Target.FULL_NAME} if targets & NAME_PARTS else targets


def _decide(
    shown: SuggestedColumn, column: Column, choice: ColumnChoice | None, offers: _Offers
) -> DraftColumn:
    said = offers.of(column.index) if choice is None else shown.suggestion
    to: Destination | None = None
    if choice is not None:
        to = choice.destination
        is_accepted = said is not None and to == suggested(said)
        standing = Standing.ACCEPTED if is_accepted else Standing.REPLACED
        standing = Standing.REJECTED if to is None else standing
    elif said is not None and shown.name and said.is_taken and offers.has_room(said):
        to, standing = suggested(said), Standing.SUGGESTED
    else:
        standing = Standing.UNDECIDED
    return DraftColumn(
        column=column,
        name=shown.name,
        samples=shown.samples,
        suggestion=said,
        destination=to,
        standing=standing,
        words=_words(column),
    )


def _words(column: Column) -> tuple[tuple[str, int], ...]:
    if not column.cells.words or holds_secrets(column):
        return ()
    return tuple(Counter(map(str.lower, column.cells.filled)).most_common(MAX_WORDS))
