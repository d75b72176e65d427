"""Progress, on a terminal and in a log."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from rich.console import Console

from rollcall.client.answers import ImportState
from rollcall.client.display import PlainDisplay, TerminalDisplay
from rollcall.client.pace import Pace

AWAY = {"code": "storage_error", "message": "The storage\x1b[2J is away."}


def state(total: int = 1500, **fields: Any) -> ImportState:
    counts = {"total": total, "created": total, "updated": 0, "skipped": 0, "failed": 0}
    return ImportState.model_validate(
        {"id": uuid.uuid4(), "status": "in_progress", "counts": counts, "progress": 0.5, **fields}
    )


@pytest.fixture
def plain() -> PlainDisplay:
    return PlainDisplay()


def shown(display: TerminalDisplay) -> list[str]:
    """Return what stands on the terminal, without blanks at the ends of lines."""
    page = io.StringIO()
    Console(file=page, width=120).print(display)
    return [line.rstrip() for line in page.getvalue().splitlines()]


def test_in_a_log_a_stage_begins_with_a_line(
    plain: PlainDisplay, capsys: pytest.CaptureFixture[str]
) -> None:
    plain.upload(500_000, 2_000_000)
    plain.watch(state(status="queued"), Pace())
    plain.watch(state(), Pace())
    plain.watch(state(dry_run=True, progress=None), Pace())
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Uploading: 25%, 500,000 bytes of 2.0 MB",
        "Waiting for a worker",
        "Importing: 50%, 1,500 rows: 1,500 created, 0 updated, 0 skipped, 0 failed",
        "Checking: 1,500 rows: 1,500 created, 0 updated, 0 skipped, 0 failed",
    ]


def test_in_a_log_a_stage_does_not_say_every_step(
    plain: PlainDisplay, capsys: pytest.CaptureFixture[str]
) -> None:
    plain.watch(state(), Pace())
    # The next line is due in a day.
    plain._next_line += 86_400
    plain.watch(state(2000), Pace())
    assert len(capsys.readouterr().err.splitlines()) == 1
    plain._next_line = 0.0
    plain.watch(state(3000), Pace())
    assert "3,000 rows" in capsys.readouterr().err


def test_in_a_log_why_it_waits_is_said_once(
    plain: PlainDisplay, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        plain.watch(state(last_error=AWAY), Pace())
    plain.notice("The server is away.\r")
    assert capsys.readouterr().err.splitlines() == [
        r"The storage\x1b[2J is away. It is tried again as soon as a worker is free.",
        r"The server is away.\r",
    ]


def test_in_a_log_the_end_is_left_to_the_summary(
    plain: PlainDisplay, capsys: pytest.CaptureFixture[str]
) -> None:
    plain.watch(state(status="completed"), Pace())
    plain.watch(state(status="failed"), Pace())
    assert capsys.readouterr().err == ""


def test_an_empty_file_is_uploaded_at_once(
    plain: PlainDisplay, capsys: pytest.CaptureFixture[str]
) -> None:
    plain.upload(0, 0)
    assert capsys.readouterr().err == "Uploading: 100%, 0 bytes of 0 bytes\n"


def test_on_a_terminal_a_bar_has_the_share_and_the_counts_below() -> None:
    display = TerminalDisplay(Console(file=io.StringIO()))
    assert shown(display)[0].startswith("Connecting")
    display.upload(500_000, 2_000_000)
    (bar,) = shown(display)
    assert bar.startswith("Uploading")
    assert bar.endswith("25% 500,000 bytes of 2.0 MB")
    display.upload(2_000_000, 2_000_000)
    assert shown(display)[0].startswith("Waiting for the answer")
    display.watch(state(), Pace())
    bar, counts = shown(display)
    assert bar.startswith("Importing")
    assert bar.endswith("50%")
    assert counts == "1,500 rows: 1,500 created, 0 updated, 0 skipped, 0 failed"


def test_on_a_terminal_what_waits_has_no_counts_and_says_why() -> None:
    display = TerminalDisplay(Console(file=io.StringIO()))
    display.watch(state(), Pace())
    display.watch(state(status="queued"), Pace())
    (bar,) = shown(display)
    assert bar.startswith("Waiting for a worker")
    assert "%" not in bar
    display.watch(state(last_error=AWAY), Pace())
    assert shown(display)[2].startswith(r"The storage\x1b[2J is away. It is tried again")
    display.watch(state(), Pace())
    assert len(shown(display)) == 2
    display.notice("[bold]The server[/] is away.")
    assert shown(display)[2] == "[bold]The server[/] is away."
