"""The files in `deploy/`: every metric, label, command and setting that they name exists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from rollcall.metrics.catalogue import CATALOGUE
from rollcall.metrics.recording import Histogram
from tests.support.documents import ROOT

DEPLOY = ROOT / "deploy"
SELECTOR = re.compile(r"\b(rollcall_\w+)\s*(?:\{([^}]*)\})?")
GROUPING = re.compile(r"\b(?:by|ignoring|without)\s*\(([^)]*)\)")
# What Prometheus adds to everything it reads.
OWN_LABELS = {"job", "instance"}


def labels_of(name: str) -> set[str] | None:
    """Return the labels of a metric as Prometheus stores it, None if there is none of the name."""
    for metric in CATALOGUE:
        if not isinstance(metric, Histogram):
            if name == metric.name:
                return set(metric.labels)
        elif name == f"{metric.name}_bucket":
            return {*metric.labels, "le"}
        elif name in (f"{metric.name}_sum", f"{metric.name}_count"):
            return set(metric.labels)
    return None


def check_expression(expression: str) -> None:
    """Find metrics and labels that do not exist; the grammar is promtool's to know."""
    assert expression.count("(") == expression.count(")"), expression
    known: set[str] = set(OWN_LABELS)
    for name, selector in SELECTOR.findall(expression):
        labels = labels_of(name)
        assert labels is not None, f"there is no metric {name}"
        assert set(re.findall(r"(\w+)\s*=?[=~!]", selector)) <= labels | OWN_LABELS, expression
        known |= labels
    for group in GROUPING.findall(expression):
        assert set(re.findall(r"\w+", group)) <= known, expression


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule["alert"]) for rule in rules()])
def test_an_alert_watches_what_there_is_and_says_what_to_do(rule: dict[str, Any]) -> None:
    check_expression(rule["expr"])
    assert rule["labels"]["severity"] in {"page", "ticket"}
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor == rule["alert"].lower()
    assert f'<a id="{anchor}"></a>{rule["alert"]} |' in (ROOT / page).read_text()


def test_every_alert_that_is_explained_is_one() -> None:
    told = re.findall(r"</a>(\w+) \|", (ROOT / "docs" / "operations.md").read_text())
    assert told == [rule["alert"] for rule in rules()]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana" / "rollcall.json").read_text())
    return found


def expressions() -> Iterator[str]:
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_a_panel_shows_what_there_is(expression: str) -> None:
    check_expression(expression)


def test_the_dashboard_shows_every_metric() -> None:
    shown = " ".join(expressions())
    # Whether the database is there, an alert tells.
    missing = {m.name for m in CATALOGUE if m.name not in shown} - {"rollcall_database_up"}
    assert missing == set()


def test_the_dashboard_has_no_panels_upon_each_other_and_no_data_source_of_ours() -> None:
    taken: set[tuple[int, int]] = set()
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel.get("datasource", {}).get("uid", "${datasource}") == "${datasource}"


def test_an_expression_with_a_mistake_is_found() -> None:
    for wrong in ("rate(rollcall_row_total[5m])", 'rollcall_rows_total{team="x"}'):
        with pytest.raises(AssertionError):
            check_expression(wrong)
