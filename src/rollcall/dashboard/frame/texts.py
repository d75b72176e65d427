"""All words that a reader sees, in one file for each language: `texts/en.toml`.

A key is a table's name, a dot, and a name in it. A text may have values in braces: `{name}`. One
that counts something is a table with a text for each plural form that the language has, and
`{count}` in it is the number as the language writes it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import escape

from rollcall.dashboard.frame.formats import Formats

FOLDER = Path(__file__).parents[1] / "texts"
FALLBACK = "en"
PLURAL_FORMS = {"zero", "one", "two", "few", "many", "other"}
Text = str | dict[str, str]


class Texts:
    """The texts of a language; what it lacks is in English."""

    def __init__(self, language: str, texts: Mapping[str, Text]):
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: Any) -> str:
        """Return a text with its values. Where one of these is markup, the text is too.

        Raises:
            KeyError: there is no such text, or it wants a value that is not given.
        """
        text = self._texts[key]
        if isinstance(text, dict):
            count = values["count"]
            text = text.get(self._plural_form(count), text["other"])
            values = {**values, "count": Formats(self.language).number(count)}
        if any(hasattr(value, "__html__") for value in values.values()):
            return escape(text).format(**values)
        return text.format(**values) if values else text

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def tables(self, *names: str) -> dict[str, Text]:
        """Return all texts of these tables by their whole keys."""
        beginnings = tuple(f"{name}." for name in names)
        return {key: text for key, text in self._texts.items() if key.startswith(beginnings)}

    def _plural_form(self, count: float) -> str:
        return Formats(self.language).plural_form(count)


def choose_texts(accepted: str) -> Texts:
    """Return the texts of the first language that a reader accepts and that there is.

    Args:
        accepted: an `Accept-Language` header.
    """
    for language in _in_order(accepted):
        if language in languages():
            return load_texts(language)
    return load_texts(FALLBACK)


@cache
def languages() -> frozenset[str]:
    """Return the languages that there are texts in."""
    return frozenset(file.stem for file in FOLDER.glob("*.toml"))


@cache
def load_texts(language: str) -> Texts:
    """Return the texts of a language that there is."""
    texts = _read(FALLBACK)
    return Texts(language, texts if language == FALLBACK else {**texts, **_read(language)})


def _read(language: str) -> dict[str, Text]:
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return dict(_flatten(tomllib.load(file), ""))


def _flatten(table: Mapping[str, Any], above: str) -> Any:
    for name, value in table.items():
        key = f"{above}{name}"
        if isinstance(value, dict) and not value.keys() <= PLURAL_FORMS:
            yield from _flatten(value, f"{key}.")
        else:
            yield key, value


def _in_order(accepted: str) -> list[str]:
    weighed = []
    for position, item in enumerate(accepted.lower().split(",")[:20]):
        language, _, weight = item.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), position, language.partition("-")[0]))
        except ValueError:
            continue
    return [language for _, _, language in sorted(weighed)]
