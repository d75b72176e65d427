"""The catalogue as Prometheus' client library has it. Loaded where `/metrics` is on only."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import prometheus_client as prometheus
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from rollcall.metrics.catalogue import CATALOGUE, LOOKED_UP
from rollcall.metrics.recording import Counter, Gauge, Histogram, Labels, Metric, Sample

# Where several processes leave their numbers for one that shows them; the library's own name.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
GAUGE_FILE = re.compile(r"gauge_live[a-z]+_(\d+)\.db")

LookUp = Callable[[], Iterable[Sample]]


class PrometheusRecorder:
    """Keeps the sums of this process in the library's objects."""

    def __init__(self, registry: prometheus.CollectorRegistry):
        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]
        counted = [metric for metric in CATALOGUE if metric not in LOOKED_UP]
        self._counters = {m.name: _counter(m, registry) for m in counted if isinstance(m, Counter)}
        self._gauges = {m.name: _gauge(m, registry) for m in counted if isinstance(m, Gauge)}
        self._histograms = {
            m.name: _histogram(m, registry) for m in counted if isinstance(m, Histogram)
        }

    def add(self, metric: Counter, amount: float, labels: Labels) -> None:
        counter = self._counters[metric.name]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def set(self, metric: Gauge, value: float, labels: Labels) -> None:
        gauge = self._gauges[metric.name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def observe(self, metric: Histogram, seconds: float, labels: Labels) -> None:
        histogram = self._histograms[metric.name]
        (histogram.labels(**labels) if labels else histogram).observe(seconds)


def _counter(metric: Counter, registry: prometheus.CollectorRegistry) -> prometheus.Counter:
    counter = prometheus.Counter(metric.name, metric.help, metric.labels, registry=registry)
    for labels in metric.known:
        # A number that is there only when it is 1 has never grown, to whoever watches it.
        counter.labels(**labels)
    return counter


def _gauge(metric: Gauge, registry: prometheus.CollectorRegistry) -> prometheus.Gauge:
    # Of processes that share a port, those that live have what there is, together.
    return prometheus.Gauge(
        metric.name, metric.help, metric.labels, registry=registry, multiprocess_mode="livesum"
    )


def _histogram(metric: Histogram, registry: prometheus.CollectorRegistry) -> prometheus.Histogram:
    return prometheus.Histogram(
        metric.name, metric.help, metric.labels, registry=registry, buckets=metric.buckets
    )


class LookedUp(Collector):
    """What belongs to the service as a whole, looked up whenever somebody asks."""

    def __init__(self, look_up: LookUp):
        self._look_up = look_up

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name what there may be, so that nothing is looked up before anybody asks."""
        yield from map(_family, LOOKED_UP)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families = {metric.name: _family(metric) for metric in LOOKED_UP}
        for sample in self._look_up():
            values = [sample.labels[name] for name in sample.gauge.labels]
            families[sample.gauge.name].add_metric(values, sample.value)
        yield from families.values()


def _family(metric: Metric) -> GaugeMetricFamily:
    return GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)


class SharedSums(Collector):
    """The sums of processes that share a folder; what one that died has counted stays counted."""

    def __init__(self) -> None:
        # It would add itself to the registry, and with it the files of those that died.
        self._files = MultiProcessCollector(None)  # type: ignore[no-untyped-call]

    def collect(self) -> Iterator[prometheus.Metric]:
        _forget_the_dead(Path(os.environ[SHARED_FOLDER]))
        yield from self._files.collect()  # type: ignore[no-untyped-call]


def _forget_the_dead(folder: Path) -> None:
    found = [GAUGE_FILE.fullmatch(file.name) for file in folder.iterdir()]
    for process in {int(match[1]) for match in found if match}:
        if not _is_alive(process):
            mark_process_dead(process)  # type: ignore[no-untyped-call]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def listen(host: str, port: int, registry: prometheus.CollectorRegistry) -> Callable[[], None]:
    """Answer on a port in threads of their own; return what ends that.

    Raises:
        OSError: the port cannot be had.
    """
    server, thread = prometheus.start_http_server(port, addr=host, registry=registry)

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close
