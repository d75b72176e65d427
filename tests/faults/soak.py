"""Faults of all kinds for as long as is wanted, and a report: `python -m tests.faults.soak`.

What runs is made anew every few rounds, with uploads on a disk and in a bucket by turns. The same
seed has the same files, edits and faults again; how they meet depends on the machine, too.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

import structlog

from tests.support.faults.checks import check_end
from tests.support.faults.kinds import KINDS
from tests.support.faults.plan import plan_rounds
from tests.support.faults.report import Report
from tests.support.faults.rounds import play_round
from tests.support.faults.teams import create_team
from tests.support.faults.world import World, running_world
from tests.support.patience import make_clients_patient

TEAMS = 3
ROUNDS = 6
STATUS_DIFFERENT = 1


def main() -> int:
    """Run for as long as the arguments say; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--seed", default=str(random.randrange(10**6)), help="any text")
    parser.add_argument("--seconds", type=float, default=1200.0)
    arguments = parser.parse_args()
    make_clients_patient()
    # The bucket's server tells of every request, and a sweep of every file.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    report = Report(arguments.seed)
    begin = time.monotonic()
    for number in count():
        _soak(report, number, until=begin + arguments.seconds)
        report.seconds = time.monotonic() - begin
        if report.differences or report.seconds >= arguments.seconds:
            break
    print("\n".join(["", *report.lines()]))
    return STATUS_DIFFERENT if report.differences else 0


def _soak(report: Report, number: int, until: float) -> None:
    """Play a few rounds with a product that is made for them, or fewer if the time is over."""
    with (
        _kept_if_different(report) as folder,
        running_world(folder, in_bucket=number % 2 == 1) as world,
    ):
        seed = f"{report.seed} {number}"
        teams = [create_team(world, f"team{n}", seed) for n in range(TEAMS)]
        kinds = [kind for kind in KINDS.values() if kind.is_possible(world)]
        _note_left_out(report, world)
        for at, faults in enumerate(islice(plan_rounds(seed, kinds), ROUNDS)):
            told = play_round(world, teams, faults, f"{seed} {at}")
            report.add(told)
            names = ", ".join(" and ".join(fault.kinds) for fault in faults)
            print(
                f"round {report.rounds}: {told.imports} imports, {told.rows:,} rows,"
                f" {len(told.differences)} differences; {names}",
                flush=True,
            )
            if report.differences or time.monotonic() > until:
                break
        with world.connect() as connection:
            report.differences += check_end(connection)


def _note_left_out(report: Report, world: World) -> None:
    if world.to_bucket is None and world.disk is None:
        for kind in KINDS.values():
            if kind.needs_disk:
                report.left_out[kind.name] = "no file system can be mounted"


@contextmanager
def _kept_if_different(report: Report) -> Iterator[Path]:
    """Make a folder that is removed again, unless something in it may tell of a difference."""
    folder = Path(tempfile.mkdtemp(prefix="rollcall-soak-"))
    yield folder
    if report.differences:
        print(f"What the processes have said is in {folder}")
    else:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
