"""A round: teams import, faults befall the product meanwhile, and then all of it is looked at."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.support.faults import checks
from tests.support.faults.plan import Fault, kinds_of
from tests.support.faults.progress import Progress
from tests.support.faults.teams import Team
from tests.support.faults.world import World
from tests.support.patience import PATIENCE, wait_until


@dataclass(frozen=True)
class Survived:
    """A fault that has happened, and the longest time without progress about it, in seconds."""

    kind: str
    without_progress: float


@dataclass
class Round:
    """What came of a round."""

    survived: list[Survived] = field(default_factory=list)
    imports: int = 0
    rows: int = 0
    contacts: int = 0
    differences: list[str] = field(default_factory=list)


@dataclass
class Stage:
    """Teams at work in threads of their own, each until its step ends after `is_over` is set."""

    teams: Sequence[Team]
    progress: Progress
    is_over: threading.Event = field(default_factory=threading.Event)
    errors: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        for team in self.teams:
            thread = threading.Thread(target=self._play, args=(team,))
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        """Have every team do its step to the end."""
        self.is_over.set()
        for thread in self._threads:
            thread.join()

    def is_at_work(self) -> bool:
        return self.progress.open > 0 or bool(self.errors)

    def _play(self, team: Team) -> None:
        try:
            while True:
                team.play()
                if self.is_over.is_set() or self.errors:
                    return
        except Exception as error:  # noqa: BLE001  (it is told in the end, whatever it is)
            self.errors.append(f"{team.name}, step {team.steps}: {error!r}")


def play_round(world: World, teams: Sequence[Team], faults: Sequence[Fault], seed: str) -> Round:
    """Have these faults happen one after the other while the teams import; then check it all.

    It has to be called from the main thread, with which the servers end that it starts.
    """
    told = Round()
    for team in teams:
        team.expected.clear()
    with watching(world) as progress:
        stage = Stage(teams, progress)
        stage.begin()
        try:
            for number, fault in enumerate(faults):
                moment = _befall(world, stage, fault, random.Random(f"{seed} {number}"))
                gap = progress.longest_gap(*moment)
                told.survived += [Survived(kind.name, gap) for kind in kinds_of(fault)]
        finally:
            stage.end()
    told.differences += stage.errors
    if not stage.errors:
        _check(world, teams, faults, told)
    return told


@contextmanager
def watching(world: World) -> Iterator[Progress]:
    """Watch the imports' progress."""
    progress = Progress(world.connect)
    thread = threading.Thread(target=progress.watch)
    thread.start()
    try:
        yield progress
    finally:
        progress.end()
        thread.join()


def _befall(world: World, stage: Stage, fault: Fault, chosen: random.Random) -> tuple[float, float]:
    """Have a fault happen, and wait until imports get on again; return from when until when."""
    progress = stage.progress
    wait_until(stage.is_at_work, 2 * PATIENCE)
    time.sleep(fault.after)
    begin = time.monotonic()
    with ExitStack() as stack:
        for kind in kinds_of(fault):
            stack.enter_context(kind.befall(world, chosen))
        time.sleep(fault.seconds)
    end = time.monotonic()
    world.keep_running()
    done = progress.done
    wait_until(lambda: progress.done != done or bool(stage.errors), 2 * PATIENCE)
    return begin, end


def _check(world: World, teams: Sequence[Team], faults: Sequence[Fault], told: Round) -> None:
    with world.connect() as connection:
        told.differences += checks.check_imports(connection, teams)
        for team in teams:
            odd = checks.check_contacts(connection, team.id, team.contacts)
            told.differences += [f"{team.name}: {difference}" for difference in odd]
        told.differences += checks.check_rest(connection)
    may_be_left = any(kind.leaves_files for fault in faults for kind in kinds_of(fault))
    told.differences += checks.check_files(world, may_be_left=may_be_left)
    for team in teams:
        told.imports += sum(len(expected.ids) for expected in team.expected)
        told.rows += sum(expected.rows for expected in team.expected)
        told.contacts += len(team.contacts)
