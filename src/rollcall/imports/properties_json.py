"""The properties of whole columns of contacts as jsonb is sent. Pure, knows no database."""

from __future__ import annotations

import json

import polars as pl

from rollcall.imports.binary_copy import JSONB_VERSION
from rollcall.imports.mapping import Target
from rollcall.properties.values import PropertyType

CONTROL = [chr(code) for code in range(0x20)]
JSON_SPECIAL = ['"', "\\", *CONTROL]
JSON_ESCAPED = [json.dumps(character)[1:-1] for character in JSON_SPECIAL]


def properties_json(targets: tuple[Target, ...]) -> pl.Expr:
    """Return the JSON object of a contact's properties, null when it has none."""
    if not targets:
        return pl.lit(None, dtype=pl.String)
    members = [_member(target) for target in targets]
    present = pl.any_horizontal(pl.col(target.field).is_not_null() for target in targets)
    joined = pl.concat_str(members, separator=",", ignore_nulls=True)
    return pl.when(present).then(pl.concat_str(pl.lit(JSONB_VERSION + "{"), joined, pl.lit("}")))


def _member(target: Target) -> pl.Expr:
    """Return `"key":value`, null when there is no value. Keys need no escapes."""
    key = json.dumps(target.field.removeprefix("properties."))
    value = pl.col(target.field)
    if target.type is PropertyType.STRING:
        return pl.concat_str(pl.lit(f'{key}:"'), _escape(value), pl.lit('"'))
    return pl.concat_str(pl.lit(f"{key}:"), value.cast(pl.String))


def _escape(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(JSON_SPECIAL, JSON_ESCAPED)
