"""The words that say yes, no, subscribed or not, written as a column map takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rollcall.imports.column_map import MAX_WORDS
from rollcall.imports.matching.cell_kinds import PLAIN_FALSE, PLAIN_TRUE, Cells
from rollcall.imports.matching.lexicon import lexicon
from rollcall.imports.matching.normalise import word_of

# What the import reads without being told, under `unsubscribed`.
READ_PLAINLY = PLAIN_TRUE | PLAIN_FALSE | {"unsubscribed", "subscribed"}
YES = ("yes", "agreed")
NO = ("no", "refused")
GONE = ("unsubscribed", "bounced", "inactive")
POSITIVE = (*YES, "subscribed", "active")


def opposite_words(cells: Cells, kinds: Sequence[str], never: Iterable[str]) -> list[str]:
    """Return the words for which a contact is unsubscribed: those seen, and those that may come.

    In English and in every language of which the cells have a word; as many as a column map takes.

    Args:
        cells: of the column.
        kinds: of words of cells, those that mean it.
        never: kinds whose words are not among them, whatever other languages mean by them.
    """
    known = lexicon()
    spoken = sorted(known.languages(cells.words), key=lambda language: (language == "en", language))
    shunned = {
        word_of(word)
        for language in spoken
        for kind in never
        for word in known.spellings.get((language, kind), ())
    }
    # In every spelling: it is the cells that a column map is compared with, letter by letter.
    seen = [cell.lower() for cell in cells.distinct if not set(kinds).isdisjoint(known.kinds(cell))]
    more = [
        word.lower()
        for kind in kinds
        for language in spoken
        for word in known.spellings.get((language, kind), ())
    ]
    words = [word for word in dict.fromkeys(seen + more) if word_of(word) not in shunned]
    return words[:MAX_WORDS]


def are_read_plainly(cells: Cells) -> bool:
    """Tell whether the import understands all cells as they are."""
    return all(cell.lower() in READ_PLAINLY for cell in cells.distinct)
