"""Sets of rows as they are stored."""

from __future__ import annotations

import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rollcall.imports.outcomes.bits import RowBits


@given(st.sets(st.integers(3, 90)))
def test_a_set_is_read_as_it_was_written(rows: set[int]) -> None:
    mask = np.zeros(88, np.bool_)
    mask[[row - 3 for row in rows]] = True
    bits = RowBits(zlib.compress(np.packbits(mask).tobytes()), 3)
    assert list(bits) == sorted(rows)
    assert len(bits) == len(rows)
    assert {row for row in range(-9, 200) if row in bits} == rows


def test_what_is_not_stored_is_empty() -> None:
    assert (list(RowBits(None, 2)), len(RowBits(None, 2)), 2 in RowBits(None, 2)) == ([], 0, False)
