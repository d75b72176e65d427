"""The files in `deploy/`: every metric, label, command and setting that they name exists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from rollcall.cli.app import app
from rollcall.config import Settings
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


def units() -> list[Path]:
    return sorted((DEPLOY / "systemd").glob("*.service"))


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """Yield every `rollcall …` that a unit, a manifest or the composition starts, by its place."""
    for unit in units():
        for line in re.findall(r"^ExecStart=\S+/rollcall (.+)$", unit.read_text(), re.MULTILINE):
            yield unit.name, line.split()
    for kind, manifest in manifests():
        for container in containers(manifest):
            yield f"{kind} {manifest['metadata']['name']}", container["args"]
    composition = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    for name, service in composition["services"].items():
        if "build" in service:
            yield f"docker-compose.yml {name}", service["command"]


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    text = (DEPLOY / "kubernetes" / "rollcall.yaml").read_text()
    for manifest in yaml.safe_load_all(text):
        yield manifest["kind"], manifest


def containers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    template = manifest.get("spec", {}).get("template", {})
    found: list[dict[str, Any]] = template.get("spec", {}).get("containers", [])
    return found


@pytest.mark.parametrize(
    ("place", "arguments"), [pytest.param(*each, id=each[0]) for each in command_lines()]
)
def test_what_is_started_is_a_command_with_options_that_it_has(
    place: str, arguments: list[str]
) -> None:
    command: Any = get_command(app)
    started = command.commands[arguments[0]]
    with started.make_context(arguments[0], list(map(str, arguments[1:]))) as context:
        assert context.params is not None, place


@pytest.mark.parametrize("unit", [pytest.param(unit, id=unit.name) for unit in units()])
def test_a_unit_sets_what_is_read_and_gives_time_to_end(unit: Path) -> None:
    text = unit.read_text()
    variables = re.findall(r"\b(ROLLCALL_[A-Z_]+)=", text)
    known = {f"ROLLCALL_{field.upper()}" for field in Settings.model_fields}
    assert set(variables) <= known
    assert "NoNewPrivileges=yes" in text
    sections = re.findall(r"^\[(\w+)\]$", text, re.MULTILINE)
    assert sections[:2] == ["Unit", "Service"]
    for line in text.splitlines():
        assert not line or re.match(r"#|\[\w+\]$|[A-Z]\w*=", line), line
    # A duration that is too short cuts off what the program would have done by itself.
    seconds = {"api": 40, "worker@": 10}
    for part, least in seconds.items():
        if f"rollcall-{part}." in unit.name:
            (given,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
            assert int(given) >= least


def test_manifests_are_of_kinds_that_a_cluster_knows() -> None:
    known = {
        "Job": "batch/v1",
        "Deployment": "apps/v1",
        "Service": "v1",
        "PodDisruptionBudget": "policy/v1",
    }
    found = [(kind, manifest["apiVersion"]) for kind, manifest in manifests()]
    assert all(known[kind] == version for kind, version in found)
    assert {kind for kind, _ in found} == set(known)
    names = [(kind, manifest["metadata"]["name"]) for kind, manifest in manifests()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]{1,63}", name) for _, name in names)


@pytest.mark.parametrize(
    "manifest",
    [pytest.param(m, id=m["metadata"]["name"]) for _, m in manifests() if containers(m)],
)
def test_a_pod_selects_itself_and_may_do_little(manifest: dict[str, Any]) -> None:
    template = manifest["spec"]["template"]
    if manifest["kind"] == "Deployment":
        assert manifest["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
    pod = template["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    volumes = {volume["name"] for volume in pod.get("volumes", ())}
    for container in containers(manifest):
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
        for probe in ("readinessProbe", "livenessProbe"):
            if probe in container:
                assert container[probe]["httpGet"]["port"] in ports
                assert container[probe]["httpGet"]["path"] in ("/readyz", "/healthz")
        said = {each["name"]: each["value"] for each in container.get("env", ())}
        assert all(isinstance(value, str) for value in said.values())
        assert {name.removeprefix("ROLLCALL_").lower() for name in said} <= set(
            Settings.model_fields
        )
        if "ROLLCALL_METRICS_PORT" in said:
            assert int(said["ROLLCALL_METRICS_PORT"]) == ports["metrics"]
        assert {mount["name"] for mount in container.get("volumeMounts", ())} <= volumes
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_a_service_finds_pods_at_a_port_that_they_have() -> None:
    found = dict(manifests())
    pods = [m["spec"]["template"] for _, m in manifests() if m["kind"] == "Deployment"]
    selector = found["Service"]["spec"]["selector"]
    (chosen,) = [pod for pod in pods if pod["metadata"]["labels"] == selector]
    names = {port["name"] for port in chosen["spec"]["containers"][0]["ports"]}
    assert {port["targetPort"] for port in found["Service"]["spec"]["ports"]} <= names
    assert found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == selector
