"""What came out, as a table for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Sequence
from typing import Any

import psutil

from benchmarks.bench import Bench
from benchmarks.figure import Figure, Goal

HEADER = ("figure", "ours", "floor or peer", "ratio", "goal", "met")
# Settings that decide how fast PostgreSQL writes; those not among them have their defaults.
SETTINGS = "SELECT name, current_setting(name) FROM pg_settings WHERE source = 'command line'"


def table(figures: Sequence[Figure]) -> str:
    """Return a Markdown table that is also readable as it is; notes stand below it."""
    notes: list[str] = []
    rows = [HEADER, *(_row(figure, notes) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, _line(tuple("-" * width for width in widths), widths))
    return "\n".join([*lines, "", *notes])


def _row(figure: Figure, notes: list[str]) -> tuple[str, ...]:
    mark = ""
    if figure.note:
        notes.append(f"{len(notes) + 1}. {figure.note}")
        mark = f" ({len(notes)})"
    return (
        figure.name + mark,
        amount(figure.ours, figure.unit) + _spread(figure.our_runs, figure.unit),
        "–"
        if figure.floor is None
        else f"{amount(figure.floor, figure.unit)}{_spread(figure.floor_runs, figure.unit)}"
        f" {figure.floor_name}",
        "–" if figure.ratio is None else f"{figure.ratio:.2f} ×",
        "–" if figure.goal is None else bound(figure.goal, figure.unit),
        {True: "yes", False: "NO", None: "–"}[figure.met],
    )


def amount(value: float, unit: str) -> str:
    """Return a number with its unit."""
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def bound(goal: Goal, unit: str) -> str:
    """Return a goal as a comparison."""
    sign = "≥" if goal.at_least else "≤"
    return f"{sign} {goal.bound:g} " + (unit if goal.of == "ours" else "×")


def _spread(runs: Sequence[float], unit: str) -> str:
    if len(runs) < 2:
        return ""
    low, high = (amount(value, "").strip() for value in (min(runs), max(runs)))
    return f" ({low}–{high})"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def as_json(bench: Bench, figures: Sequence[Figure], seconds: float) -> dict[str, Any]:
    """Return everything that was measured, and on what; times are in seconds, memory in MB."""
    return {
        "finished_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(seconds),
        "rows": bench.scale.rows,
        "rounds": bench.scale.rounds,
        "machine": _machine(),
        "postgres": _postgres(bench),
        "figures": [_figure(figure) for figure in figures],
        "curve": [
            {"stored": point.stored, "rows_per_second": round(point.rows_per_second)}
            for point in bench.curve
        ],
    }


def _machine() -> dict[str, Any]:
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "python": sys.version.split()[0],
    }


def _postgres(bench: Bench) -> dict[str, Any]:
    with bench.connect() as connection:
        ((version,),) = connection.execute("SHOW server_version").fetchall()
        settings = connection.execute(SETTINGS).fetchall()
    hidden = {"port", "data_directory", "listen_addresses", "unix_socket_directories"}
    return {
        "version": version,
        "settings": {name: value for name, value in sorted(settings) if name not in hidden},
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "group": figure.group,
        "name": figure.name,
        "unit": figure.unit,
        "ours": figure.ours,
        "our_runs": list(figure.our_runs),
        "floor": figure.floor,
        "floor_runs": list(figure.floor_runs),
        "floor_name": figure.floor_name or None,
        "ratio": figure.ratio,
        "goal": None if figure.goal is None else bound(figure.goal, figure.unit),
        "met": figure.met,
        "note": figure.note or None,
    }
