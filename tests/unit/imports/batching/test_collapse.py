"""Records of one address become one, against applying them one after the other."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollcall.imports.batching.collapse import collapse_records
from rollcall.imports.kinds import OnConflict

FIELDS = ("first_name", "unsubscribed")
SCHEMA = {
    "row": pl.Int64,
    "email": pl.String,
    "first_name": pl.String,
    "unsubscribed": pl.Boolean,
}
Record = dict[str, Any]
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "email": st.sampled_from(["a@b.co", "b@b.co", "c@b.co"]),
            "first_name": st.sampled_from([None, "Ann", "Bob"]),
            "unsubscribed": st.sampled_from([None, True, False]),
        }
    ),
    min_size=1,
    max_size=9,
)


def collapse(
    records: list[Record], on_conflict: OnConflict, *, resubscribe: bool = True
) -> list[Record]:
    rows = [{"row": row, **record} for row, record in enumerate(records, start=2)]
    frame = pl.DataFrame(rows, schema=SCHEMA).sort("email", "row")
    repeated = (frame["email"] == frame["email"].shift(1)).fill_null(value=False)
    return collapse_records(
        frame, repeated, fields=FIELDS, on_conflict=on_conflict, resubscribe=resubscribe
    ).to_dicts()


def apply_one_by_one(records: list[Record]) -> list[Record]:
    """Return the same by the definition: every value overwrites, no value changes nothing."""
    stored: dict[str, Record] = {}
    for row, record in enumerate(records, start=2):
        contact = stored.setdefault(
            record["email"], {**dict.fromkeys(FIELDS), "row": row, "conflicting": False}
        )
        for field in FIELDS:
            if record[field] is None:
                continue
            contact["conflicting"] |= contact[field] not in (None, record[field])
            contact[field] = record[field]
    return [{**stored[email], "email": email} for email in sorted(stored)]


@given(records=RECORDS)
def test_the_last_value_of_each_field_holds_when_contacts_are_updated(
    records: list[Record],
) -> None:
    assert collapse(records, OnConflict.UPSERT) == apply_one_by_one(records)


@given(records=RECORDS)
def test_the_first_record_holds_when_contacts_are_skipped(records: list[Record]) -> None:
    firsts = {record["email"]: record for record in reversed(records)}
    found = collapse(records, OnConflict.SKIP)
    assert [record["email"] for record in found] == sorted(firsts)
    assert all(
        record[field] == firsts[record["email"]][field] for record in found for field in FIELDS
    )


@pytest.mark.parametrize(("resubscribe", "expected"), [(True, False), (False, True)])
def test_subscribed_has_no_effect_behind_unsubscribed_unless_it_may(
    resubscribe: bool, expected: bool
) -> None:
    records = [
        {"email": "a@b.co", "first_name": None, "unsubscribed": said} for said in (True, False)
    ]
    (contact,) = collapse(records, OnConflict.UPSERT, resubscribe=resubscribe)
    assert contact["unsubscribed"] is expected
