"""Which faults happen in which round of a run: all of it comes from the seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.faults.kinds import KINDS, Kind, Part

# Of a fault: how long until it begins once imports are at work, and how long it lasts, in seconds.
LATEST = 1.5
SHORTEST, LONGEST = 0.2, 5.0
# What is frozen or silent is so for longer, at times: than leases, time limits and pauses.
LASTING = 20.0
# Of ten faults, those that come two at once.
TOGETHER = 3
IN_A_ROUND = 4


@dataclass(frozen=True)
class Fault:
    """A fault that is to happen: so many seconds after imports are at work, and for so long.

    `kinds` happen at the same time; what comes first begins first, and is healed last.
    """

    kinds: tuple[str, ...]
    after: float
    seconds: float


def plan_rounds(seed: str, kinds: Sequence[Kind]) -> Iterator[list[Fault]]:
    """Yield the faults of one round after the other, without end.

    Before any kind comes again as the first of a fault, all others have.
    """
    chosen = random.Random(seed)
    waiting: list[Kind] = []
    while True:
        faults = []
        for _ in range(IN_A_ROUND):
            if not waiting:
                waiting = chosen.sample(kinds, len(kinds))
            faults.append(_plan_fault(chosen, waiting.pop(), kinds))
        yield faults


def _plan_fault(chosen: random.Random, first: Kind, kinds: Sequence[Kind]) -> Fault:
    after, seconds = chosen.uniform(0, LATEST), chosen.uniform(SHORTEST, LONGEST)
    if first.lasts and chosen.randrange(2):
        seconds = LASTING
    others = [kind for kind in kinds if can_be_together(first, kind)]
    together = [first]
    if others and chosen.randrange(10) < TOGETHER:
        together.append(chosen.choice(others))
    order = list(Part)
    together.sort(key=lambda kind: order.index(kind.part))
    return Fault(tuple(kind.name for kind in together), after, seconds)


def can_be_together(one: Kind, other: Kind) -> bool:
    """Tell whether two faults are of different parts, and neither needs all others to be well."""
    return one.part is not other.part and not (one.is_alone or other.is_alone)


def kinds_of(fault: Fault) -> list[Kind]:
    """Return the kinds of a fault."""
    return [KINDS[name] for name in fault.kinds]
