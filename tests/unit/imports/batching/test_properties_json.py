"""The JSON of whole columns of properties, against what `json` reads in it."""

from __future__ import annotations

import json

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from rollcall.imports.batching.properties_json import properties_json
from rollcall.imports.mapping.plan import Target
from rollcall.properties.values import PropertyType
from tests.support.cell_strategies import HOSTILE

Value = str | bool | int | float | None
# The order is that of the map. Numbers come as the text that JSON has for them.
TYPES = {
    "note": PropertyType.STRING,
    "Plan_2": PropertyType.STRING,
    "age": PropertyType.NUMBER,
    "vip": PropertyType.BOOLEAN,
}
TARGETS = tuple(
    Target(field=f"properties.{key}", column=key, index=index, type=kind)
    for index, (key, kind) in enumerate(TYPES.items(), start=1)
)
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=6)
VALUES: dict[PropertyType, st.SearchStrategy[Value]] = {
    PropertyType.STRING: st.sampled_from(HOSTILE) | TEXTS,
    PropertyType.NUMBER: st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    PropertyType.BOOLEAN: st.booleans(),
}
CONTACTS = st.lists(
    st.fixed_dictionaries({}, optional={key: VALUES[kind] for key, kind in TYPES.items()}),
    max_size=5,
)
# Where every contact has one of the properties, another way is taken.
WITH_ONE_IN_ALL = st.sampled_from(list(TYPES)).flatmap(
    lambda sure: st.lists(
        st.fixed_dictionaries(
            {sure: VALUES[TYPES[sure]]},
            optional={key: VALUES[kind] for key, kind in TYPES.items() if key != sure},
        ),
        min_size=1,
        max_size=5,
    )
)


def column(target: Target, contacts: list[dict[str, Value]]) -> pl.Series:
    values = [contact.get(target.column) for contact in contacts]
    if target.type is PropertyType.BOOLEAN:
        return pl.Series(target.field, values, dtype=pl.Boolean)
    if target.type is PropertyType.NUMBER:
        values = [None if value is None else json.dumps(value) for value in values]
    return pl.Series(target.field, values, dtype=pl.String)


def encode(contacts: list[dict[str, Value]], targets: tuple[Target, ...]) -> list[str | None]:
    frame = pl.DataFrame(
        [
            pl.Series("row", range(len(contacts)), dtype=pl.Int64),
            *(column(target, contacts) for target in targets),
        ]
    )
    return frame.select(properties_json(frame, targets).alias("p"))["p"].to_list()


@example(contacts=[{"note": "".join(map(chr, range(1, 0x20))) + '"\\/\x7f\u2028'}])
@given(contacts=CONTACTS | WITH_ONE_IN_ALL)
def test_every_contact_has_an_object_of_its_properties(contacts: list[dict[str, Value]]) -> None:
    found = encode(contacts, TARGETS)
    assert [None if text is None else json.loads(text) for text in found] == [
        contact or None for contact in contacts
    ]
    # In the order of the map, and each key once: a contact's JSON is always the same text.
    for text, contact in zip(found, contacts, strict=True):
        keys = [key for key, _ in json.loads(text or "{}", object_pairs_hook=list)]
        assert keys == [key for key in TYPES if key in contact]


def test_without_properties_in_the_map_nobody_has_any() -> None:
    frame = pl.DataFrame({"row": [1, 2]})
    assert frame.with_columns(properties_json(frame, ()).alias("p"))["p"].to_list() == [None, None]
