"""The report adds rounds up, and tells of what was left out."""

from __future__ import annotations

from tests.support.faults.report import Report
from tests.support.faults.rounds import Round, Survived


def test_rounds_are_added_up() -> None:
    report = Report("7", seconds=60)
    report.left_out["disk full"] = "no file system can be mounted"
    for gap in (1.5, 4.25):
        faults = [Survived("worker killed", gap)]
        report.add(Round(survived=faults, imports=10, rows=1500, contacts=700))
    text = "\n".join(report.lines())
    for told in (
        "seed 7: 60 seconds, 2 rounds",
        "imports finished: 20",
        "rows compared with the oracle: 3,000",
        "contacts compared with the oracle: 1,400",
        "differences: 0",
    ):
        assert told in text
    lines = {line[:28].strip(): line[28:].split() for line in report.lines()}
    assert lines["worker killed"] == ["2", "4.2", "s"]
    assert lines["disk full"] == ["0", "no", "file", "system", "can", "be", "mounted"]
    assert lines["all"] == ["2"]


def test_differences_are_told_one_by_one() -> None:
    report = Report("7")
    report.add(Round(differences=["import 1: counts", "file 2"]))
    assert report.lines()[-3:] == ["differences: 2", "  import 1: counts", "  file 2"]
