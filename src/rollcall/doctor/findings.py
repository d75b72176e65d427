"""What a look has found, and how bad it is."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass


class Level(enum.StrEnum):
    """`warn` is what will hurt one day, `fail` what hurts now."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of a subject, in a sentence, and what to do; nothing where all is well."""

    level: Level
    subject: str
    found: str
    advice: str = ""

    def as_line(self) -> str:
        """Return it as a line for a person."""
        advice = f" → {self.advice}" if self.advice else ""
        return f"{self.level:<5} {self.subject:<12} {self.found}{advice}"


def ok(subject: str, found: str) -> Finding:
    return Finding(level=Level.OK, subject=subject, found=found)


def warn(subject: str, found: str, advice: str) -> Finding:
    return Finding(level=Level.WARN, subject=subject, found=found, advice=advice)


def fail(subject: str, found: str, advice: str) -> Finding:
    return Finding(level=Level.FAIL, subject=subject, found=found, advice=advice)


Look = Callable[[], Iterator[Finding]]
