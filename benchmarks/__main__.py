"""Measure the product on servers of its own, and print, store and draw what came out.

`make bench` does it for 1,000,000 contacts, `make bench QUICK=1` for a tenth of that.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import chart, report
from benchmarks.bench import Bench, start
from benchmarks.figure import Figure, WrongResult
from benchmarks.figures import GROUPS
from benchmarks.scale import Scale

FULL_ROWS, QUICK_ROWS = 1_000_000, 100_000
FULL_ROUNDS = 3
MIN_ROWS = 1_000
RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen groups of figures; a result that is wrong ends it with status 1."""
    options = _parser().parse_args(arguments)
    rows = options.rows or (QUICK_ROWS if options.quick else FULL_ROWS)
    rounds = options.rounds or (FULL_ROUNDS if rows >= FULL_ROWS else 1)
    output: Path = options.output or RESULTS / ("quick.json" if options.quick else "full.json")
    started = time.monotonic()
    try:
        with start(Scale(rows=rows, rounds=rounds), options.data_dir) as bench:
            figures = _measure(bench, options.only)
            result = report.as_json(bench, figures, time.monotonic() - started)
    except WrongResult as wrong:
        raise SystemExit(f"Wrong: {wrong}") from wrong
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    picture = output.with_suffix(".svg")
    chart.draw(figures, bench.curve, picture)
    print(report.table(figures))
    print(f"\n{result['seconds']} seconds in all; written to {output} and {picture}")


def _measure(bench: Bench, groups: Sequence[str]) -> list[Figure]:
    figures = []
    for group in groups:
        for figure in GROUPS[group](bench):
            bench.say(f"    {figure.name}: {report.amount(figure.ours, figure.unit)}")
            figures.append(figure)
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, one round")
    parser.add_argument("--rows", type=_rows, help="rows of the main figure; all else follows")
    parser.add_argument("--rounds", type=int, help="how often the main figures are measured")
    parser.add_argument(
        "--only", type=_groups, default=list(GROUPS), help=f"of {', '.join(GROUPS)}: some, by comma"
    )
    parser.add_argument("--output", type=Path, help="the JSON file; the picture goes beside it")
    parser.add_argument("--data-dir", type=Path, help="where servers and files are, while it runs")
    return parser


def _rows(text: str) -> int:
    rows = int(text)
    if rows < MIN_ROWS:
        raise argparse.ArgumentTypeError(f"at least {MIN_ROWS}")
    return rows


def _groups(text: str) -> list[str]:
    chosen = text.split(",")
    unknown = [group for group in chosen if group not in GROUPS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no group {unknown[0]}")
    return [group for group in GROUPS if group in chosen]


if __name__ == "__main__":
    main()
