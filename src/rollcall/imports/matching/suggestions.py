"""What is suggested for the columns of a file."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rollcall.imports.column_map import MAX_PROPERTIES
from rollcall.properties.values import PropertyType


class Target(enum.StrEnum):
    """What a column can be of a contact."""

    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    UNSUBSCRIBED = "unsubscribed"
    PROPERTY = "property"


class Confidence(enum.StrEnum):
    """How sure a suggestion is. An unsure one is shown, and not taken unless a person says so."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What a column means, as far as its name and its cells tell.

    Attributes:
        key: the property's; None for the fields of a contact.
        type: the property's. Where `is_readable` is false the column is of this type, but only a
            person can read its cells so: `14,000.00`, `nein`. They are imported as text.
        inverted: the column states that the person is subscribed.
        true_when: the words for which a contact is unsubscribed, or `not_empty`; None where the
            import understands the cells as they are.
        decimal: `,` where that divides the fraction of numbers.
        reason: a sentence.
    """

    target: Target
    confidence: Confidence
    reason: str
    key: str | None = None
    type: PropertyType | None = None
    inverted: bool = False
    true_when: tuple[str, ...] | str | None = None
    decimal: str | None = None
    is_readable: bool = True

    @property
    def is_taken(self) -> bool:
        """Whether it is sure enough for a column map."""
        return self.confidence is not Confidence.UNSURE


@dataclass(frozen=True, kw_only=True)
class SuggestedColumn:
    """A column of the header.

    `name` is what it is called in a column map: `Name (2)` for the second of several, and empty for
    a column that cannot be named. `samples` are a few different cells, shortened; none of a column
    that holds secrets.
    """

    index: int
    name: str
    samples: tuple[str, ...]
    suggestion: Suggestion | None


@dataclass(frozen=True, kw_only=True)
class Suggestions:
    """Which record is the header, counted from 0 (None: there is no header), and its columns."""

    header_row: int | None
    columns: tuple[SuggestedColumn, ...]

    @property
    def has_email(self) -> bool:
        """Whether a column is taken for that of the addresses."""
        return any(
            column.suggestion is not None
            and column.suggestion.target is Target.EMAIL
            and column.suggestion.is_taken
            for column in self.columns
        )

    def column_map(self) -> dict[str, Any]:
        """Return what is certain or likely, as `column_map` of an import takes it.

        Without a column of addresses there is no `email` in it, and it cannot be sent. Of more
        properties than one map can have, the first are in it.
        """
        taken: dict[Target, tuple[str, Suggestion]] = {}
        properties: dict[str, Any] = {}
        for column in self.columns:
            said = column.suggestion
            if said is None or not said.is_taken or not column.name:
                continue
            if said.target is Target.PROPERTY and said.key is not None:
                if len(properties) < MAX_PROPERTIES:
                    properties[said.key] = _property(column.name, said)
            else:
                taken.setdefault(said.target, (column.name, said))
        fields = {
            target.value: _field(*taken[target]) for target in _targets(taken) if target in taken
        }
        return {**fields, "properties": properties} if properties else fields


def _targets(taken: Mapping[Target, Any]) -> tuple[Target, ...]:
    """Return the fields in their order: a full name, or the parts of it, never both."""
    parts = (Target.FIRST_NAME, Target.LAST_NAME)
    has_parts = all(part in taken for part in parts) or Target.FULL_NAME not in taken
    names = parts if has_parts else (Target.FULL_NAME,)
    return Target.EMAIL, *names, Target.UNSUBSCRIBED


def _field(name: str, said: Suggestion) -> Any:
    if said.true_when is None:
        return name
    words = said.true_when if isinstance(said.true_when, str) else list(said.true_when)
    return {"column": name, "true_when": words}


def _property(name: str, said: Suggestion) -> dict[str, str]:
    type_ = said.type if said.type is not None and said.is_readable else PropertyType.STRING
    mapped = {"column": name, "type": type_.value}
    if said.decimal is not None and said.is_readable:
        mapped["decimal"] = said.decimal
    return mapped
