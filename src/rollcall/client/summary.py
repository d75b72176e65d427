"""What is said in the end, on the standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rollcall.client.answers import Change, Failure, ImportState
from rollcall.client.page import Page

COUNTS = ("total", "created", "updated", "skipped", "failed")
NOTHING = "Nothing was changed."


@dataclass(frozen=True, kw_only=True)
class Failures:
    """The failed rows: the first of them, where all are saved, and what is to be said of that."""

    first: Sequence[Failure] = ()
    saved: Path | None = None
    remarks: list[str] = field(default_factory=list)


def show_summary(state: ImportState, failures: Failures) -> None:
    """Print what became of an import."""
    page = Page(sys.stdout)
    page.line(_headline(state))
    page.table(COUNTS, [[f"{getattr(state.counts, name):,}" for name in COUNTS]], numbers=COUNTS)
    if state.changes:
        page.line("The first changes that it would make:")
        page.table(("row", "e-mail", "action", "fields"), map(_change, state.changes))
    for title, codes in (("Failed rows", state.failures), ("Warnings", state.warnings)):
        if codes:
            page.line(f"{title}, by code:")
            rows = sorted(codes.items(), key=lambda item: -item[1])
            page.table(("code", "rows"), [[code, f"{n:,}"] for code, n in rows], numbers=("rows",))
    if failures.first:
        page.line("The first failed rows:")
        page.table(("row", "column", "message"), map(_failure, failures.first))
    for remark in failures.remarks:
        page.line(remark)
    if failures.saved is not None:
        page.line(f"All failed rows: {failures.saved}")


def _headline(state: ImportState) -> str:
    kind = "Dry run" if state.dry_run else "Import"
    if state.status == "failed":
        remains = NOTHING if state.dry_run else "What was done before that stays done:"
        return f"{kind} {state.id} {_how_it_failed(state)} {remains}"
    return f"{kind} {state.id} is complete." + (f" {NOTHING}" if state.dry_run else "")


def _how_it_failed(state: ImportState) -> str:
    if state.error is None:
        return "has failed."
    if state.error.code == "cancelled":
        # The server's message also says what remains, and the summary says that of every failure.
        return "was cancelled."
    return f"has failed. {state.error.message}"


def _change(change: Change) -> list[str]:
    fields = [
        f"{name}: {_value(each.before)} -> {_value(each.after)}"
        for name, each in change.fields.items()
    ]
    return [str(change.row), change.email, change.action, ", ".join(fields)]


def _value(value: object) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value)


def _failure(failure: Failure) -> list[str]:
    return [str(failure.row), failure.column or "", failure.message]
