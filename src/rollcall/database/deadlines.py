"""How long a request may wait for the database, all its waiting taken together.

A bound for each statement alone would not bound a request, which waits for a free connection, for a
new one, and for several statements. What it waits for else, such as the body of an upload, has
bounds of its own and does not count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class _Budget:
    left: float


_budget: ContextVar[_Budget | None] = ContextVar("database_budget", default=None)


@contextmanager
def database_budget(seconds: float) -> Iterator[None]:
    """Let everything that is asked of the database within this block take `seconds` together."""
    token = _budget.set(_Budget(seconds))
    try:
        yield
    finally:
        _budget.reset(token)


@contextmanager
def no_database_budget() -> Iterator[None]:
    """Let what goes on for long within a request take its time: each statement is bounded still."""
    token = _budget.set(None)
    try:
        yield
    finally:
        _budget.reset(token)


@contextmanager
def waiting(most: float) -> Iterator[float]:
    """Count the time of this block as waiting for the database; yield how long it may take.

    Args:
        most: seconds, for a block that is in no budget.
    """
    budget = _budget.get()
    if budget is None:
        yield most
        return
    started = time.monotonic()
    try:
        yield min(most, max(0.0, budget.left))
    finally:
        budget.left -= time.monotonic() - started
