"""What words above columns and in cells mean, in many languages: read from `languages/*.toml`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from rollcall.imports.matching.normalise import atoms, key_of, word_of

LANGUAGES = "languages"
SHORTEST_INFLECTED = 5
LONGEST_INFLECTION = 5


@dataclass(frozen=True)
class CellWord:
    """What a word in a cell can say, and the languages in which it does: `{"no": {"de", "en"}}`."""

    kinds: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Lexicon:
    """Phrases of headers with what they can mean, endings of compounds, and the words of cells.

    `stems` are the beginnings of words in languages that inflect them; `spellings` has the words of
    cells as the files write them, by language and kind.
    """

    phrases: Mapping[str, frozenset[str]]
    endings: Mapping[str, frozenset[str]]
    stems: Mapping[str, frozenset[str]]
    words: Mapping[str, CellWord]
    spellings: Mapping[tuple[str, str], tuple[str, ...]]
    longest: int

    def kinds(self, cell: str) -> Iterable[str]:
        """Return the kinds of words that a cell can be."""
        word = self.words.get(word_of(cell))
        return () if word is None else word.kinds

    def languages(self, cells: Iterable[str]) -> set[str]:
        """Return the languages that have most of the words which English lacks, and English."""
        times: Counter[str] = Counter()
        for cell in cells:
            word = self.words.get(word_of(cell))
            spoken = set().union(*word.kinds.values()) if word is not None else set()
            if "en" not in spoken:
                times.update(spoken)
        most = max(times.values(), default=0)
        return {"en", *(language for language, count in times.items() if count == most)}


def stems_of(phrase: str) -> tuple[str, ...]:
    """Return what the forms of a single word begin with; none of others, and of short ones."""
    words = atoms(phrase)
    if len(words) != 1 or len(words[0]) < SHORTEST_INFLECTED:
        return ()
    return words[0], words[0][: -1 if len(words[0]) <= SHORTEST_INFLECTED + 1 else -2]


@cache
def lexicon() -> Lexicon:
    """Return the lexicon that is shipped; it is read once in a process."""
    folder = files(__package__) / LANGUAGES
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }
    return build({language: tomllib.loads(text) for language, text in texts.items()})


def build(languages: Mapping[str, Mapping[str, Any]]) -> Lexicon:
    """Return the lexicon of several languages, each as its file says it."""
    phrases: dict[str, set[str]] = {}
    endings: dict[str, set[str]] = {}
    stems: dict[str, set[str]] = {}
    words: dict[str, CellWord] = {}
    spellings: dict[tuple[str, str], tuple[str, ...]] = {}
    for language, said in languages.items():
        for role, listed in said.get("headers", {}).items():
            for phrase in listed:
                table = endings if phrase.startswith("-") else phrases
                table.setdefault(key_of(phrase), set()).add(role)
                for stem in stems_of(phrase) if said.get("inflects") else ():
                    stems.setdefault(stem, set()).add(role)
        for kind, listed in said.get("cells", {}).items():
            spellings[language, kind] = tuple(listed)
            for word in listed:
                for written in {word_of(word), word_of(word).replace(" ", "")}:
                    entry = words.setdefault(written, CellWord())
                    entry.kinds.setdefault(kind, set()).add(language)
    phrases.pop("", None)
    return Lexicon(
        phrases={key: frozenset(roles) for key, roles in phrases.items()},
        endings={key: frozenset(roles) for key, roles in endings.items()},
        stems={key: frozenset(roles) for key, roles in stems.items()},
        words=words,
        spellings=spellings,
        longest=max(map(len, phrases), default=0),
    )
