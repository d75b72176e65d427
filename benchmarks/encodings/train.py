"""Count the letters of languages, for `rollcall.imports.reading.letters`.

    uv run --with babel,django,faker,jieba,janome,langdetect,opencc-python-reimplemented \\
        python -m benchmarks.encodings.train src/rollcall/imports/reading/letters.json

What the texts are, `sources` says. None of them is one of which `lists` makes its lists.
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from benchmarks.encodings.sources import LANGUAGES, Language, Source
from rollcall.imports.reading.letters import fold

Shares = Mapping[str, float]
# A language counts as so many letters, of which so many are those of any other place.
LETTERS, SMOOTHING = 20_000, 40.0
# A letter that is rarer is from elsewhere. Pairs that are no more than this are not kept.
LEAST_SHARE, LEAST_COUNT = 2e-5, 0.3
# Names wander over borders: so much of a language is what those beside it have.
OF_NEIGHBOURS = 0.03
NEIGHBOURS = (
    "de fr es pt it sv da no fi nl is fo ga ca eu gl cy af lb",
    "cs sk pl hu ro hr sl sq",
    "lt lv et",
)
CHARACTERS, LEAST_CHARACTER_SHARE = 3_000, 3e-5


def main() -> None:
    """Write the models of all languages."""
    models = {
        code: _characters(language) if language.is_east_asian else _letters(code)
        for code, language in LANGUAGES.items()
    }
    lines = [
        f"{json.dumps(code)}: {json.dumps(model, ensure_ascii=False, separators=(',', ':'))}"
        for code, model in models.items()
    ]
    Path(sys.argv[1]).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _letters(code: str) -> dict[str, dict[str, int]]:
    pairs = _pairs_with_neighbours(code)
    first: dict[str, float] = defaultdict(float)
    second: dict[str, float] = defaultdict(float)
    for pair, share in pairs.items():
        first[pair[0]] += share
        second[pair[1]] += share
    known = {letter for letter, share in second.items() if letter == " " or share > LEAST_SHARE}
    counts = {letter: first[letter] * LETTERS + SMOOTHING for letter in known}
    kept = {
        pair: (share * LETTERS + SMOOTHING * second[pair[1]]) / counts[pair[0]]
        for pair, share in pairs.items()
        if known >= {*pair} and not pair.isascii() and share * LETTERS >= LEAST_COUNT
    }
    return {
        "letters": _logarithms({letter: second[letter] for letter in known}),
        "pairs": _logarithms(kept),
        "others": _logarithms({letter: SMOOTHING / counts[letter] for letter in known}),
    }


def _characters(language: Language) -> dict[str, dict[str, int]]:
    shares = _mix((_shares(source, 1), source.weight) for source in language.sources())
    usual = sorted(shares, key=lambda character: -shares[character])[:CHARACTERS]
    return {
        "characters": _logarithms(
            {one: shares[one] for one in usual if shares[one] > LEAST_CHARACTER_SHARE}
        )
    }


def _logarithms(shares: Shares) -> dict[str, int]:
    """Return them as the models have them."""
    return {key: round(-10 * math.log(share)) for key, share in sorted(shares.items())}


def _pairs_with_neighbours(code: str) -> Shares:
    for neighbours in map(str.split, NEIGHBOURS):
        if code in neighbours:
            others = _mix((_pairs(other), 1.0) for other in neighbours if other != code)
            return _mix([(_pairs(code), 1 - OF_NEIGHBOURS), (others, OF_NEIGHBOURS)])
    return _pairs(code)


@cache
def _pairs(code: str) -> Shares:
    return _mix((_shares(source, 2), source.weight) for source in LANGUAGES[code].sources())


def _shares(source: Source, length: int) -> Shares:
    """Return how often letters, or so many beside each other, are in a text."""
    counts: dict[str, float] = defaultdict(float)
    for text, count in source.texts:
        letters = "".join(map(fold, text)) if length > 1 else text
        for at in range(len(letters) - length + 1):
            found = letters[at : at + length]
            if not found.isspace() and (length > 1 or not found.isascii()):
                counts[found] += count
    total = sum(counts.values())
    return {found: count / total for found, count in counts.items()}


def _mix(parts: Iterable[tuple[Shares, float]]) -> Shares:
    mixed: dict[str, float] = defaultdict(float)
    parts = list(parts)
    total = sum(weight for _, weight in parts)
    for shares, weight in parts:
        for key, share in shares.items():
            mixed[key] += weight / total * share
    return mixed


if __name__ == "__main__":
    main()
