"""How likely letters are in a language, and how odd a text is in any.

The numbers of letters.json were counted by `benchmarks.encodings.train`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

MODELS = Path(__file__).with_name("letters.json")
# The models have tenths, and without the sign.
UNIT = -0.1
# A letter that the language does not have, and one that never stands there.
FOREIGN, LEAST = -13.0, -15.0
# Letters of two scripts beside each other.
MIXED_SCRIPTS = -8.0
# A letter that is a word.
ALONE = -3.0
UNREADABLE = -25.0
# A capital in the middle of a word, and others that are not as people write.
CAPITAL_INSIDE, CAPITAL_BEFORE_SMALL, SMALL_AMONG_CAPITALS = -6.0, -2.5, -5.0


@dataclass(frozen=True)
class LetterModel:
    """A language.

    `letters` has how likely one is anywhere, `pairs` how likely it is behind another, and
    `others` how likely it is that something comes behind a letter that is not in `pairs`. East
    Asian languages have `characters` instead.
    """

    letters: Mapping[str, float]
    pairs: Mapping[str, float]
    others: Mapping[str, float]
    characters: Mapping[str, float]

    @staticmethod
    @cache
    def of_all() -> Mapping[str, LetterModel]:
        """Return the models by the language's code."""
        # A process that meets no legacy file has no use for them.
        with MODELS.open(encoding="utf-8") as file:
            return {name: LetterModel.read(tables) for name, tables in json.load(file).items()}

    @classmethod
    def read(cls, tables: dict[str, dict[str, int]]) -> LetterModel:
        names = ("letters", "pairs", "others", "characters")
        read = {
            name: {key: UNIT * value for key, value in tables.get(name, {}).items()}
            for name in names
        }
        return cls(**read)

    def likelihood(self, pairs: Sequence[str]) -> float:
        """Return how likely pairs of letters are."""
        total = 0.0
        for pair in pairs:
            found = self.pairs.get(pair)
            if found is None:
                alone = self.letters.get(pair[1])
                if alone is None:
                    found = FOREIGN
                else:
                    found = max(alone + self.others.get(pair[0], -1.0), LEAST)
            total += found
        return total


class Text(NamedTuple):
    """Some text: pairs of letters with one beyond ASCII, and how odd it is in any language.

    Letters are in lower case, and all that is none is a blank.
    """

    pairs: list[str]
    oddness: float

    @classmethod
    def of(cls, text: str) -> Text:
        letters = f" {''.join(map(fold, text))} "
        pairs = [
            letters[at : at + 2]
            for at in range(len(letters) - 1)
            if not letters[at : at + 2].isascii()
        ]
        oddness = _oddness_of_case(text) if text != text.lower() else 0.0
        for at, character in enumerate(text, start=1):
            if not character.isascii():
                before, letter, behind = letters[at - 1], letters[at], letters[at + 1]
                if character in _WITHIN_WORDS and before != " ":
                    oddness += _joint(character, text, at)
                elif letter == " ":
                    oddness += _symbol(character, before, behind)
                elif before == behind == " ":
                    oddness += ALONE
                else:
                    oddness += _mixture(letter, before) + _mixture(letter, behind)
        return cls(pairs, oddness)


@cache
def fold(character: str) -> str:
    """Return a letter or mark in lower case, and a blank for anything else."""
    if character in "ªº" or unicodedata.category(character)[0] not in "LM":
        return " "
    small = character.lower()
    return small if len(small) == 1 else character


_SCRIPTS = (
    (0x250, "Latin"),
    (0x300, ""),
    (0x370, ""),
    (0x400, "Greek"),
    (0x530, "Cyrillic"),
    (0x600, "Hebrew"),
    (0x780, "Arabic"),
    (0x1E00, "Thai"),
    (0x1F00, "Latin"),
    (0x110000, "other"),
)


@cache
def _script(letter: str) -> str:
    if letter == " ":
        return ""
    return next(name for end, name in _SCRIPTS if ord(letter) < end)


@cache
def _mixture(letter: str, beside: str) -> float:
    """Return what it costs that a letter stands beside another."""
    one, other = _script(letter), _script(beside)
    return MIXED_SCRIPTS if one and other and one != other else 0.0


