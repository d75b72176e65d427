"""How likely a text in an East Asian encoding is.

Its characters are too many to be counted each: the standards have put those that are in use
into their first rows, and that is what most of it comes down to.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from functools import cache

UNREADABLE = -25.0
# A Latin letter beside it, which is likely to be the rest of a word in another encoding.
BESIDE_A_LATIN_LETTER = -8.0
# One byte above 127, which may as well be a sign beside what is ASCII.
ALONE = -4.0
# Whether a character is known by its own number or only by its kind.
HALF = math.log(0.5)
PUNCTUATION, FULL_WIDTH, OTHER, NEVER = -6.0, -9.0, -12.5, -18.0
KANA, FOREIGN_KANA, HALF_WIDTH_KANA = -6.0, -10.5, -6.8
HANGUL, RARE_HANGUL = -7.8, -13.0
FIRST_LEVEL, SECOND_LEVEL, BEYOND = -8.8, -11.5, -13.3
# By the codec, which standard it has, and its last row of characters in use.
LEVELS = {"cp950": ("cp950", 0xC6), "gb18030": ("gb2312", 0xD7)}
_PUNCTUATION = "\u3000\u3001\u3002\u30fb\u300c\u300d\uff08\uff09\uff0c\uff1a"


class EastAsianText:
    """A text as it reads in one of the encodings."""

    def __init__(self, codec: str, text: str):
        self._text = text
        self._kinds = [_kind(codec, character) for character in text]
        self._oddness = sum(
            BESIDE_A_LATIN_LETTER
            for at, character in enumerate(text)
            if not character.isascii()
            and (_is_latin(text[max(at - 1, 0) : at]) or _is_latin(text[at + 1 : at + 2]))
        )
        high_bytes = sum(byte > 0x7F for byte in _encode(codec, text))
        if high_bytes == 1:
            self._oddness += ALONE

    def likelihood(self, characters: Mapping[str, float]) -> float:
        """Return how likely it is in the language of which these are the usual characters."""
        total = self._oddness
        for character, kind in zip(self._text, self._kinds, strict=True):
            known = characters.get(character)
            if known is None:
                total += kind
            else:
                total += max(known, kind) + math.log1p(math.exp(-abs(known - kind)))
            total += HALF * (not character.isascii())
        return total


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


@cache
def _kind(codec: str, character: str) -> float:
    """Return how likely a character is by what the encoding has around it."""
    if character.isascii():
        return 0.0
    if "\ud800" <= character <= "\udfff":
        return UNREADABLE
    if character in _PUNCTUATION:
        return PUNCTUATION
    if "\uff61" <= character <= "\uff9f":
        return HALF_WIDTH_KANA
    if unicodedata.category(character) in {"Lo", "Lm"}:
        return _letter(codec, character)
    return FULL_WIDTH if "\uff01" <= character <= "\uff5e" else OTHER


def _letter(codec: str, character: str) -> float:
    if "\u3040" <= character <= "\u30ff":
        return KANA if codec in {"cp932", "euc_jp"} else FOREIGN_KANA
    is_hangul = "\uac00" <= character <= "\ud7a3"
    if not is_hangul and not "\u4e00" <= character <= "\u9fff":
        return NEVER if len(_encode(codec, character)) > 2 else OTHER
    if codec == "cp949":
        return HANGUL if is_hangul and min(_encode(codec, character)) > 0xA0 else RARE_HANGUL
    if is_hangul:
        return NEVER
    return _level(codec, character)


def _level(codec: str, character: str) -> float:
    """Return how likely a Chinese character is, by the rows in which its standard has it."""
    standard, last_row_in_use = LEVELS.get(codec, ("euc_jp", 0xCF))
    encoded = _encode(standard, character)
    if len(encoded) != 2:
        return BEYOND
    return FIRST_LEVEL if encoded[0] <= last_row_in_use else SECOND_LEVEL


def _encode(codec: str, character: str) -> bytes:
    return character.encode(codec, "ignore")
