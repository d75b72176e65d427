"""Numbers and foreign text as they are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rollcall.client.answers import Counts, ImportState
from rollcall.client.pace import Pace

MEGABYTE = 1_000_000


def printable(text: str) -> str:
    """Return text of a file or a server without what would steer a terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def size(count: int) -> str:
    return f"{count / MEGABYTE:,.1f} MB" if count >= MEGABYTE else f"{count:,} bytes"


def duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def counts(value: Counts) -> str:
    return (
        f"{value.total:,} rows: {value.created:,} created, {value.updated:,} updated,"
        f" {value.skipped:,} skipped, {value.failed:,} failed"
    )


def pace(value: Pace) -> str:
    """Return rows per second and time left, as far as they are known."""
    rate, left = value.rows_per_second, value.seconds_left
    parts = [
        None if rate is None else f"{rate:,.0f} rows/s",
        None if left is None else f"{duration(left)} left",
    ]
    return ", ".join(filter(None, parts))


def stage(state: ImportState) -> str:
    if state.status == "queued":
        return "Waiting for a worker"
    if state.last_error is not None:
        return "Waiting"
    return "Checking" if state.dry_run else "Importing"


def waiting(state: ImportState) -> str:
    """Return why an import waits and until when; nothing when it only waits for a worker."""
    if state.last_error is None:
        return ""
    again = (
        "as soon as a worker is free" if state.retry_at is None else f"at {_time(state.retry_at)}"
    )
    parts = [f"It is tried again {again}."]
    if state.waiting_since is not None:
        parts.append(f"It has waited since {_time(state.waiting_since)}.")
    return " ".join([state.last_error.message, *parts])


def _time(moment: datetime) -> str:
    """Return the time of day where the person is, with the date when that is another one."""
    local = moment.astimezone()
    is_today = local.date() == datetime.now(UTC).astimezone().date()
    return f"{local:%H:%M:%S}" if is_today else f"{local:%Y-%m-%d %H:%M:%S}"