# Where signs stand: before a word, behind it, between words, or anywhere. Apart from the last
# they are what people and Word put into text.
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
# Behind the apostrophe of English words: Ann's, don't, we'll.
_ENDINGS = {"s", "t", "ll", "re", "ve", "d", "m"}
_MIDDLE_DOT = "\N{MIDDLE DOT}"
_WITHIN_WORDS = {_APOSTROPHE, _MIDDLE_DOT, "\N{EN DASH}", "\N{EM DASH}"}
_BEFORE_WORDS = "\u201e\u201a\u201c\u2018\u00ab\u2039\u00bf\u00a1"
_BEHIND_WORDS = "\u201d\u00bb\u203a\u2026"
_BETWEEN_WORDS = "\u2013\u2014\u2022\u00b7\u00a0\u060c\u061b\u061f"
_USUAL_SIGNS = (
    "\u20ac\u00a3\u00a5\u00a7\u00b4\u00d7"
    "\u00b0\u00ba\u00aa\u2116\u2122\u00ae\u00a9\u00b2\u00b3\u00b9\u00bc\u00bd\u00be"
)
USUAL, UNUSUAL, RARE, DRAWING, CONTROL = -6.5, -8.5, -11.5, -14.0, -20.0


def _joint(sign: str, text: str, behind: int) -> float:
    """Return how likely a sign is behind a letter and before a place.

    It is as in O'Neill, l'an, don't and col·lecció, or within Ukrainian names.
    """
    rest = text[behind:]
    if sign == _MIDDLE_DOT:
        is_usual = text[behind - 2] in "lL" and rest[:1] in {"l", "L"}
    else:
        is_usual = rest[:1].isupper() or not rest[:1].isalpha()
    if sign == _APOSTROPHE and not rest[:1].isupper():
        before = text[behind - 2].lower()
        is_short = behind == 2 and before in "cdjlosqt"
        is_usual = is_short or not before.isascii() or rest.lower() in _ENDINGS
        is_usual = is_usual or (before == "s" and not rest)
    return USUAL + 0.5 if is_usual else USUAL - 5.5


@lru_cache(maxsize=8192)
def _symbol(sign: str, before: str, behind: str) -> float:
    """Return how likely a sign is between two letters or blanks."""
    touches_before, touches_behind = before != " ", behind != " "
    touches = touches_before + touches_behind
    if sign in _BEFORE_WORDS:
        return USUAL - 6.5 * touches_before
    if sign in _BEHIND_WORDS:
        return USUAL - 6.5 * touches_behind
    if sign in _BETWEEN_WORDS:
        return USUAL - (0, 2.5, 6.5)[touches]
    if sign in _USUAL_SIGNS:
        return UNUSUAL - (0, 2.5, 6)[touches]
    return _unusual_sign(sign, before + behind, touches)


def _unusual_sign(sign: str, beside: str, touches: int) -> float:
    category = unicodedata.category(sign)
    if sign == "\N{REPLACEMENT CHARACTER}":
        return UNREADABLE
    if category == "Cc":
        return CONTROL
    if category in {"Cf", "Nd"} and not beside.isascii():
        # Joiners and digits of the scripts that have their own.
        return USUAL
    is_drawing = category == "Co" or 0x2500 <= ord(sign) < 0x2600
    return (DRAWING if is_drawing else RARE) - 1.5 * touches


# The same word reads the same in many encodings, and no word comes back after its file.
@lru_cache(maxsize=4096)
def _oddness_of_case(text: str) -> float:
    """Return what it costs that letters beyond ASCII are large or small where they are."""
    oddness = 0.0
    for at, letter in enumerate(text):
        if letter.isascii() or letter.lower() == letter.upper():
            continue
        before, behind = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
        if letter.isupper():
            if before.islower():
                oddness += CAPITAL_INSIDE
            elif before.isupper() and behind.islower():
                oddness += CAPITAL_BEFORE_SMALL
        elif letter != "ß":
            oddness += SMALL_AMONG_CAPITALS * _is_among_capitals(text[max(at - 2, 0) : at], behind)
    return oddness


def _is_among_capitals(before: str, behind: str) -> bool:
    if behind:
        return behind.isupper()
    return len(before) == 2 and before.isupper()
