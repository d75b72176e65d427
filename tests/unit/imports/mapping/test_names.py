"""Full names that are divided, and those that are left whole."""

from __future__ import annotations

import itertools
import tracemalloc

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollcall.imports.mapping.names import TWO_WORDS, split_name, split_names
from tests.support.cell_strategies import FULL_NAMES, HOSTILE

WHOLE = None
# Names, and words that are something else than a name, or both.
WORDS = [
    *("Ann", "Maria", "José", "Åsa", "Lee", "Smith", "Müller", "Kim", "Ng", "Li", "Al", "Bo", "Jr"),
    *("Ma", "Do", "Mac", "Dean", "Major", "King", "Prince", "Grace", "Abdul", "Bin", "Van", "Von"),
    *("Della", "Santa", "Vd", "Esq", "Phd", "Md", "Iv", "Vi", "Xx", "Oglu", "Abu", "Saint", "Nagy"),
]


@pytest.mark.parametrize(
    ("full_name", "first_name", "last_name"),
    [
        ("Ann Lee", "Ann", "Lee"),
        ("ann lee", "ann", "lee"),
        ("ANN LEE", "ANN", "LEE"),
        ("Ann  \n Lee", "Ann", "Lee"),
        ("Ann Marie Lee", "Ann Marie", "Lee"),
        ("J. R. R. Tolkien", "J. R. R.", "Tolkien"),
        ("Jean-Luc O'Neil", "Jean-Luc", "O'Neil"),
        ("\u00c5sa \u00d6berg", "\u00c5sa", "\u00d6berg"),
        ("Ann van der Berg", "Ann", "van der Berg"),
        ("Mar\u00eda de los \u00c1ngeles", "Mar\u00eda", "de los \u00c1ngeles"),
        ("Lee, Ann", "Ann", "Lee"),
        ("van der Berg, Ann", "Ann", "van der Berg"),
        ("Garc\u00eda M\u00e1rquez, Gabriel", "Gabriel", "Garc\u00eda M\u00e1rquez"),
        ("Nagy, \u00c9va", "\u00c9va", "Nagy"),
        # Titles and degrees are no names, but a generation tells two people apart.
        ("Dr. Ann Lee", "Ann", "Lee"),
        ("Lee, Ann, PhD", "Ann", "Lee"),
        ("John Smith Jr.", "John", "Smith Jr."),
        ("John Smith III", "John", "Smith III"),
        ("Herr M\u00fcller", None, "M\u00fcller"),
        ("Mr and Mrs Smith", None, "Smith"),
        # Written in their own script, the order of names is known.
        ("\u5c71\u7530 \u592a\u90ce", "\u592a\u90ce", "\u5c71\u7530"),
        ("Петров Иван Сергеевич", "Иван Сергеевич", "Петров"),
        ("Иван Петров", "Иван", "Петров"),
        # What is one word, or may be the other way round, is left as it is.
        ("Ann", "Ann", WHOLE),
        ("\u738b\u5c0f\u660e", "\u738b\u5c0f\u660e", WHOLE),
        ("\uae40\ucca0\uc218", "\uae40\ucca0\uc218", WHOLE),
        ("Nagy \u00c9va", "Nagy \u00c9va", WHOLE),
        ("Nguy\u1ec5n V\u0103n An", "Nguy\u1ec5n V\u0103n An", WHOLE),
        ("Wang Wei", "Wang Wei", WHOLE),
        ("DUPONT Jean", "DUPONT Jean", WHOLE),
        ("van der Berg", "van der Berg", WHOLE),
        ("Jack MA", "Jack MA", WHOLE),
        ("Acme, Inc.", "Acme, Inc.", WHOLE),
        ("x, y, z, w", "x, y, z, w", WHOLE),
        ("Dr.", "Dr.", WHOLE),
        ("Sgt and n\u00e9e", WHOLE, WHOLE),
        ("one two three four five six seven eight nine", WHOLE, WHOLE),
        ("A" * 60 + " " + "B" * 60, WHOLE, WHOLE),
    ],
)
def test_names(full_name: str, first_name: str | None, last_name: str | None) -> None:
    expected = (first_name if first_name or last_name else full_name, last_name)
    assert split_name(full_name) == expected
    assert columns([full_name]) == [expected]


def test_what_is_no_name_is_not_kept_in_memory() -> None:
    split_name("Dr. Ann van der Berg")
    tracemalloc.start()
    assert [split_name(f"{letter} " * 100_000)[1] for letter in "abcdefgh"] == [WHOLE] * 8
    assert tracemalloc.get_traced_memory()[0] < 100_000
    tracemalloc.stop()


def test_two_plain_words_are_divided_as_all_other_names_are() -> None:
    names = [" ".join(pair) for pair in itertools.product(WORDS, repeat=2)]
    assert columns([*names]) == [split_name(name) for name in names]
    assert pl.Series(["Ann Lee"]).str.contains(TWO_WORDS).all()


def test_a_column_may_have_any_names_and_none() -> None:
    assert columns([None]) == [(None, None)]
    assert columns([]) == []
    cells = ["Ann Lee", None, *FULL_NAMES, "Bob Lee"]
    expected = [(None, None) if cell is None else split_name(cell) for cell in cells]
    assert columns(cells) == expected


@given(st.lists(st.sampled_from([*WORDS, *HOSTILE, ",", "(", '"', "'", "."]), max_size=9))
def test_nothing_is_made_of_nothing(words: list[str]) -> None:
    text = " ".join(words).strip()
    if text:
        assert any(split_name(text))
        assert "" not in split_name(text)


@given(st.text(min_size=1, max_size=40))
def test_any_text_is_some_name(text: str) -> None:
    if text.strip():
        assert any(split_name(text.strip()))


def columns(cells: list[str | None]) -> list[tuple[str | None, str | None]]:
    contacts = pl.DataFrame({"row": range(len(cells))}).with_columns(
        full_name=pl.Series(cells, dtype=pl.String)
    )
    split = split_names(contacts)
    assert split.columns == ["row", "first_name", "last_name"]
    return list(zip(split["first_name"].to_list(), split["last_name"].to_list(), strict=True))
