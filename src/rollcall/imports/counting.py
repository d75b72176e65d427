"""What `/metrics` is told of imports."""

from __future__ import annotations

from collections.abc import Mapping

from rollcall.imports.kinds import ImportStatus
from rollcall.metrics.catalogue import BATCH_SECONDS, IMPORTS_ENDED, ROWS

NO_REASON = "none"


def count_batch(outcomes: Mapping[str, int], seconds: float, *, dry_run: bool) -> None:
    """Count a batch that was committed `seconds` after a connection had taken it up."""
    BATCH_SECONDS.observe(seconds)
    for outcome, rows in outcomes.items():
        ROWS.add(rows, outcome=outcome, dry_run=_word(dry_run))


def count_end(status: ImportStatus, reason: str | None, *, dry_run: bool) -> None:
    """Count an import that has ended; `reason` is the code of its error."""
    IMPORTS_ENDED.add(status=status.value, reason=reason or NO_REASON, dry_run=_word(dry_run))


def _word(value: bool) -> str:
    return str(value).lower()
