"""The HTTP server of the API: one process, or several that share a port."""

from __future__ import annotations

import math
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from rollcall.config import Settings
from rollcall.imports.backlog import look_up_backlog
from rollcall.metrics.serving import serving_metrics

APP = "rollcall.api.app:create_process_app"
# Longer than the minute for which proxies usually keep an idle connection, so that it is not this
# side that closes one just as the next request is on its way.
KEEP_ALIVE_SECONDS = 75
# For what is cut off when the time to stop is up: to answer, and to delete what it had stored.
CUT_OFF_SECONDS = 5


def run_server(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve the API until this process is told to stop."""
    options: dict[str, Any] = {
        "factory": True,
        "host": host,
        "port": port,
        "workers": workers,
        "http": "rollcall.web.http_protocol:HttpProtocol",
        # Its own loggers then write in the form of all the others.
        "log_config": None,
        "access_log": False,
        "server_header": False,
        # There is nothing to talk to over a WebSocket.
        "ws": "none",
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": math.ceil(settings.api_shutdown_seconds + CUT_OFF_SECONDS),
    }
    several = workers > 1
    with serving_metrics(settings, lambda: look_up_backlog(settings), for_others=several):
        if several:
            config = uvicorn.Config(APP, **options)
            _Processes(config, sockets=[config.bind_socket()]).run()
        else:
            uvicorn.run(APP, **options)


class _Processes(Multiprocess):
    """Processes that listen on one socket, which this one has opened and holds too."""

    def terminate_all(self) -> None:
        """Tell all processes to stop, and let nobody connect any more."""
        super().terminate_all()
        # While the processes end their requests, the kernel would still take connections for this
        # one, which answers none.
        for listener in self.sockets:
            listener.close()
