"""How the parts of a file in which rows have failed are shaded."""

from __future__ import annotations

from rollcall.dashboard.imports.wording import strip_of
from rollcall.imports.failures.spread import FilePart


def parts(*shares: float) -> list[FilePart]:
    return [
        FilePart(first_row=number * 10, last_row=number * 10 + 9, failed=share)
        for number, share in enumerate(shares)
    ]


def test_the_more_rows_of_a_part_have_failed_the_stronger_its_shade() -> None:
    strip = strip_of(parts(*[0] * 15, 0.001, 0.05, 0.2, 0.5, 1, 0))
    assert strip is not None
    assert [shade for _, shade in strip.parts] == [0] * 15 + [1, 2, 3, 4, 4, 0]
    assert (strip.first.first_row, strip.last.first_row) == (150, 190)
    assert strip.densest == strip.last


def test_what_is_hardly_denser_than_the_rest_is_not_pointed_out() -> None:
    for shares in ([0.1] * 19 + [0.19], [0] * 19 + [1]):
        strip = strip_of(parts(*shares))
        assert strip is not None
        assert strip.densest is None
    single = [FilePart(first_row=n, last_row=n, failed=float(n < 3)) for n in range(40)]
    strip = strip_of(single)
    assert strip is not None
    assert strip.densest is None


def test_of_a_short_file_and_of_one_that_is_all_good_there_is_none() -> None:
    assert strip_of(parts(*[1] * 19)) is None
    assert strip_of(parts(*[0] * 80)) is None
    assert strip_of([]) is None
