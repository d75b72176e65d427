"""Names of columns and words of cells in the one form in which the lexicon knows them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rollcall.imports.matching.letters import letters

_ALIKE = str.maketrans(letters()["alike"])
# Accents, and the vowel signs of Hebrew and Arabic; the signs of other scripts are letters.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u200b-\u200f\u00ad\ufeff\u2060]")
_CAMEL = re.compile(r"(?<=[a-zß-ÿ0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
# Scripts that put no blanks between words: a letter is an atom there.
_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
_ATOM = re.compile(rf"[{_DENSE}]|[0-9]+|[^\W\d_{_DENSE}][^\W\d_{_DENSE}\u094d]*", re.UNICODE)
_HINDI = re.compile(r"[\u0900-\u0d7f]+")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_BLANKS = re.compile(r"[\s_\-/.]+")
MAX_NAME = 200


def atoms(name: str) -> tuple[str, ...]:
    """Return the words of a name, folded: `E-mail 1 - Value` is `e`, `mail`, `1`, `value`.

    `firstName`, `FIRST_NAME` and `First name*` are the same; so are letters with and without
    accents. Where words have no blanks between them, every letter is one.
    """
    return _atoms(name[:MAX_NAME])


# Nothing longer than a name is kept in memory.
@lru_cache(maxsize=8192)
def _atoms(text: str) -> tuple[str, ...]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = _CAMEL.sub(" ", text)
    text = fold(text)
    text = _APOSTROPHE.sub(" ", text)
    found: list[str] = []
    for run in _HINDI.split(text) if _HINDI.search(text) else (text,):
        found.extend(_ATOM.findall(run))
    return tuple(found) if not _HINDI.search(text) else _indic_atoms(text)


def _indic_atoms(text: str) -> tuple[str, ...]:
    # Vowel signs are no letters to a regular expression, though they are to a reader.
    return tuple(re.findall(r"[0-9]+|[^\W\d_\u0900-\u0d7f]+|[\u0900-\u0d7f]+", text))


def fold(text: str) -> str:
    """Return a text in lower case and without accents."""
    text = text.casefold()
    if text.isascii():
        return text
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", bare).translate(_ALIKE)


def key_of(name: str) -> str:
    """Return what a phrase is looked up by: its words without anything between them."""
    return "".join(atoms(name))


@lru_cache(maxsize=16384)
def word_of(cell: str) -> str:
    """Return a cell as words of cells are compared: `Never_Subscribed` is `never subscribed`."""
    return _BLANKS.sub(" ", fold(cell)).strip(" '\".!*")
