"""What the name of a column says: its words, each with what they can mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rollcall.imports.matching.lexicon import LONGEST_INFLECTION, Lexicon, lexicon
from rollcall.imports.matching.normalise import MAX_NAME, atoms

# Shorter words are found in others by chance: `state` ends in `ate`, `mail` stands in `email`.
SHORTEST_IN_COMPOUND = 4
MAX_ATOMS = 60
MAX_PHRASE_ATOMS = 24


@dataclass(frozen=True)
class Phrase:
    """Some words of a name, joined, and the roles that the lexicon knows for them, if any."""

    text: str
    roles: frozenset[str]
    is_letters: bool = False


@dataclass(frozen=True)
class HeaderWords:
    """A name as phrases, and the numbers in it: `E-mail 2 Address` is `email`, `address`, [2]."""

    phrases: tuple[Phrase, ...]
    numbers: tuple[int, ...]

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset().union(*(phrase.roles for phrase in self.phrases))

    @property
    def unknown(self) -> int:
        return sum(not phrase.roles for phrase in self.phrases)

    def has(self, *roles: str) -> bool:
        """Tell whether some phrase can have one of these roles."""
        return not self.roles.isdisjoint(roles)

    def is_only(self, role: str) -> bool:
        """Tell whether the name says this and nothing else, but for words that add nothing."""
        meant = [phrase.roles for phrase in self.phrases if phrase.roles != frozenset({"filler"})]
        return len(meant) == 1 and role in meant[0] and not self.numbers


def read_header(name: str) -> HeaderWords:
    """Return what a name says, by the lexicon that is shipped."""
    return _read(name[:MAX_NAME])


# Nothing longer than a name is kept in memory.
@lru_cache(maxsize=4096)
def _read(name: str) -> HeaderWords:
    return split_words(atoms(name)[:MAX_ATOMS], lexicon())


def split_words(words: tuple[str, ...], known: Lexicon) -> HeaderWords:
    """Return words as known phrases, as few as possible, with as little left over as possible."""
    numbers = tuple(int(word) for word in words if word.isdecimal() and len(word) <= 4)
    # From the end: the least number of unknown letters, then of phrases, that the rest takes.
    best: list[tuple[int, int, tuple[Phrase, ...]]] = [(0, 0, ())]
    for start in range(len(words) - 1, -1, -1):
        choices = []
        # Of two that are as good, the one that begins with the longer phrase.
        for length, phrases, unknown in reversed(list(_options(words, start, known))):
            rest = best[len(words) - start - length]
            choices.append((rest[0] + unknown, rest[1] + len(phrases), phrases + rest[2]))
        best.append(min(choices, key=lambda choice: choice[:2]))
    return HeaderWords(_join_unknown(best[len(words)][2]), numbers)


def _join_unknown(phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """Return phrases with single letters that nobody knows joined: they are words of a script
    that puts no blanks between them."""
    joined: list[Phrase] = []
    for phrase in phrases:
        is_letter = not phrase.roles and len(phrase.text) == 1
        if is_letter and joined and joined[-1].is_letters:
            joined[-1] = Phrase(joined[-1].text + phrase.text, frozenset(), is_letters=True)
        else:
            joined.append(Phrase(phrase.text, phrase.roles, is_letters=is_letter))
    return tuple(joined)


def _options(
    words: tuple[str, ...], start: int, known: Lexicon
) -> Iterator[tuple[int, tuple[Phrase, ...], int]]:
    """Yield how many words can be taken together, as what, and how many are then unknown."""
    joined = ""
    for end in range(start, min(len(words), start + MAX_PHRASE_ATOMS)):
        joined += words[end]
        if len(joined) > known.longest:
            break
        if roles := known.phrases.get(joined):
            yield end - start + 1, (Phrase(joined, roles),), 0
    first = words[start]
    if first.isdecimal():
        yield 1, (), 0
    elif first not in known.phrases:
        phrases = _split_compound(first, known)
        yield 1, phrases, sum(not phrase.roles for phrase in phrases) * 2
    else:
        # So that a longer phrase can never make the rest unreadable.
        yield 1, (Phrase(first, frozenset()),), 2


def _split_compound(word: str, known: Lexicon) -> tuple[Phrase, ...]:
    """Return the parts of a word that is several in one, else the word as an unknown one."""
    for at in range(SHORTEST_IN_COMPOUND, len(word) - SHORTEST_IN_COMPOUND + 1):
        first, second = known.phrases.get(word[:at]), known.phrases.get(word[at:])
        if first and second:
            return Phrase(word[:at], first), Phrase(word[at:], second)
    for at in range(2, len(word) - 1):
        if roles := known.endings.get(word[at:]):
            before = known.phrases.get(word[:at], known.phrases.get(word[: at - 1], frozenset()))
            return Phrase(word[:at], before), Phrase(word[at:], roles)
    for length in range(min(LONGEST_INFLECTION, len(word) // 2) + 1):
        stem = word[: len(word) - length]
        if roles := known.stems.get(stem):
            return (Phrase(word, roles),)
    return (Phrase(word, frozenset()),)
