"""How long nothing got on is told of the moments at which there was something to do."""

from __future__ import annotations

from tests.support.faults.progress import Progress


class Clock:
    """Tells the time that it is set to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def connect() -> None:
    raise AssertionError("nobody connects")


def progress_by(clock: Clock) -> Progress:
    return Progress(connect, clock)  # type: ignore[arg-type]


def test_a_gap_is_as_long_as_work_waits_without_any_being_done() -> None:
    # Moments, the rows that are done then, and the imports that have ended and are to be done.
    seen = [
        *((0.0, 0, 0, 0), (10.0, 0, 0, 1), (11.0, 100, 0, 1), (15.0, 100, 0, 1)),
        *((16.0, 200, 0, 1), (17.0, 250, 1, 0), (30.0, 250, 1, 1), (32.0, 300, 2, 0)),
    ]
    clock = Clock()
    told = progress_by(clock)
    for moment, *counts in seen:
        clock.now = moment
        told._note(*counts)
    assert told.longest_gap(0, 5) == 0
    assert told.longest_gap(12, 13) == 5
    assert told.longest_gap(12, 40) == 5
    assert told.longest_gap(20, 40) == 2


def test_one_that_has_not_ended_counts_up_to_now() -> None:
    clock = Clock()
    told = progress_by(clock)
    clock.now = 1.0
    told._note(0, 0, 1)
    clock.now = 8.0
    assert told.longest_gap(2, 3) == 7
