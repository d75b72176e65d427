"""A file's rows in parts of nearly the same size."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rollcall.imports.failures.spread import PARTS, divide


@given(st.integers(1, 1_048_576), st.integers(1, 20_000_000))
def test_every_row_is_in_one_part(first: int, rows: int) -> None:
    parts = divide(first, first + rows - 1)
    assert len(parts) == min(rows, PARTS)
    assert parts[0][0] == first
    assert parts[-1][1] == first + rows - 1
    assert all(end + 1 == begin for (_, end), (begin, _) in itertools.pairwise(parts))
    sizes = {end - begin for begin, end in parts}
    assert max(sizes) - min(sizes) <= 1
