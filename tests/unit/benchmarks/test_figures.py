"""What a figure makes of its goal, and what the table shows of it."""

from __future__ import annotations

import pytest

from benchmarks.client import Run
from benchmarks.data import Counts
from benchmarks.figure import Figure, Goal, Runs, WrongResult
from benchmarks.report import table


@pytest.mark.parametrize(
    ("goal", "ours", "floor", "share", "met"),
    [
        (Goal(2.0), 3.0, 2.0, 0.75, True),
        (Goal(2.0), 4.0, 2.0, 1.0, True),
        (Goal(2.0), 5.0, 2.0, 1.25, False),
        (Goal(0.5, at_least=True), 2.0, 2.0, 0.5, True),
        (Goal(0.5, at_least=True), 0.5, 2.0, 2.0, False),
        (Goal(300, of="ours"), 150.0, None, 0.5, True),
        (Goal(300, of="ours"), 600.0, 1.0, 2.0, False),
        (None, 600.0, 1.0, None, None),
    ],
)
def test_how_much_of_a_goal_is_used_up(
    goal: Goal | None, ours: float, floor: float | None, share: float | None, met: bool | None
) -> None:
    figure = Figure(group="", name="", unit="s", ours=ours, floor=floor, goal=goal)
    assert (figure.share, figure.met) == (share, met)


def test_medians_count_and_the_table_shows_the_spread() -> None:
    runs = Runs(ours=[9.0, 2.0, 3.0], floors=[1.0, 7.0, 2.0])
    figure = runs.figure("imports", "new", floor_name="COPY", goal=Goal(2.0), note="noisy")
    assert (figure.ours, figure.floor, figure.ratio) == (3.0, 2.0, 1.5)
    header, _, row, _, note = table([figure]).splitlines()
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells == ["new (1)", "3 s (2–9)", "2 s (1–7) COPY", "1.50 ×", "≤ 2 ×", "yes"]
    assert len(header) == len(row)
    assert note == "1. noisy"


def test_a_missed_goal_is_said_aloud() -> None:
    figure = Figure(group="", name="slow", unit="ms", ours=1250, goal=Goal(25, of="ours"))
    assert "| 1,250 ms | –             | –     | ≤ 25 ms | NO  |" in table([figure])


def test_wrong_counts_are_an_error() -> None:
    counts = Counts(created=97, updated=1, failed=2)
    run = Run(began=0, accepted=1, completed=2, counts=counts.as_json())
    run.check(counts)
    with pytest.raises(WrongResult, match="'created': 97"):
        run.check(Counts(created=98, updated=0, failed=2))
