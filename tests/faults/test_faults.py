"""Each kind of fault once, at some moment of some imports: all that they do comes out as it must.

`python -m tests.faults.soak` is the long form of this.
"""

from __future__ import annotations

import pytest

from tests.faults.conftest import SEED
from tests.support.faults.kinds import KINDS
from tests.support.faults.rounds import Fault, play_round
from tests.support.faults.teams import Team
from tests.support.faults.world import World

# Longer than the lease of a worker.
SECONDS = 2.5


@pytest.mark.parametrize("kind", KINDS)
def test_imports_survive(world: World, teams: list[Team], kind: str) -> None:
    if KINDS[kind].needs_disk and world.disk is None:
        pytest.skip(f"NO DISK COULD BE FILLED: {world.no_disk}")
    told = play_round(world, teams, [Fault(kind, 0.2, SECONDS)], f"{SEED} {kind}")
    assert told.differences == []
    assert told.imports >= len(teams)
