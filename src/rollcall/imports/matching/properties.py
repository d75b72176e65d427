"""The columns that are no field of contacts: which property each is, or could be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rollcall.imports.matching.columns import Column
from rollcall.imports.matching.header_words import HeaderWords, read_header
from rollcall.imports.matching.normalise import key_of
from rollcall.imports.matching.property_keys import NAMING_ROLES, key_for
from rollcall.imports.matching.property_types import STRING, ColumnType, fits, type_of
from rollcall.properties.values import PropertyType

SOME = 0.3
# Roles that stand for one thing whatever else is in the name: `Business Phone` is not the `phone`.
SYNONYMS = frozenset(NAMING_ROLES) - {"email", "id", "status", "created", "subscribed"}

# Finds the team's property that a column is.
Match = Callable[[Column], str | None]


@dataclass(frozen=True)
class PropertyVerdict:
    """The property of a column; `fits` is false where one of this key exists with another type."""

    column: Column
    key: str
    type: ColumnType
    reason: str
    exists: bool = False
    fits: bool = True


def choose_properties(
    columns: Iterable[Column], existing: Mapping[str, PropertyType]
) -> list[PropertyVerdict]:
    """Return a property for every column that may be one: existing ones first, then new ones.

    Args:
        columns: those that are left over when the fields of contacts have been found.
        existing: the team's properties.
    """
    able = [column for column in columns if column.name and not holds_secrets(column)]
    found: dict[int, PropertyVerdict] = {}
    taken: set[str] = set(existing)
    used: set[str] = set()
    for match in (_same_key(existing), _same_meaning(existing)):
        for column in able:
            key = None if column.index in found else match(column)
            if key is not None and key not in used:
                used.add(key)
                found[column.index] = _existing(column, key, existing[key])
    for column in able:
        if column.index not in found:
            key = key_for(column, taken)
            taken.add(key)
            reason = "a property that your team does not have yet"
            found[column.index] = PropertyVerdict(column, key, type_of(column), reason)
    return [found[column.index] for column in able]


def holds_secrets(column: Column) -> bool:
    """Tell whether a column has passwords, tokens, numbers of cards and the like, or may have."""
    cells = column.cells
    if cells.are_secrets:
        return True
    if not column.words.has("secret"):
        return False
    return not cells.are("yes", "no") and cells.dates < SOME


def _same_key(existing: Iterable[str]) -> Match:
    keys: dict[str, str] = {}
    for key in existing:
        keys.setdefault(key_of(key), key)
    return lambda column: keys.get(key_of(column.name))


def _same_meaning(existing: Iterable[str]) -> Match:
    keys: dict[str, str] = {}
    for key in existing:
        for role in _meanings(read_header(key)):
            keys.setdefault(role, key)
    order = {key: at for at, key in enumerate(existing)}

    def match(column: Column) -> str | None:
        known = [keys[role] for role in _meanings(column.words) if role in keys]
        return min(known, key=lambda key: order[key], default=None)

    return match


def _meanings(words: HeaderWords) -> list[str]:
    """Return the things that a name says, each and nothing else."""
    return [role for role in words.roles & SYNONYMS if words.is_only(role)]


def _existing(column: Column, key: str, type_: PropertyType) -> PropertyVerdict:
    decimal = "," if type_ is PropertyType.NUMBER and column.cells.decimal == "," else None
    known = ColumnType(type_, decimal) if type_ is not PropertyType.STRING else STRING
    if fits(column, type_):
        return PropertyVerdict(column, key, known, "a property that your team has", exists=True)
    reason = f"your team's property `{key}` is a {type_.value}, which these cells are not"
    return PropertyVerdict(column, key, known, reason, exists=True, fits=False)
