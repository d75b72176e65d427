"""Which addresses, in their order, are there once more."""

from __future__ import annotations

import polars as pl
import pytest

from rollcall.imports.batching.duplicates import is_repeated, repeated_emails
from rollcall.imports.issues import RowWarning, WarningCode


@pytest.mark.parametrize(
    ("emails", "repeated"),
    [
        ([], []),
        (["a"], [False]),
        (["a", "a", "a"], [False, True, True]),
        (["a", "b", "b", "c"], [False, False, True, False]),
    ],
)
def test_all_but_the_first_of_an_address_are_repeated(
    emails: list[str], repeated: list[bool]
) -> None:
    assert is_repeated(pl.Series(emails, dtype=pl.String)).to_list() == repeated


def test_a_repeated_address_is_remarked_at_its_row() -> None:
    frame = pl.DataFrame({"email": ["a@b.co", "b@b.co"], "other": [1, 2], "row": [3, 9]})
    code = WarningCode.REPEATED_EMAIL
    assert repeated_emails(frame, "Mail") == [
        RowWarning(row=3, code=code, column="Mail", value="a@b.co"),
        RowWarning(row=9, code=code, column="Mail", value="b@b.co"),
    ]
