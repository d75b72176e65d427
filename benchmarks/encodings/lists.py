"""Lists of contacts in many languages, as they come out of a spreadsheet."""

from __future__ import annotations

import enum
import json
import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).with_name("texts.json")
ENGLISH = (
    ["James", "Mary", "Robert", "Linda", "David", "Susan", "Kevin", "Laura"],
    ["Smith", "Johnson", "Brown", "Miller", "Davis", "Wilson", "Taylor", "Clark"],
)
TONES = "\u0300\u0301\u0303\u0309\u0323"
# Typed with a keyboard, where the encoding has nothing better.
PLAIN = {"\u2019": "'", "\u2013": "-"}


class Form(enum.Enum):
    """What else than names there is in a list."""

    NAMES = "names only"
    CAPITALS = "names in capitals"
    NOTES = "with cities and notes"
    QUOTED = "every cell in quotes, semicolons"
    FEW = "one name in ten, the others English"


@dataclass(frozen=True)
class Language:
    """A language, the encodings it is written in, and words of it."""

    name: str
    encodings: Sequence[str]
    first: Sequence[str]
    last: Sequence[str]
    cities: Sequence[str]
    sentences: Sequence[str]


@cache
def languages() -> list[Language]:
    """Return all languages."""
    return [
        Language(
            name,
            texts["encodings"].split(),
            texts["first"].split(","),
            texts["last"].split(","),
            texts["cities"].split(","),
            texts["sentences"].split(";"),
        )
        for name, texts in json.loads(TEXTS.read_text(encoding="utf-8")).items()
    ]


def make_list(language: Language, codec: str, rows: int, form: Form, seed: int) -> bytes:
    """Return a file; the same one for the same arguments."""
    chance = random.Random(f"{language.name} {rows} {form.name} {seed}")
    delimiter = ";" if form is Form.QUOTED else ","
    header = ["email", "first_name", "last_name", *(["city", "note"] * (form is Form.NOTES))]
    lines = [header, *_records(_encodable(language, codec), rows, form, chance)]
    text = ""
    quote = '"' if form is Form.QUOTED else ""
    for cells in lines:
        text += delimiter.join(f"{quote}{cell}{quote}" for cell in cells) + "\r\n"
    return text.encode(codec)


def _records(
    language: Language, rows: int, form: Form, chance: random.Random
) -> Iterator[list[str]]:
    for row in range(rows):
        first, last = language.first, language.last
        # The last one has a name of the language, so there is one in the shortest list.
        if form is Form.FEW and row % 10 != 0:
            first, last = ENGLISH
        cells = [chance.choice(first), chance.choice(last)]
        if form is Form.NOTES:
            cells += [chance.choice(language.cities), chance.choice(language.sentences)]
            cells[-1] = cells[-1].replace(",", "")
        if form is Form.CAPITALS:
            cells = [_capitals(cell) for cell in cells]
        yield [f"u{row}@example.com", *cells]


def _capitals(name: str) -> str:
    # What two letters are the capital of stays small.
    return "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in name)


def _encodable(language: Language, codec: str) -> Language:
    def keep(texts: Sequence[str]) -> list[str]:
        written = [_as_written(text, codec) for text in texts]
        return [text for text in written if _fits(text, codec)]

    return Language(
        language.name,
        language.encodings,
        keep(language.first),
        keep(language.last),
        keep(language.cities),
        keep(language.sentences),
    )


def _as_written(text: str, codec: str) -> str:
    if codec == "cp1258":
        return with_tones(text)
    return "".join(
        PLAIN[letter] if letter in PLAIN and not _fits(letter, codec) else letter for letter in text
    )


def with_tones(text: str) -> str:
    """Return Vietnamese as Windows-1258 has it, in which the tone stands behind its vowel."""
    return "".join(map(_with_tone, unicodedata.normalize("NFC", text)))


def _with_tone(letter: str) -> str:
    if _fits(letter, "cp1258"):
        return letter
    base, *marks = list(unicodedata.normalize("NFD", letter))
    vowel = unicodedata.normalize("NFC", base + "".join(m for m in marks if m not in TONES))
    return vowel + "".join(mark for mark in marks if mark in TONES)


def _fits(text: str, codec: str) -> bool:
    try:
        return bool(text.upper().encode(codec)) and bool(text.encode(codec))
    except UnicodeEncodeError:
        return False
