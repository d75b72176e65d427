"""Which texts can be stored."""

from __future__ import annotations

import pytest

from rollcall.text import MAX_TEXT_CHARACTERS, check_text, strip_cell


@pytest.mark.parametrize(
    "text", ["", "Zoë\r\n\x01\u2028", "\ud7ff\ue000", "😀" * MAX_TEXT_CHARACTERS]
)
def test_a_text_that_can_be_stored_stays_as_it_is(text: str) -> None:
    assert check_text(text) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a\0", "it must not contain a NUL character"),
        ("\ud800", "it must not contain a lone surrogate"),
        ("a\udfff", "it must not contain a lone surrogate"),
        ("x" * (MAX_TEXT_CHARACTERS + 1), "it must have at most 10000 characters"),
    ],
)
def test_one_that_cannot_says_why(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}$"):
        check_text(text)


@pytest.mark.parametrize(
    ("cell", "stripped"),
    [
        ("\u200b \u00a0Ann\u2060\t\u202c\n", "Ann"),
        ("\ufeff\ufeffAnn Lee\u200e", "Ann Lee"),
        # Within a text they may have a meaning.
        ("a\u200db", "a\u200db"),
        ("\u00ad\u3000\u2064", ""),
        # What is beside them is seen.
        ("\u2010\u202f\u2065", "\u2010\u202f\u2065"),
        ("\0", "\0"),
    ],
)
def test_cells_are_stripped_of_what_nobody_sees(cell: str, stripped: str) -> None:
    assert strip_cell(cell) == stripped
