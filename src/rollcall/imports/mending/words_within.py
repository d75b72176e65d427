"""The words of many languages that say yes or no, in cells that an import does not read so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rollcall.imports.mapping.plan import Target
from rollcall.imports.matching.lexicon import lexicon

TRUE, FALSE = "true", "false"
YES, NO = {"yes", "agreed"}, {"no", "refused"}
# What is said of a subscription means the opposite of whether somebody has unsubscribed.
GONE, STAYED = {"unsubscribed", "bounced"}, {"subscribed"}
MAX_CHARACTERS = 60


def said_by(targets: Sequence[Target]) -> Callable[[str], str | None]:
    """Return a function that tells which word an import understands for one that it does not."""
    is_consent = any(target.field == "unsubscribed" for target in targets)
    true, false = (YES | GONE, NO | STAYED) if is_consent else (YES, NO)

    def read(cell: str) -> str | None:
        if len(cell) > MAX_CHARACTERS:
            return None
        kinds = set(lexicon().kinds(cell))
        says_true, says_false = not kinds.isdisjoint(true), not kinds.isdisjoint(false)
        # A word that says either, depending on the language, says nothing.
        return None if says_true == says_false else TRUE if says_true else FALSE

    return read
