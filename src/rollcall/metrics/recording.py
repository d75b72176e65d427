"""A metric, and whoever keeps its sums in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

Labels = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Something that is counted; without a recorder in this process, counting it does nothing."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Counter(Metric):
    """What only grows; of what is `known` to come, it is told from the beginning that it is 0."""

    known: tuple[Mapping[str, str], ...] = ()

    def add(self, amount: float = 1, **labels: str) -> None:
        """Count so many more."""
        if _recorder is not None and amount:
            _recorder.add(self, amount, labels)


@dataclass(frozen=True, kw_only=True)
class Gauge(Metric):
    """What there is of something now."""

    def set(self, value: float, **labels: str) -> None:
        """Say how much there is now in this process."""
        if _recorder is not None:
            _recorder.set(self, value, labels)


@dataclass(frozen=True, kw_only=True)
class Histogram(Metric):
    """How long things take; `buckets` are upper limits in seconds."""

    buckets: tuple[float, ...]

    def observe(self, seconds: float, **labels: str) -> None:
        """Count something that took so long."""
        if _recorder is not None:
            _recorder.observe(self, seconds, labels)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What a gauge is at the moment it is asked for."""

    gauge: Gauge
    value: float
    labels: Labels


class Recorder(Protocol):
    """Keeps sums; called from any thread."""

    def add(self, metric: Counter, amount: float, labels: Labels) -> None: ...
    def set(self, metric: Gauge, value: float, labels: Labels) -> None: ...
    def observe(self, metric: Histogram, seconds: float, labels: Labels) -> None: ...


_recorder: Recorder | None = None


def install(recorder: Recorder | None) -> None:
    """Have all metrics of this process go there from now on; None has them go nowhere."""
    global _recorder  # noqa: PLW0603  (who counts something must not have to be handed this)
    _recorder = recorder


def is_recording() -> bool:
    """Tell whether anybody keeps sums in this process."""
    return _recorder is not None
