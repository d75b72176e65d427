"""Warnings of rows that say "subscribed", against applying one row after the other."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rollcall.imports.batching.consent import find_consent
from rollcall.imports.issues import RowWarning, WarningCode

EMAILS = ["a@b.co", "b@b.co"]
Said = bool | None
SUBSCRIBED, UNSUBSCRIBED, NOTHING = False, True, None
CODES = {True: WarningCode.RESUBSCRIBED, False: WarningCode.KEPT_UNSUBSCRIBED}


def found(
    records: list[tuple[str, Said]], stored: set[str], *, resubscribe: bool
) -> list[RowWarning]:
    """Return the warnings of a batch that begins in row 2, by row."""
    frame = pl.DataFrame(
        [(row, email, said) for row, (email, said) in enumerate(records, start=2)],
        schema={"row": pl.Int64, "email": pl.String, "unsubscribed": pl.Boolean},
        orient="row",
    ).sort("email", "row")
    return sorted(find_consent(frame, "E-Mail", resubscribe=resubscribe).warn(stored))


def expected(
    records: list[tuple[str, Said]], stored: set[str], *, resubscribe: bool
) -> list[RowWarning]:
    unsubscribed = set(stored)
    warnings = []
    for row, (email, said) in enumerate(records, start=2):
        if said is UNSUBSCRIBED:
            unsubscribed.add(email)
        elif said is SUBSCRIBED and email in unsubscribed:
            warnings.append(RowWarning(row, CODES[resubscribe], "E-Mail", email))
            if resubscribe:
                unsubscribed.remove(email)
    return warnings


@settings(max_examples=300)
@example(
    records=[("a@b.co", UNSUBSCRIBED), ("a@b.co", SUBSCRIBED), ("a@b.co", SUBSCRIBED)],
    stored=set(),
    resubscribe=False,
)
@given(
    records=st.lists(st.tuples(st.sampled_from(EMAILS), st.sampled_from([None, True, False]))),
    stored=st.sets(st.sampled_from(EMAILS)),
    resubscribe=st.booleans(),
)
def test_a_batch_warns_as_its_records_would_one_by_one(
    records: list[tuple[str, Said]], stored: set[str], resubscribe: bool
) -> None:
    warnings = found(records, stored, resubscribe=resubscribe)
    assert warnings == expected(records, stored, resubscribe=resubscribe)


@pytest.mark.parametrize("resubscribe", [True, False])
def test_only_what_the_batch_leaves_open_is_asked_of_the_database(resubscribe: bool) -> None:
    """The contacts of `unsettled` rows are looked up, so it must not have more than it has to."""
    said = [(2, "a@b.co", UNSUBSCRIBED), (3, "a@b.co", SUBSCRIBED), (4, "b@b.co", NOTHING)]
    frame = pl.DataFrame(
        [*said, (5, "c@b.co", SUBSCRIBED)],
        schema={"row": pl.Int64, "email": pl.String, "unsubscribed": pl.Boolean},
        orient="row",
    )
    consent = find_consent(frame, "email", resubscribe=resubscribe)
    assert consent.contradicting.rows() == [(3, "a@b.co")]
    assert consent.unsettled.rows() == [(5, "c@b.co")]
