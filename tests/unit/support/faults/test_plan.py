"""A seed's plan is the same each time, and leaves no kind of fault out."""

from __future__ import annotations

from itertools import islice

from tests.support.faults.kinds import KINDS, Part
from tests.support.faults.plan import IN_A_ROUND, Fault, can_be_together, kinds_of, plan_rounds

ALL = list(KINDS.values())


def faults_of(seed: str, rounds: int) -> list[Fault]:
    return [fault for faults in islice(plan_rounds(seed, ALL), rounds) for fault in faults]


def test_a_seed_has_the_same_faults_each_time() -> None:
    assert faults_of("7", 20) == faults_of("7", 20)
    assert faults_of("7", 20) != faults_of("8", 20)


def test_every_kind_comes_before_any_comes_again() -> None:
    rounds = -(-len(ALL) // IN_A_ROUND)
    first = faults_of("7", rounds)[: len(ALL)]
    assert {name for fault in first for name in fault.kinds} == KINDS.keys()


def test_two_at_once_are_of_different_parts_and_healed_so_that_each_can_be() -> None:
    pairs = [kinds_of(fault) for fault in faults_of("7", 200) if len(fault.kinds) == 2]
    assert len(pairs) > 100
    order = list(Part)
    for one, other in pairs:
        assert order.index(one.part) < order.index(other.part)
        assert can_be_together(one, other)
    alone = KINDS["file kills its worker"]
    assert not any(can_be_together(alone, kind) or can_be_together(kind, alone) for kind in ALL)
