"""What was said of a file's columns, and the column map that it makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rollcall.client.command import FormOptions, split_pair
from rollcall.client.errors import ClientError

FIELDS = ("email", "first_name", "last_name", "full_name", "unsubscribed")
NUMBER = "number"
TYPES = ("string", NUMBER, "boolean")
DECIMALS = (".", ",")
NOT_EMPTY = "not_empty"


@dataclass(frozen=True, kw_only=True)
class GivenMap:
    """Contact fields and properties by column, as far as they were given.

    `decimal` holds for all numbers, and `true_when` for the column of `unsubscribed`, whoever has
    named them.
    """

    fields: Mapping[str, str]
    properties: Mapping[str, Mapping[str, str]]
    decimal: str | None
    true_when: str | Sequence[str] | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is to be added: what has a field in it is a person's whole map."""
        return bool(self.fields)

    @property
    def is_empty(self) -> bool:
        return not (self.fields or self.properties or self.decimal or self.true_when)

    def names(self, column: str) -> bool:
        """Tell whether a property was given for the column of this name."""
        return column in {each["column"].strip() for each in self.properties.values()}

    def column_map(self, suggested: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the column map to be sent.

        Args:
            suggested: a column map from which the fields come, and if none were given, the
                properties.

        Raises:
            ClientError: an option is for something that is not in it.
        """
        fields: dict[str, Any] = {**self.fields}
        properties: dict[str, Any] = {key: {**each} for key, each in self.properties.items()}
        if suggested is not None:
            fields |= {
                name: value for name, value in suggested.items() if self._leaves(name, value)
            }
            properties = properties or read_properties(suggested)
        if self.decimal is not None:
            properties = _with_decimal(properties, self.decimal)
        if self.true_when is not None:
            fields["unsubscribed"] = _with_true_when(fields.get("unsubscribed"), self.true_when)
        return {**fields, "properties": properties} if properties else fields

    def _leaves(self, field: str, value: object) -> bool:
        """Tell whether a suggested field is to be taken beside what was given."""
        # A column has the addresses whatever else it has.
        return field == "email" or (field != "properties" and not self.names(column_of(value)))


def read_given(options: FormOptions) -> GivenMap:
    """Return what the options say of the columns.

    Raises:
        ClientError: naming the option and what is wrong with it.
    """
    words, unless_empty = options.unsubscribed_words, options.is_unsubscribed_unless_empty
    if words and unless_empty:
        raise ClientError("Give --unsubscribed-when or --unsubscribed-when-not-empty, not both.")
    if options.decimal is not None and options.decimal not in DECIMALS:
        raise ClientError(f"--decimal {options.decimal}: it has to be a point or a comma.")
    given = GivenMap(
        fields=_once("--map", (_read_map(each) for each in options.maps)),
        properties=_once("--property", (_read_property(each) for each in options.properties)),
        decimal=options.decimal,
        true_when=NOT_EMPTY if unless_empty else list(words) or None,
    )
    if given.is_whole:
        given.column_map()
    return given


def column_of(value: object) -> str:
    """Return the column of a field or property of a column map."""
    return str(value.get("column", "")) if isinstance(value, Mapping) else str(value)


def read_properties(column_map: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the properties of a column map that a server has made."""
    found = column_map.get("properties")
    if not isinstance(found, Mapping):
        return {}
    return {key: {**each} for key, each in found.items() if isinstance(each, Mapping)}


def _with_decimal(properties: dict[str, Any], decimal: str) -> dict[str, Any]:
    numbers = {key: each for key, each in properties.items() if each.get("type") == NUMBER}
    if not numbers:
        raise ClientError("--decimal is for numbers: give a --property KEY=COLUMN:number with it.")
    return properties | {key: {**each, "decimal": decimal} for key, each in numbers.items()}


def _with_true_when(column: object, true_when: str | Sequence[str]) -> dict[str, Any]:
    if column is None:
        raise ClientError("--unsubscribed-when needs the column: --map unsubscribed=COLUMN.")
    return {"column": column_of(column), "true_when": true_when}


def _once(option: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in pairs:
        if name in read:
            raise ClientError(f"{option}: {name} is there twice.")
        read[name] = value
    return read


def _read_map(text: str) -> tuple[str, str]:
    field, column = split_pair("--map", text, "email=Email")
    if field not in FIELDS:
        raise ClientError(
            f"--map {text}: {field} is no contact field; they are {', '.join(FIELDS)}."
            " Custom fields are given with --property."
        )
    return field, column


def _read_property(text: str) -> tuple[str, dict[str, str]]:
    key, column = split_pair("--property", text, "plan=Plan:string")
    name, colon, kind = column.rpartition(":")
    if not colon:
        return key, {"column": column, "type": TYPES[0]}
    if kind not in TYPES or not name:
        raise ClientError(
            f"--property {text}: after the last colon stands the type, {', '.join(TYPES)};"
            " a column with a colon in its name needs one."
        )
    return key, {"column": name, "type": kind}
