"""The properties of whole columns of contacts as JSON. Pure, knows no database."""

from __future__ import annotations

import json

import polars as pl

from rollcall.imports.mapping.plan import Target
from rollcall.properties.values import PropertyType

CONTROL = [chr(code) for code in range(0x20)]
JSON_SPECIAL = ['"', "\\", *CONTROL]
JSON_ESCAPED = [json.dumps(character)[1:-1] for character in JSON_SPECIAL]


def properties_json(contacts: pl.DataFrame, targets: tuple[Target, ...]) -> pl.Expr:
    """Return the JSON object of each contact's properties, null when it has none."""
    if not targets:
        return pl.lit(None, dtype=pl.String)
    in_all = [contacts[target.field].null_count() == 0 for target in targets]
    if True in in_all:
        return _object(targets, in_all)
    members = [pl.concat_str(_member(target)) for target in targets]
    present = pl.any_horizontal(pl.col(target.field).is_not_null() for target in targets)
    joined = pl.concat_str(members, separator=",", ignore_nulls=True)
    return pl.when(present).then(pl.concat_str(pl.lit("{"), joined, pl.lit("}")))


def _object(targets: tuple[Target, ...], in_all: list[bool]) -> pl.Expr:
    """Return the object in one step, where all contacts have one of the members.

    The commas belong to the other members: they are before or behind that one.
    """
    sure = in_all.index(True)
    parts = [pl.lit("{")]
    for index, target in enumerate(targets):
        member = _member(target, "," * (index > sure), "," * (index < sure))
        # What is null makes the whole of a member null, and such parts are left out.
        parts += member if in_all[index] else [pl.concat_str(member)]
    return pl.concat_str(*parts, pl.lit("}"), ignore_nulls=True)


def _member(target: Target, before: str = "", behind: str = "") -> list[pl.Expr]:
    """Return the parts of `"key":value`, one of them null without a value. Keys need no escapes."""
    key = json.dumps(target.field.removeprefix("properties."))
    value = pl.col(target.field)
    if target.type is PropertyType.STRING:
        return [pl.lit(f'{before}{key}:"'), _escape(value), pl.lit(f'"{behind}')]
    return [pl.lit(f"{before}{key}:"), value.cast(pl.String), pl.lit(behind)]


def _escape(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(JSON_SPECIAL, JSON_ESCAPED)
