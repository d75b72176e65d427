"""A column as it is judged: its name, what that says, and its cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rollcall.imports.matching import weights
from rollcall.imports.matching.cell_kinds import Cells
from rollcall.imports.matching.header_words import HeaderWords, Phrase

QUESTION_MARKS = ("?", "\uff1f", "\u061f", "\u037e")
# Words that say whose a thing is, or which one of several.
OWNERS = ("own", "other", "billing", "shipping", "second", "main")


@dataclass(frozen=True)
class Column:
    """A column of a table. `name` is stripped and may be empty."""

    index: int
    name: str
    words: HeaderWords
    cells: Cells

    @property
    def is_question(self) -> bool:
        """Whether it is a question of a form, which has words of all sorts in it."""
        return self.name.endswith(QUESTION_MARKS)

    @property
    def owner(self) -> tuple[str, ...]:
        """Return the words that say whose it is, and its numbers: what `Ticket Email` shares with
        `Ticket First Name`."""
        said = [p.text for p in self.words.phrases if not p.roles.isdisjoint(OWNERS)]
        return (*said, *map(str, self.words.numbers))

    @property
    def others(self) -> set[str]:
        """Return the words that say that it is somebody else's."""
        phrases = [p for p in self.words.phrases if "own" not in p.roles and p.roles]
        return {p.text for p in phrases if not p.roles.isdisjoint(OWNERS)}


@dataclass(frozen=True)
class Verdict:
    """How well a column fits a field, and why: pieces of a sentence."""

    column: Column
    score: float
    reasons: tuple[str, ...] = ()

    def plus(self, weight: float, reason: str = "") -> Verdict:
        """Return this with one more piece of evidence."""
        reasons = (*self.reasons, reason) if reason else self.reasons
        return Verdict(self.column, self.score + weight, reasons)


def score_name(
    column: Column, targets: Iterable[str], unknown: float, also: Iterable[str] = ()
) -> float | None:
    """Return how well a name says one of the targets; None where none of its words does.

    Args:
        column: whose name it is.
        targets: roles; a phrase that can have one says it.
        unknown: what a word costs that the lexicon does not have.
        also: roles that may stand beside the target, and count nothing.
    """
    words = column.words
    if column.is_question:
        unknown *= weights.IN_QUESTION
    wanted, beside = set(targets), {*weights.BESIDE, *also}
    cores = [phrase for phrase in words.phrases if not wanted.isdisjoint(phrase.roles)]
    if not cores:
        return None
    rest = [phrase for phrase in words.phrases if phrase not in cores]
    score = weights.NAMED if rest or words.numbers else weights.NAMED_ALONE
    for phrase in rest:
        score += _beside(phrase, unknown, beside, weights.BESIDE)
    return score + sum(weights.NUMBER_BESIDE for number in words.numbers if number > 1)


def _beside(phrase: Phrase, unknown: float, allowed: set[str], costs: Mapping[str, float]) -> float:
    if not phrase.roles:
        return unknown
    kinds = phrase.roles & allowed
    if not kinds:
        return weights.AGAINST
    return max(costs.get(kind, 0.0) for kind in kinds)
