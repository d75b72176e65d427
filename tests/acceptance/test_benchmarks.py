"""The benchmarks at a tiny size: every count right, every figure there; no time is looked at."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Of each group a figure that only this group has.
GROUPS = {
    "imports": "the same file again, nothing changed",
    "fairness": "4 imports of 500 rows by 4 teams at once",
    "memory": "worker peak memory, file of 0.4 MB",
    "upload": "upload of 0.4 MB",
    "size": "rows/s into a table of 20 k contacts",
    "reads": "page 20 against page 1, slowest list",
}


@pytest.mark.slow
def test_every_figure_is_measured_and_every_count_right(tmp_path: Path) -> None:
    output = tmp_path / "result.json"
    command = [sys.executable, "-m", "benchmarks", "--rows", "2000", "--output", str(output)]
    done = subprocess.run(
        [*command, "--data-dir", str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(output.read_text())
    figures = {figure["name"]: figure for figure in result["figures"]}
    assert {figures[name]["group"]: name for name in GROUPS.values()} == GROUPS
    assert all(figure["ours"] > 0 for figure in figures.values())
    assert all((figure["goal"] is None) == (figure["met"] is None) for figure in figures.values())
    assert all(name in done.stdout for name in figures)
    assert len(figures["the same file again, nothing changed"]["floor_runs"]) == 3
    stored = [point["stored"] for point in result["curve"]]
    assert (stored[:2], stored[-2:]) == ([0, 2_000], [20_000, 0])
    assert ET.parse(output.with_suffix(".svg")).getroot().tag.endswith("svg")
    # Nothing of the servers and the files is left.
    assert {path.name for path in tmp_path.iterdir()} == {"result.json", "result.svg"}


def test_an_unknown_group_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--only", "imports,typo"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "there is no group typo" in done.stderr
