"""What a child of a worker has counted, handed to its parent when it ends.

A child that is killed hands over nothing. It is tried for one batch, or for a dry run, so that is
what is missing then.
"""

from __future__ import annotations

import json
from collections import Counter as Sums
from collections import deque
from typing import Any

from rollcall.metrics.catalogue import CATALOGUE
from rollcall.metrics.recording import Counter, Gauge, Histogram, Labels

_BY_NAME = {metric.name: metric for metric in CATALOGUE}
# All of it has to fit into a pipe, at whose other end nobody reads yet.
OBSERVATIONS = 500


class Ledger:
    """Keeps sums to be added elsewhere; what there is now in a child is left out."""

    def __init__(self) -> None:
        self._sums: Sums[tuple[str, str]] = Sums()
        self._observed: deque[tuple[str, float, dict[str, str]]] = deque(maxlen=OBSERVATIONS)

    def add(self, metric: Counter, amount: float, labels: Labels) -> None:
        self._sums[metric.name, json.dumps(dict(labels))] += amount  # type: ignore[assignment]

    def set(self, metric: Gauge, value: float, labels: Labels) -> None:
        """Do nothing: when the child has ended, there is none of it."""

    def observe(self, metric: Histogram, seconds: float, labels: Labels) -> None:
        self._observed.append((metric.name, round(seconds, 4), dict(labels)))

    def as_line(self) -> bytes:
        """Return all of it as a line of JSON."""
        sums = [(name, amount, json.loads(labels)) for (name, labels), amount in self._sums.items()]
        return json.dumps([*sums, *self._observed]).encode() + b"\n"


def replay(line: bytes) -> None:
    """Count in this process what a child has counted; no line, or half of one, is nothing."""
    try:
        entries: list[tuple[str, Any, dict[str, str]]] = json.loads(line)
    except ValueError:
        return
    for name, amount, labels in entries:
        match _BY_NAME[name]:
            case Counter() as counter:
                counter.add(amount, **labels)
            case Histogram() as histogram:
                histogram.observe(amount, **labels)
