"""What a column becomes when a person says no more than what it is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from rollcall.imports.column_map import COMMA, NOT_EMPTY, POINT
from rollcall.imports.drafts.choices import Destination
from rollcall.imports.matching.columns import Column
from rollcall.imports.matching.consent import judge_consent
from rollcall.imports.matching.consent_words import are_read_plainly
from rollcall.imports.matching.property_keys import key_for
from rollcall.imports.matching.property_types import ColumnType, fits, type_of
from rollcall.imports.matching.suggestions import Suggestion, Target
from rollcall.properties.values import PropertyType

MOST = 0.8


def suggested(said: Suggestion) -> Destination:
    """Return what a suggestion makes of a column when it is taken."""
    if said.target is not Target.PROPERTY:
        return Destination(target=said.target, true_when=said.true_when)
    type_ = said.type if said.type is not None and said.is_readable else PropertyType.STRING
    decimal = said.decimal if said.decimal is not None and type_ is PropertyType.NUMBER else POINT
    return Destination(target=said.target, key=said.key, type=type_, decimal=decimal)


def field(target: Target, column: Column) -> Destination:
    """Return a field of contacts, with the words for which one has unsubscribed."""
    words = _words(column) if target is Target.UNSUBSCRIBED else None
    return Destination(target=target, true_when=words)


def existing_property(key: str, type_: PropertyType, column: Column) -> Destination:
    """Return a property that the team has."""
    decimal = type_ is PropertyType.NUMBER and column.cells.decimal == COMMA
    return Destination(
        target=Target.PROPERTY, key=key, type=type_, decimal=COMMA if decimal else POINT
    )


def new_property(column: Column, taken: Collection[str]) -> Destination:
    """Return a property under a key that is free, of the type that the cells have."""
    found: ColumnType = type_of(column)
    type_ = found.type if found.is_readable else PropertyType.STRING
    return Destination(
        target=Target.PROPERTY,
        key=key_for(column, taken),
        type=type_,
        decimal=found.decimal or POINT if type_ is PropertyType.NUMBER else POINT,
    )


def free_property(
    column: Column, taken: Collection[str], properties: Mapping[str, PropertyType]
) -> Destination:
    """Return the property of the team that a column is called after, or else a new one."""
    own = key_for(column, ())
    if own in properties and own not in taken and fits(column, properties[own]):
        return existing_property(own, properties[own], column)
    return new_property(column, {*taken, *properties})


def _words(column: Column) -> Any:
    """Return who has unsubscribed by a column of which nobody has said it; no words if unknown."""
    judged = judge_consent(column, False)
    if judged is not None:
        return judged.true_when
    if are_read_plainly(column.cells):
        return None
    return NOT_EMPTY if column.cells.dates >= MOST else ()
