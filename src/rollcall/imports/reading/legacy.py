"""Which encoding bytes are in that are no UTF-8.

A file is read in every encoding that comes into question, and the one wins in which it is most
likely that somebody wrote this: as the letters of one language, beside each other as they stand in
that language, in their usual case. Names are so short that nothing else tells; and since it is
characters that are looked at and not bytes, a language counts in all of its encodings alike.

All numbers are logarithms of probabilities, so they are added. How well it does, and what else
there is, stands in docs/encodings.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rollcall.imports.reading.bad_bytes import handler_for
from rollcall.imports.reading.countries import shares_of_languages
from rollcall.imports.reading.east_asian import EastAsianText
from rollcall.imports.reading.letters import LetterModel, Text

# Bytes that are the second of no character, so that words are the same in all encodings.
WORD = re.compile(rb"[0-9@-\xff]+")
MAX_WORD_BYTES = 300
# More words only take more time, unless they have bytes that were not seen before.
MAX_BYTES = 8_000
SEEN_ENOUGH = 2
# Who is that far behind after so many words does not come back.
FIRST_WORDS = 60
FINALISTS = 6
# A word may be of another language than the file is, with what is left of a probability of 1.
OF_THE_LANGUAGE, OF_ANOTHER = math.log(0.97), math.log(0.03)
# A difference that says nothing where it does not matter for what was seen.
ABOUT_AS_GOOD = 3.0
# The addresses of all lines are in a country where the language is spoken.
OF_THE_COUNTRY = 3.0
# Only a Macintosh before OS X ended lines with a carriage return.
MAC_LINES = 6.0

_WESTERN = [
    "de", "fr", "es", "pt", "it", "sv", "da", "no", "fi", "nl", "is", "fo", "ga", "ca", "eu",
    "gl", "cy", "af", "lb", "sq", "et",
]  # fmt: skip
_CENTRAL = ["cs", "sk", "pl", "hu", "ro", "hr", "sl", "sq", "de"]
_BALTIC = ["lt", "lv", "et"]
_CYRILLIC = ["ru", "uk", "bg", "sr", "mk", "be"]
# So few write them that a name or two should be very clear.
RARE_LANGUAGES = {
    "is": -3.0, "fo": -4.0, "lb": -2.0, "cy": -1.5, "gl": -1.5, "eu": -1.5, "sq": -2.5, "et": -1.0,
    "lt": -1.0, "lv": -1.0,
}  # fmt: skip


class _Candidate(NamedTuple):
    """The languages that are written in an encoding, and how much rarer it is than the others."""

    languages: Sequence[str]
    rarity: float = 0.0


# Of two in which a file reads the same, the first is taken.
CANDIDATES = {
    "cp1252": _Candidate(_WESTERN),
    "iso8859_15": _Candidate(_WESTERN, -4),
    "mac_roman": _Candidate(_WESTERN, -4),
    "cp850": _Candidate(_WESTERN, -4),
    "cp437": _Candidate(["de", "fr", "es", "it", "sv", "fi"], -5),
    "cp1250": _Candidate(_CENTRAL, -1),
    "iso8859_2": _Candidate(_CENTRAL, -3),
    "cp852": _Candidate(_CENTRAL, -4),
    "mac_latin2": _Candidate(_CENTRAL, -8),
    "cp1254": _Candidate(["tr", "de", "fr"], -1.5),
    "cp857": _Candidate(["tr"], -7),
    "mac_turkish": _Candidate(["tr"], -8),
    "cp1257": _Candidate(_BALTIC, -1.5),
    "iso8859_13": _Candidate(_BALTIC, -5),
    "cp775": _Candidate(_BALTIC, -8),
    "cp1251": _Candidate(_CYRILLIC),
    "koi8_r": _Candidate(_CYRILLIC, -3),
    "koi8_u": _Candidate(_CYRILLIC, -3.5),
    "cp866": _Candidate(_CYRILLIC, -3.5),
    "iso8859_5": _Candidate(_CYRILLIC, -5),
    "mac_cyrillic": _Candidate(_CYRILLIC, -5),
    "cp855": _Candidate(_CYRILLIC, -9),
    "cp1253": _Candidate(["el"]),
    "iso8859_7": _Candidate(["el"], -2),
    "cp737": _Candidate(["el"], -6),
    "mac_greek": _Candidate(["el"], -8),
    "cp1255": _Candidate(["he"]),
    "cp862": _Candidate(["he"], -6),
    "cp1256": _Candidate(["ar", "fa", "ur", "fr"], -0.5),
    "iso8859_6": _Candidate(["ar"], -4),
    "cp1258": _Candidate(["vi"], -1.5),
    "cp874": _Candidate(["th"]),
    "cp932": _Candidate(["ja"]),
    "euc_jp": _Candidate(["ja"], -2),
    "cp949": _Candidate(["ko"]),
    "gb18030": _Candidate(["zh", "tw"]),
    "cp950": _Candidate(["tw"]),
}
EAST_ASIAN = {"cp932", "euc_jp", "cp949", "gb18030", "cp950"}


def detect_legacy(lines: Sequence[bytes], *, mac_lines: bool = False) -> str:
    """Return the Python codec that lines with bytes above 127 are in.

    Args:
        lines: of the file.
        mac_lines: whether a carriage return alone ends them.
    """
    words = _words(lines)
    # What somebody has added in UTF-8 says nothing of the rest.
    words = [word for word in words if not _is_utf8(word)] or words
    favoured = {
        language: OF_THE_COUNTRY * share for language, share in shares_of_languages(lines).items()
    }
    scores = {codec: _score(codec, words[:FIRST_WORDS], favoured) for codec in CANDIDATES}
    if len(words) > FIRST_WORDS:
        finalists = sorted(scores, key=lambda codec: -scores[codec])[:FINALISTS]
        scores = {
            codec: _score(codec, words, favoured) for codec in CANDIDATES if codec in finalists
        }
    if mac_lines:
        scores = {c: s + MAC_LINES * c.startswith("mac") for c, s in scores.items()}
    return _first_of_the_same(scores, b" ".join(words))


def _first_of_the_same(scores: dict[str, float], words: bytes) -> str:
    """Return the best codec, or the first that is about as good and reads the words the same."""
    best = max(scores, key=lambda codec: scores[codec])
    text = words.decode(best, "replace")
    near = (codec for codec in scores if scores[codec] > scores[best] - ABOUT_AS_GOOD)
    return next(codec for codec in near if words.decode(codec, "replace") == text)


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _words(lines: Iterable[bytes]) -> list[bytes]:
    """Return different words with bytes above 127: enough of them, and some for every byte."""
    words: dict[bytes, None] = {}
    seen = [0] * 256
    size = 0
    for line in lines:
        for match in WORD.finditer(line):
            word = match.group()[:MAX_WORD_BYTES]
            if word.isascii() or word in words:
                continue
            if size < MAX_BYTES or any(seen[byte] < SEEN_ENOUGH for byte in word if byte > 127):
                words[word] = None
                size += len(word)
                for byte in word:
                    seen[byte] += 1
    return list(words)


def _score(codec: str, words: Sequence[bytes], favoured: Mapping[str, float]) -> float:
    """Return how likely the words are in the language of the encoding that fits best.

    What speaks for a language besides is in `favoured`.
    """
    languages, rarity = CANDIDATES[codec]
    likelihood = _east_asian if codec in EAST_ASIAN else _alphabetic
    totals = {
        language: rarity + RARE_LANGUAGES.get(language, 0.0) + favoured.get(language, 0.0)
        for language in languages
    }
    for word in words:
        found = likelihood(codec, word, languages)
        another = OF_ANOTHER + max(
            value + RARE_LANGUAGES.get(language, 0.0) for language, value in found.items()
        )
        for language, value in found.items():
            totals[language] += _either(value + OF_THE_LANGUAGE, another)
    return max(totals.values())


def _either(one: float, other: float) -> float:
    return max(one, other) + math.log1p(math.exp(-abs(one - other)))


def _alphabetic(codec: str, word: bytes, languages: Iterable[str]) -> dict[str, float]:
    text = Text.of(word.decode(codec, "replace"))
    models = LetterModel.of_all()
    return {name: text.oddness + models[name].likelihood(text.pairs) for name in languages}


def _east_asian(codec: str, word: bytes, languages: Iterable[str]) -> dict[str, float]:
    text = EastAsianText(codec, word.decode(codec, handler_for(codec)))
    models = LetterModel.of_all()
    return {name: text.likelihood(models[name].characters) for name in languages}
