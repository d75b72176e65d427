"""What a team has confirmed for a header once, and applies to files with the same one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rollcall.imports.column_map import COMMA
from rollcall.imports.matching.cell_kinds import Cells
from rollcall.imports.matching.columns import Column
from rollcall.imports.matching.consent_words import are_read_plainly
from rollcall.imports.matching.lexicon import lexicon
from rollcall.imports.matching.normalise import key_of
from rollcall.imports.matching.people import MOST
from rollcall.imports.matching.property_types import fits
from rollcall.imports.matching.suggestions import Confidence, Suggestion, Target
from rollcall.properties.values import PropertyType

CONFIRMED = "Your team has confirmed this for a file with the same header."


def fingerprint(header: Sequence[str]) -> str:
    """Return what headers share whose names are the same, in order, but for their spelling."""
    names = "\x1f".join(key_of(name) or name.strip() for name in header)
    return hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Remembered:
    """For each column of a header, what it was confirmed to be; None where it was not imported."""

    columns: tuple[Suggestion | None, ...]

    @classmethod
    def of(cls, names: Sequence[str], column_map: Mapping[str, Any]) -> Remembered:
        """Return what is to be remembered of an import that somebody has looked at.

        Args:
            names: the columns as they are called in a column map.
            column_map: that was sent, as JSON. What is not in it was rejected.
        """
        by_name: dict[str, Suggestion] = {}
        for target, said in column_map.items():
            if target != "properties" and said is not None:
                mapped = said if isinstance(said, Mapping) else {"column": said}
                by_name.setdefault(str(mapped["column"]), _field(Target(target), mapped))
        for key, mapped in (column_map.get("properties") or {}).items():
            by_name.setdefault(str(mapped["column"]), _property(key, mapped))
        return cls(tuple(by_name.get(name) for name in names))

    @classmethod
    def from_json(cls, stored: Sequence[Mapping[str, Any] | None]) -> Remembered:
        """Return what `to_json` has written."""
        return cls(tuple(None if said is None else _read(said) for said in stored))

    def to_json(self) -> list[dict[str, Any] | None]:
        """Return it as JSON can hold it."""
        return [None if said is None else _write(said) for said in self.columns]

    def rejected(self, columns: Sequence[Column]) -> set[int]:
        """Return the columns that were looked at and not taken."""
        if len(columns) != len(self.columns):
            return set()
        return {at for at, said in enumerate(self.columns) if said is None}


def recall(
    remembered: Remembered,
    columns: Sequence[Column],
    found: Mapping[int, Suggestion],
    properties: Mapping[str, PropertyType],
) -> dict[int, Suggestion]:
    """Return suggestions with what is remembered before what was found.

    What is remembered is not taken where the cells speak against it. What was rejected is not
    suggested again, unless for a field whose remembered column is not taken.
    """
    if len(columns) != len(remembered.columns):
        return dict(found)
    recalled = {
        column.index: said
        for column, kept in zip(columns, remembered.columns, strict=True)
        if kept is not None
        and (said := _as_it_is_now(column, kept, found.get(column.index), properties))
    }
    confirmed = {said.target for said in remembered.columns if said is not None}
    taken = {said.target for said in recalled.values()}
    rejected = remembered.rejected(columns)
    for index, said in found.items():
        is_free = index not in rejected or said.target in confirmed
        if index not in recalled and is_free and said.target not in taken:
            recalled[index] = said
    return recalled


def _as_it_is_now(
    column: Column,
    said: Suggestion,
    found: Suggestion | None,
    properties: Mapping[str, PropertyType],
) -> Suggestion | None:
    """Return what a column was confirmed to be, for the cells and the properties of today.

    A property has the type that it has by now, and the sign before fractions is that of the cells.
    None where the cells speak against it.
    """
    cells = column.cells
    if said.target is Target.PROPERTY:
        type_ = properties.get(said.key or "", said.type)
        decimal = said.decimal if cells.are_whole else COMMA if cells.decimal == COMMA else None
        is_number = type_ is PropertyType.NUMBER
        said = replace(said, type=type_, decimal=decimal if is_number else None)
    elif said.target is Target.UNSUBSCRIBED:
        if isinstance(said.true_when, tuple) and _means_it_otherwise(cells, said.true_when):
            return None
        is_inverted = found is not None and found.target is said.target and found.inverted
        said = replace(said, inverted=is_inverted)
    return said if is_possible(column, said) else None


def _means_it_otherwise(cells: Cells, true_when: Sequence[str]) -> bool:
    """Tell whether cells say in other words what the confirmed ones say, and never in those.

    Nobody who says `nein` is to be subscribed because somebody else has said `no` before.
    """
    if not {cell.casefold() for cell in cells.distinct}.isdisjoint(map(str.casefold, true_when)):
        return False
    meant = {kind for word in true_when for kind in lexicon().kinds(word)}
    return any(not meant.isdisjoint(lexicon().kinds(cell)) for cell in cells.words)


def is_possible(column: Column, said: Suggestion) -> bool:
    """Tell whether the cells of a column can still be what it was confirmed to be."""
    cells = column.cells
    if not cells:
        return True
    if said.target is Target.EMAIL:
        return cells.addresses > 0
    if said.target is Target.PROPERTY:
        return said.type is None or fits(column, said.type)
    if said.target is Target.UNSUBSCRIBED:
        return said.true_when is not None or are_read_plainly(cells)
    return cells.people >= MOST


def _field(target: Target, mapped: Mapping[str, Any]) -> Suggestion:
    words = mapped.get("true_when")
    return Suggestion(
        target=target,
        confidence=Confidence.CERTAIN,
        reason=CONFIRMED,
        true_when=tuple(words) if isinstance(words, list | tuple) else words,
    )


def _property(key: str, mapped: Mapping[str, Any]) -> Suggestion:
    return Suggestion(
        target=Target.PROPERTY,
        confidence=Confidence.CERTAIN,
        reason=CONFIRMED,
        key=key,
        type=PropertyType(mapped.get("type") or PropertyType.STRING),
        decimal=COMMA if mapped.get("decimal") == COMMA else None,
    )


def _write(said: Suggestion) -> dict[str, Any]:
    words = list(said.true_when) if isinstance(said.true_when, tuple) else said.true_when
    written = {"target": said.target.value, "key": said.key, "type": said.type and said.type.value}
    more = {"true_when": words, "decimal": said.decimal}
    return {name: value for name, value in {**written, **more}.items() if value is not None}


def _read(stored: Mapping[str, Any]) -> Suggestion:
    said = _field(Target(stored["target"]), stored)
    if said.target is Target.PROPERTY:
        return _property(stored["key"], stored)
    return said
