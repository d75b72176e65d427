"""Progress on the standard error: a live bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import typer
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from rollcall.client import wording
from rollcall.client.answers import ImportState
from rollcall.client.pace import Pace

LINE_SECONDS = 5.0


class Display(Protocol):
    """Shows how far an upload, then an import, has come."""

    def preview(self, sent: int, size: int) -> None:
        """Show how many bytes of a file's beginning were sent."""

    def upload(self, sent: int, size: int) -> None:
        """Show how many bytes were sent."""

    def watch(self, state: ImportState, pace: Pace) -> None:
        """Show an import as it is now."""

    def notice(self, text: str) -> None:
        """Show why nothing goes on."""


def open_display() -> AbstractContextManager[Display]:
    """Return the display that fits to where the standard error goes."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return _terminal()
    return _plain()


@contextmanager
def _terminal() -> Iterator[Display]:
    console = Console(stderr=True, highlight=False)
    display = TerminalDisplay(console)
    with Live(display, console=console, transient=True, refresh_per_second=8):
        yield display


@contextmanager
def _plain() -> Iterator[Display]:
    yield PlainDisplay()


class TerminalDisplay:
    """A bar that gives way to the summary in the end."""

    def __init__(self, console: Console):
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[share]}", markup=False),
            TextColumn("{task.fields[pace]}", markup=False),
            console=console,
        )
        self._task = self._progress.add_task("Connecting", total=None, share="", pace="")
        self._counts = ""
        self._notice = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._progress.get_renderable()
        for line in filter(None, (self._counts, self._notice)):
            yield Text(line)

    def preview(self, sent: int, size: int) -> None:
        self._send("Looking at the file", sent, size)

    def upload(self, sent: int, size: int) -> None:
        self._send("Waiting for the answer" if sent >= size else "Uploading", sent, size)

    def watch(self, state: ImportState, pace: Pace) -> None:
        self._notice = wording.printable(wording.waiting(state))
        waits = state.status == "queued"
        self._show(wording.stage(state), None if waits else state.progress, wording.pace(pace))
        self._counts = "" if waits else wording.counts(state.counts)

    def notice(self, text: str) -> None:
        self._notice = wording.printable(text)

    def _send(self, stage: str, sent: int, size: int) -> None:
        share = None if sent >= size else sent / size
        self._show(stage, share, f"{wording.size(sent)} of {wording.size(size)}")

    def _show(self, stage: str, share: float | None, pace: str) -> None:
        """Show a stage; a bar without a share moves to and fro."""
        self._progress.update(
            self._task,
            description=stage,
            total=None if share is None else 1.0,
            completed=share or 0.0,
            share="" if share is None else f"{share:.0%}",
            pace=pace,
        )


class PlainDisplay:
    """Lines without any control characters."""

    def __init__(self) -> None:
        self._stage = ""
        self._next_line = 0.0

    def preview(self, sent: int, size: int) -> None:
        self._say("Looking at the file", "")

    def upload(self, sent: int, size: int) -> None:
        share = sent / size if size else 1.0
        self._say("Uploading", f"{share:.0%}, {wording.size(sent)} of {wording.size(size)}")

    def watch(self, state: ImportState, pace: Pace) -> None:
        if state.is_over:
            return
        if waiting := wording.waiting(state):
            self._say_once(waiting)
            return
        share = None if state.progress is None else f"{state.progress:.0%}"
        parts = [share, wording.counts(state.counts), wording.pace(pace)]
        waits = state.status == "queued"
        self._say(wording.stage(state), "" if waits else ", ".join(filter(None, parts)))

    def notice(self, text: str) -> None:
        typer.echo(wording.printable(text), err=True)

    def _say_once(self, text: str) -> None:
        """Print what may stay the same for minutes."""
        if text != self._stage:
            self._stage = text
            self.notice(text)

    def _say(self, stage: str, text: str) -> None:
        """Print a line when a stage begins and every few seconds in it."""
        now = time.monotonic()
        if stage == self._stage and now < self._next_line:
            return
        self._stage, self._next_line = stage, now + LINE_SECONDS
        typer.echo(f"{stage}: {text}" if text else stage, err=True)
