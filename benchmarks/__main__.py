"""Run the product as processes of its own and print its figures.

`make bench` does it for 1,000,000 contacts, `make bench QUICK=1` for a tenth of that.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psycopg

from benchmarks.data import csv_file
from benchmarks.floor import sorted_binary_copy
from benchmarks.product import Product, Run
from rollcall.embedded import EmbeddedServices


def main() -> None:
    """Measure and print."""
    count = 100_000 if os.environ.get("QUICK") else 1_000_000
    data = csv_file(count)
    print(f"{count:,} contacts, {len(data) / 1e6:.0f} MB", flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedServices(Path(folder)) as services,
        Product(services) as product,
        psycopg.connect(services.database_url, autocommit=True) as connection,
    ):
        floor = sorted_binary_copy(connection, count)
        print(f"{'floor: sorted binary COPY':40s} {floor:7.2f} s")
        connection.execute("CHECKPOINT")
        _show("new contacts", product.run_import(data), floor, (count, 0))
        _show("the same file again", product.run_import(data), floor, (0, count))


def _show(name: str, run: Run, floor: float, expected: tuple[int, int]) -> None:
    if (run.counts["created"], run.counts["updated"]) != expected:
        raise SystemExit(f"{name}: the counts are wrong: {run.counts}")
    print(
        f"{name:40s} {run.seconds:7.2f} s  {run.seconds / floor:5.2f} x floor"
        f"  upload {run.upload_seconds:.2f} s  worker at most {run.worker_bytes / 1e6:.0f} MB"
        f"  slowest GET {run.slowest_get * 1000:.0f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()
