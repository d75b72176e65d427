"""Metrics: what is counted, kept and handed over, without a process of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import prometheus_client as prometheus
import pytest

from rollcall.config import ConfigError, Settings
from rollcall.metrics import catalogue
from rollcall.metrics.exporter import LookedUp, PrometheusRecorder
from rollcall.metrics.ledger import OBSERVATIONS, Ledger, replay
from rollcall.metrics.recording import Counter, Metric, Sample, install, is_recording
from rollcall.metrics.serving import serving_metrics
from tests.support.documents import ROOT
from tests.support.ports import free_port

# Nothing with which the numbers would grow as the users do, or which is nobody's business.
ALLOWED_LABELS = {"method", "route", "status", "lane", "state", "reason", "dry_run", "outcome"}


@pytest.fixture
def registry() -> Iterator[prometheus.CollectorRegistry]:
    registry = prometheus.CollectorRegistry()
    install(PrometheusRecorder(registry))
    yield registry
    install(None)


def value(registry: prometheus.CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


def test_what_is_counted_without_a_recorder_goes_nowhere() -> None:
    assert not is_recording()
    catalogue.ROWS.add(3, outcome="created", dry_run="false")
    catalogue.BATCH_SECONDS.observe(1.0)
    catalogue.POOL_LIMIT.set(1)


def test_sums(registry: prometheus.CollectorRegistry) -> None:
    catalogue.ROWS.add(3, outcome="created", dry_run="false")
    catalogue.ROWS.add(4, outcome="created", dry_run="false")
    catalogue.BATCH_SECONDS.observe(0.2)
    catalogue.POOL_CONNECTIONS.set(2, state="in_use")
    assert value(registry, "rollcall_rows_total", outcome="created", dry_run="false") == 7
    assert value(registry, "rollcall_batch_seconds_count") == 1
    assert value(registry, "rollcall_pool_connections", state="in_use") == 2


def test_what_is_known_to_come_is_there_before_it_comes(
    registry: prometheus.CollectorRegistry,
) -> None:
    labels = {"status": "failed", "reason": "worker_crashed", "dry_run": "false"}
    assert value(registry, "rollcall_imports_ended_total", **labels) == 0


def test_a_child_hands_over_what_it_has_counted(registry: prometheus.CollectorRegistry) -> None:
    ledger = Ledger()
    ledger.add(catalogue.ROWS, 5, {"outcome": "failed", "dry_run": "true"})
    ledger.add(catalogue.ROWS, 2, {"outcome": "failed", "dry_run": "true"})
    ledger.observe(catalogue.BATCH_SECONDS, 0.5, {})
    ledger.set(catalogue.POOL_LIMIT, 9, {})
    replay(ledger.as_line())
    assert value(registry, "rollcall_rows_total", outcome="failed", dry_run="true") == 7
    assert value(registry, "rollcall_batch_seconds_sum") == 0.5
    assert value(registry, "rollcall_pool_limit") == 0


@pytest.mark.parametrize("line", [b"", b'[["rollcall_rows_to'], ids=["none", "half"])
def test_a_child_that_was_killed_hands_over_nothing(line: bytes) -> None:
    replay(line)


def test_what_a_child_hands_over_fits_into_a_pipe() -> None:
    ledger = Ledger()
    for _ in range(3 * OBSERVATIONS):
        ledger.observe(catalogue.BATCH_SECONDS, 1 / 3, {})
        ledger.add(catalogue.ROWS, 20_000, {"outcome": "created", "dry_run": "true"})
    assert len(ledger.as_line()) < 32 * 1024


def test_what_is_looked_up_is_looked_up_when_somebody_asks() -> None:
    asked: list[None] = []

    def look_up() -> list[Sample]:
        asked.append(None)
        labels = {"lane": "small", "state": "queued"}
        return [Sample(gauge=catalogue.BACKLOG_IMPORTS, value=4, labels=labels)]

    registry = prometheus.CollectorRegistry()
    registry.register(LookedUp(look_up))
    assert not asked
    assert value(registry, "rollcall_backlog_imports", lane="small", state="queued") == 4
    assert asked


def test_no_label_tells_of_a_team_or_a_contact() -> None:
    assert {label for metric in catalogue.CATALOGUE for label in metric.labels} <= ALLOWED_LABELS


def test_the_catalogue_has_every_metric_once_and_under_the_names_that_prometheus_wants() -> None:
    defined = [each for each in vars(catalogue).values() if isinstance(each, Metric)]
    assert [id(each) for each in defined] == [id(each) for each in catalogue.CATALOGUE]
    names = [metric.name for metric in catalogue.CATALOGUE]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"rollcall_[a-z_]+", name) for name in names)
    for metric in catalogue.CATALOGUE:
        assert metric.name.endswith("_total") == isinstance(metric, Counter)


def test_operations_tell_of_every_metric() -> None:
    told = (ROOT / "docs" / "operations.md").read_text()
    assert [each.name for each in catalogue.CATALOGUE if f"`{each.name}`" not in told] == []


def test_a_port_that_is_taken_is_one_line_for_a_person() -> None:
    settings = Settings(
        database_url="postgresql://nowhere/x",
        redis_url="redis://x",
        storage_url="file:///x",
        metrics_port=free_port(),
    )
    with (
        serving_metrics(settings, list),
        pytest.raises(ConfigError, match=r"^ROLLCALL_METRICS_PORT: cannot listen on 127\.0\.0\.1"),
        serving_metrics(settings, list, for_others=True),
    ):
        pass
    assert not is_recording()
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
