"""Suggests for every column of a file what it means, from its name and from its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rollcall.imports.column_names import FAILED_ROW, FAILED_WHY, column_names
from rollcall.imports.matching import weights
from rollcall.imports.matching.addresses import choose_email
from rollcall.imports.matching.cell_kinds import Cells
from rollcall.imports.matching.columns import Column, Verdict
from rollcall.imports.matching.consent import Consent, choose_consent
from rollcall.imports.matching.header_row import find_header_row
from rollcall.imports.matching.header_words import read_header
from rollcall.imports.matching.normalise import MAX_NAME
from rollcall.imports.matching.people import choose_names
from rollcall.imports.matching.properties import PropertyVerdict, choose_properties, holds_secrets
from rollcall.imports.matching.remembered import Remembered, recall
from rollcall.imports.matching.suggestions import (
    Confidence,
    SuggestedColumn,
    Suggestion,
    Suggestions,
    Target,
)
from rollcall.imports.reading.header_search import read_name
from rollcall.properties.values import PropertyType
from rollcall.wrong_values import make_visible, shorten

SAMPLES = 4
SAMPLE_CHARACTERS = 60
MAX_COLUMNS = 1000
ADDED = (FAILED_ROW, FAILED_WHY)
# Fewer names can begin alike by chance.
LEAST_TO_SHARE = 4
LONGEST_PREFIX = 3


def suggest(
    records: Sequence[Sequence[str]],
    *,
    properties: Mapping[str, PropertyType] | None = None,
    remembered: Remembered | None = None,
    header_row: int | None = None,
) -> Suggestions:
    """Return what the columns of a table mean, as far as can be told.

    Args:
        records: the first of a table, a hundred or two, blank ones included.
        properties: those that the team has, by key.
        remembered: what the team has confirmed and rejected for a file with this header.
        header_row: the index of the header, where somebody has said it.
    """
    if header_row is None:
        header_row = find_header_row(records)
    if header_row is None or header_row >= len(records):
        return Suggestions(header_row=None, columns=())
    columns, below = read_columns(records, header_row)
    own = _columns_of_failures(columns)
    found = _suggest_fields([column for column in columns if column.index not in own], below)
    if remembered is not None:
        found = recall(remembered, columns, found, properties or {})
    settled = found.keys() | own | (remembered.rejected(columns) if remembered else set())
    free = [column for column in columns if column.index not in settled]
    keys = {said.key: PropertyType.STRING for said in found.values() if said.key is not None}
    for verdict in choose_properties(free, {**keys, **(properties or {})}):
        if verdict.key not in keys:
            found[verdict.column.index] = _suggest_property(verdict)
    header = list(map(read_name, records[header_row]))
    return Suggestions(header_row=header_row, columns=tuple(_show(header, columns, found)))


def _columns_of_failures(columns: Sequence[Column]) -> set[int]:
    """Return those that a failures file has besides the original ones: an import knows them."""
    added = {column.name: column.index for column in columns if column.name in ADDED}
    return set(added.values()) if len(added) == len(ADDED) else set()


def _show(
    header: Sequence[str], columns: Sequence[Column], found: Mapping[int, Suggestion]
) -> Iterator[SuggestedColumn]:
    """Yield the columns as they are shown, each with what is suggested for it."""
    # Also of what is too far to the right to be looked at: a name may be there again.
    names = column_names(header)
    for column, name in zip(columns, names, strict=False):
        yield SuggestedColumn(
            index=column.index,
            name=name or "",
            samples=_samples(column),
            suggestion=found.get(column.index),
        )


def read_columns(
    records: Sequence[Sequence[str]], header_row: int
) -> tuple[list[Column], list[Sequence[str]]]:
    """Return the columns of the header, and the records below it that have content, as wide."""
    header = [read_name(cell) for cell in records[header_row][:MAX_COLUMNS]]
    width = len(header)
    below: list[Sequence[str]] = [
        record if len(record) >= width else [*record, *[""] * (width - len(record))]
        for record in records[header_row + 1 :]
        if any(map(str.strip, record))
    ]
    shared = len(_shared_prefix(header))
    columns = [
        Column(
            at,
            name,
            read_header(name[shared:][:MAX_NAME]),
            Cells.of([record[at] for record in below]),
        )
        for at, name in enumerate(header)
    ]
    return columns, below


def _shared_prefix(header: Sequence[str]) -> str:
    """Return what all names begin with: that of a table, or of whoever the file is about.

    It is whole words, as in `Person - Name`, or no word at all, as in `OXNAME`.
    """
    names = list(filter(None, header))
    if len(names) < LEAST_TO_SHARE:
        return ""
    low, high = min(names), max(names)
    length = next((at for at, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), 0)
    whole = max((at + 1 for at in range(length) if not low[at].isalnum()), default=0)
    if whole or length > LONGEST_PREFIX or read_header(low[:length]).roles:
        return low[:whole]
    return low[:length]


def _suggest_fields(
    columns: Sequence[Column], below: Sequence[Sequence[str]]
) -> dict[int, Suggestion]:
    """Return a suggestion for each column that is a field of contacts."""
    found: dict[int, Suggestion] = {}
    usable = [column for column in columns if column.name and not holds_secrets(column)]
    emails = choose_email(usable)
    email = emails[0] if emails and emails[0].score >= weights.UNSURE else None
    if email is not None:
        found[email.column.index] = _suggest_field(Target.EMAIL, email, emails[1:2])
    consent = choose_consent([column for column in usable if column.index not in found])
    if consent is not None:
        found[consent.column.index] = _suggest_consent(consent)
    free = [column for column in usable if column.index not in found]
    people = choose_names(free, below, email.column if email is not None else None)
    for field, verdict in people.chosen.items():
        if verdict.score >= weights.UNSURE:
            found[verdict.column.index] = _suggest_field(Target(field), verdict, ())
    return found


def _suggest_field(target: Target, verdict: Verdict, next_best: Sequence[Verdict]) -> Suggestion:
    confidence = _confidence(verdict.score)
    reason = " and ".join(verdict.reasons)
    if confidence is Confidence.CERTAIN and any(
        verdict.score - other.score < 0.1 for other in next_best
    ):
        confidence = Confidence.LIKELY
        reason += f', though "{next_best[0].column.name}" may be meant as well'
    return Suggestion(target=target, confidence=confidence, reason=_sentence(reason))


def _suggest_consent(consent: Consent) -> Suggestion:
    return Suggestion(
        target=Target.UNSUBSCRIBED,
        confidence=_confidence(consent.score),
        reason=_sentence(consent.reason),
        inverted=consent.is_inverted,
        true_when=consent.true_when,
    )


def _suggest_property(verdict: PropertyVerdict) -> Suggestion:
    column = verdict.column
    confidence = Confidence.CERTAIN if verdict.exists else Confidence.LIKELY
    reason = f"this is {verdict.reason}"
    if not verdict.fits:
        confidence, reason = Confidence.UNSURE, verdict.reason
    elif not column.cells and not verdict.exists:
        confidence, reason = Confidence.UNSURE, "it has no cells with content yet"
    return Suggestion(
        target=Target.PROPERTY,
        confidence=confidence,
        reason=_sentence(reason),
        key=verdict.key,
        type=verdict.type.type,
        decimal=verdict.type.decimal,
        is_readable=verdict.type.is_readable,
    )


def _confidence(score: float) -> Confidence:
    if score >= weights.CERTAIN:
        return Confidence.CERTAIN
    return Confidence.LIKELY if score >= weights.LIKELY else Confidence.UNSURE


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _samples(column: Column) -> tuple[str, ...]:
    if holds_secrets(column):
        return ()
    shown = (cell[: SAMPLE_CHARACTERS + 1] for cell in column.cells.distinct[:SAMPLES])
    seen = (cell if cell.isprintable() else make_visible(cell) for cell in shown)
    return tuple(shorten(cell, SAMPLE_CHARACTERS) for cell in seen)
