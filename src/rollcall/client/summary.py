"""What is said in the end, on the standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rollcall.client.answers import Change, Failure, ImportState
from rollcall.client.wording import printable

COUNTS = ("total", "created", "updated", "skipped", "failed")
NOTHING = "Nothing was changed."
# Wide enough that nothing is broken into lines where no terminal does it.
ANY_WIDTH = 100_000


@dataclass(frozen=True, kw_only=True)
class Failures:
    """The failed rows: the first of them, where all are saved, and what is to be said of that."""

    first: Sequence[Failure] = ()
    saved: Path | None = None
    remarks: list[str] = field(default_factory=list)


def show_summary(state: ImportState, failures: Failures) -> None:
    """Print what became of an import."""
    page = _Page()
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


class _Page:
    """Lines and tables; colours and line breaks only on a terminal."""

    def __init__(self) -> None:
        is_terminal = sys.stdout.isatty()
        self._console = Console(
            force_terminal=is_terminal,
            color_system="auto" if is_terminal else None,
            width=None if is_terminal else ANY_WIDTH,
            highlight=False,
        )

    def line(self, text: str) -> None:
        self._console.print(Text(printable(text)), soft_wrap=True)

    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        numbers: Sequence[str] = (),
    ) -> None:
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        for name in header:
            justify = "right" if name in numbers or name == "row" else "left"
            table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self._console.print(Padding(table, (1, 0, 1, 2), expand=False))
