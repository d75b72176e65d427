"""What somebody else proposes for the columns whose names say nothing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rollcall.imports.matching.columns import Column
from rollcall.imports.matching.properties import holds_secrets
from rollcall.imports.matching.remembered import is_possible
from rollcall.imports.matching.suggest import read_columns
from rollcall.imports.matching.suggestions import (
    Confidence,
    SuggestedColumn,
    Suggestion,
    Suggestions,
    Target,
)

# Addresses and consent are not to be taken on somebody's word.
NEEDS_A_PERSON = {Target.EMAIL, Target.UNSUBSCRIBED}
NAMES = {Target.FIRST_NAME, Target.LAST_NAME, Target.FULL_NAME}


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The field of contacts that a column is said to be, and by whom: how a sentence begins."""

    target: Target
    source: str


def open_columns(
    suggestions: Suggestions, records: Sequence[Sequence[str]]
) -> list[SuggestedColumn]:
    """Return the columns that may be asked about: what they are only their cells have told.

    None when every field of contacts has its column, nor any that may hold secrets.
    """
    pairs = _pairs(suggestions, records)
    if _fields_of(suggestions) >= {Target.EMAIL, Target.UNSUBSCRIBED} | NAMES:
        return []
    return [
        shown
        for shown, column in pairs
        if shown.name and column.cells and _is_open(shown, column) and not holds_secrets(column)
    ]


def add_proposals(
    suggestions: Suggestions,
    records: Sequence[Sequence[str]],
    proposals: Mapping[int, Proposal],
) -> Suggestions:
    """Return the suggestions with what is proposed for open columns, where the cells allow it.

    Args:
        suggestions: made from these records.
        records: the first of the table.
        proposals: by the index of the column.
    """
    allowed = {column.index for column in open_columns(suggestions, records)}
    taken = _fields_of(suggestions)
    columns = []
    for shown, column in _pairs(suggestions, records):
        proposal = proposals.get(column.index)
        said = None
        if proposal is not None and column.index in allowed and proposal.target not in taken:
            said = _suggest(column, proposal)
        if said is not None:
            taken |= _with_counterparts(said.target)
        columns.append(shown if said is None else replace(shown, suggestion=said))
    return replace(suggestions, columns=tuple(columns))


def _pairs(
    suggestions: Suggestions, records: Sequence[Sequence[str]]
) -> list[tuple[SuggestedColumn, Column]]:
    if suggestions.header_row is None:
        return []
    columns, _ = read_columns(records, suggestions.header_row)
    return list(zip(suggestions.columns, columns, strict=True))


def _is_open(shown: SuggestedColumn, column: Column) -> bool:
    said = shown.suggestion
    if said is None or not said.is_taken:
        return True
    is_new = said.target is Target.PROPERTY and said.confidence is not Confidence.CERTAIN
    return is_new and not column.words.roles


def _fields_of(suggestions: Suggestions) -> set[Target]:
    """Return the fields that need no proposal any more."""
    fields: set[Target] = set()
    for column in suggestions.columns:
        said = column.suggestion
        if said is not None and said.is_taken and said.target is not Target.PROPERTY:
            fields |= _with_counterparts(said.target)
    return fields


def _with_counterparts(target: Target) -> set[Target]:
    """Return a field with what cannot be read beside it: a full name, or the parts of it."""
    if target is Target.FULL_NAME:
        return set(NAMES)
    return {target, Target.FULL_NAME} if target in NAMES else {target}


def _suggest(column: Column, proposal: Proposal) -> Suggestion | None:
    said = Suggestion(
        target=proposal.target,
        confidence=(Confidence.UNSURE if proposal.target in NEEDS_A_PERSON else Confidence.LIKELY),
        reason=f"{proposal.source} takes this for it, and the cells do not speak against it.",
    )
    return said if is_possible(column, said) else None
