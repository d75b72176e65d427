"""What is measured: a figure, what it is compared with, and what it should be."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal


class WrongResult(Exception):
    """The product did something else than it should have; no figure of this run counts."""


@dataclass(frozen=True)
class Goal:
    """A bound that a figure's ratio, or the figure itself, is to keep."""

    bound: float
    of: Literal["ratio", "ours"] = "ratio"
    at_least: bool = False

    def share(self, value: float) -> float:
        """Return how much of the bound a value uses up: 1 is the goal, less is better."""
        return self.bound / value if self.at_least else value / self.bound


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measurement of the product and of its floor or peer, in `unit`.

    `ours` and `floor` are medians of `our_runs` and `floor_runs`. `ratio` is ours by the floor's.
    """

    group: str
    name: str
    unit: str
    ours: float
    floor: float | None = None
    floor_name: str = ""
    goal: Goal | None = None
    note: str = ""
    our_runs: Sequence[float] = ()
    floor_runs: Sequence[float] = ()

    @property
    def ratio(self) -> float | None:
        return self.ours / self.floor if self.floor else None

    @property
    def share(self) -> float | None:
        """How much of the goal's bound is used up, when there is a goal."""
        if self.goal is None:
            return None
        value = self.ours if self.goal.of == "ours" else self.ratio
        assert value is not None
        return self.goal.share(value)

    @property
    def met(self) -> bool | None:
        return None if self.share is None else self.share <= 1


@dataclass(frozen=True, kw_only=True)
class Point:
    """How fast new contacts come into a table that holds `stored` of them already."""

    stored: int
    rows_per_second: float


@dataclass
class Runs:
    """Repeated measurements of one figure and of its floor, in seconds."""

    ours: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)

    def figure(
        self, group: str, name: str, *, floor_name: str, goal: Goal | None, note: str = ""
    ) -> Figure:
        """Return the figure of the medians."""
        return Figure(
            group=group,
            name=name,
            unit="s",
            ours=statistics.median(self.ours),
            floor=statistics.median(self.floors),
            floor_name=floor_name,
            goal=goal,
            note=note,
            our_runs=tuple(self.ours),
            floor_runs=tuple(self.floors),
        )
