from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rollcall.imports import matching
from rollcall.imports.matching.header_words import read_header, split_words
from rollcall.imports.matching.lexicon import build, lexicon
from rollcall.imports.matching.normalise import atoms, key_of, word_of
from tests.support.documents import read_blocks

LANGUAGES = sorted((Path(matching.__path__[0]) / "languages").glob("*.toml"))
ROLES_OF_CELLS = {
    "yes", "no", "agreed", "refused", "subscribed", "unsubscribed", "bounced", "active",
    "inactive", "unknown",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("E-mail 1 - Value", "e mail 1 value"),
        ("HasOptedOutOfEmail", "has opted out of email"),
        ("POPostalCode", "po postal code"),
        ("*Prénom (facultatif)", "prenom facultatif"),
        ("İSİM", "isim"),
        ("Straße", "strasse"),
        ("お名前", "お 名 前"),
        ("पहला नाम", "पहला नाम"),
        ("الاسم الأول", "الاسم الاول"),
        ("user_email2", "user email 2"),
        ("\u200bEmail\u00a0address", "email address"),
        ("", ""),
        ("★", ""),
    ],
)
def test_a_name_is_folded_to_its_words(name: str, expected: str) -> None:
    assert " ".join(atoms(name)) == expected


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("E-Mail-Adresse", {"email"}),
        ("Kundenvorname", {"own", "first_name"}),
        ("customeremail", {"own", "email"}),
        ("рассылку", {"mailing"}),
        ("電子メール アドレス", {"email"}),
        ("xyzzy", set()),
    ],
)
def test_a_name_is_read_in_phrases_compounds_and_inflected_words(
    name: str, roles: set[str]
) -> None:
    assert roles <= read_header(name).roles
    assert bool(read_header(name).roles) is bool(roles)


def test_the_longest_phrases_win_and_nothing_is_left_over_that_can_be_read() -> None:
    said = {"headers": {"a": ["one two"], "b": ["two three"], "c": ["one"], "d": ["-ending"]}}
    known = build({"xx": said})
    read = split_words(("one", "two", "three"), known)
    assert [(phrase.text, phrase.roles) for phrase in read.phrases] == [
        ("one", frozenset({"c"})),
        ("twothree", frozenset({"b"})),
    ]
    compound = split_words(("myending",), known)
    assert compound.has("d")
    assert compound.unknown == 1


def test_numbers_in_a_name_are_kept_apart() -> None:
    read = read_header("E-mail 2 Address")
    assert read.numbers == (2,)
    assert read.has("email")
    assert not read.is_only("email")


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_language_says_what_it_is_and_has_no_phrase_that_cannot_be_found(path: Path) -> None:
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(said) <= {"language", "inflects", "headers", "cells"}
    assert said["language"]
    for listed in [*said["headers"].values(), *said["cells"].values()]:
        assert len(set(listed)) == len(listed)
    assert all(key_of(phrase) for listed in said["headers"].values() for phrase in listed)
    assert all(word_of(word) for listed in said["cells"].values() for word in listed)
    assert set(said["cells"]) <= ROLES_OF_CELLS


def test_no_language_has_a_role_that_english_lacks() -> None:
    english = tomllib.loads(next(p for p in LANGUAGES if p.stem == "en").read_text())["headers"]
    for path in LANGUAGES:
        assert set(tomllib.loads(path.read_text(encoding="utf-8"))["headers"]) <= set(english)


def test_there_are_words_of_many_languages() -> None:
    assert len(LANGUAGES) >= 35
    assert len(lexicon().phrases) > 5_000


def test_the_language_in_docs_matching_is_one() -> None:
    (block,) = (each for each in read_blocks("docs/matching.md") if each.language == "toml")
    said = tomllib.loads(block.text)
    learnt = build({"de": said})
    assert learnt.phrases[key_of("E-Mail")] == {"email"}
    assert set(learnt.kinds("abgemeldet")) == {"unsubscribed"}
    english = tomllib.loads(next(p for p in LANGUAGES if p.stem == "en").read_text())
    assert said["headers"].keys() <= english["headers"].keys()
    assert said["cells"].keys() <= ROLES_OF_CELLS
