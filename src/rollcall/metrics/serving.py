"""`/metrics` on a port of its own, for a process or for several that share their work."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from rollcall.config import ConfigError, Settings
from rollcall.metrics.recording import Sample, install

# The library is loaded inside of functions: it takes a tenth of a second and is off by default.

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def serving_metrics(
    settings: Settings, look_up: Callable[[], Iterable[Sample]], *, for_others: bool = False
) -> Iterator[None]:
    """Keep the sums of this process, and answer with them on the port of the settings, if any.

    Args:
        settings: of the process.
        look_up: finds what belongs to the service as a whole, from any thread.
        for_others: whether it is not this process that has something to count, but those that it
            starts within this context; see `join`.

    Raises:
        ConfigError: the port cannot be had.
    """
    if not settings.metrics_port:
        yield
        return
    with ExitStack() as stack:
        if for_others:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-metrics-"))
            # Before the library is loaded, which looks once.
            os.environ[SHARED_FOLDER] = folder
            stack.callback(os.environ.pop, SHARED_FOLDER, None)
        _listen(settings, look_up, stack, for_others=for_others)
        yield


def _listen(
    settings: Settings,
    look_up: Callable[[], Iterable[Sample]],
    stack: ExitStack,
    *,
    for_others: bool,
) -> None:
    import prometheus_client as prometheus

    from rollcall.metrics import exporter

    registry = prometheus.CollectorRegistry()
    registry.register(exporter.LookedUp(look_up))
    if for_others:
        registry.register(exporter.SharedSums())
    else:
        prometheus.ProcessCollector(registry=registry)
        install(exporter.PrometheusRecorder(registry))
        stack.callback(install, None)
    host, port = settings.metrics_host, settings.metrics_port
    try:
        stack.callback(exporter.listen(host, port, registry))
    except OSError as error:
        raise ConfigError(
            f"ROLLCALL_METRICS_PORT: cannot listen on {host} port {port} ({error.strerror});"
            " each process on a machine needs one of its own"
        ) from None


def join() -> None:
    """Have this process's sums be shown by the one that has started it, if that shows any."""
    if SHARED_FOLDER in os.environ:
        import prometheus_client as prometheus

        from rollcall.metrics import exporter

        install(exporter.PrometheusRecorder(prometheus.CollectorRegistry()))
