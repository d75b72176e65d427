"""`rollcall dev` and `rollcall services`: everything on one machine, started and stopped as one."""

from __future__ import annotations

import asyncio
import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import typer
from sqlalchemy.exc import DBAPIError

from rollcall.api_keys.operators import create_key
from rollcall.api_keys.queries import TokenTaken
from rollcall.config import ConfigError, Settings, load_settings
from rollcall.dashboard.door.links import create_link
from rollcall.database.migrate import upgrade
from rollcall.embedded import EmbeddedError, EmbeddedServices
from rollcall.embedded.accounts import write_private
from rollcall.embedded.processes import spawn, stop
from rollcall.program import program

TEAM = "Development"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_PATIENCE = 20.0
READY_PATIENCE = 60.0
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class DevOptions:
    """What `rollcall dev` was asked for."""

    host: str
    port: int
    data_dir: Path
    api_key: str | None

    @property
    def reachable_host(self) -> str:
        """An address that this machine can call when the server listens on all of them."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    @property
    def url(self) -> str:
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


class DevError(Exception):
    """Something did not start, or ended by itself; the message says what."""


def run_dev(options: DevOptions) -> int:
    """Run everything until a stop signal; return the exit status."""
    return _run(lambda parts: _start_dev(options, parts))


def run_services(data_dir: Path) -> int:
    """Run PostgreSQL and Redis until a stop signal; return the exit status."""
    return _run(lambda parts: _start_services(data_dir, parts))


def _run(start: Callable[[ExitStack], Callable[[], None]]) -> int:
    """Start the parts, check them again and again, and stop them in the reverse order."""
    _let_stop_signals_interrupt()
    try:
        with ExitStack() as parts:
            try:
                check = start(parts)
                while True:
                    check()
                    time.sleep(POLL_SECONDS)
            finally:
                _ignore_stop_signals()
    except KeyboardInterrupt:
        return 0
    except (ConfigError, DevError, EmbeddedError, OSError, TokenTaken) as error:
        typer.echo(f"rollcall: {error}", err=True)
        return 1
    except DBAPIError as error:
        typer.echo(f"rollcall: The database refuses: {error.orig}", err=True)
        return 1


def _let_stop_signals_interrupt() -> None:
    for number in STOP_SIGNALS:
        # `nohup` asks for a life beyond the terminal's.
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(*_: object) -> None:
    # An impatient second Ctrl-C must not cut the orderly end short.
    _ignore_stop_signals()
    typer.echo("Stopping", err=True)
    raise KeyboardInterrupt


def _ignore_stop_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _start_services(data_dir: Path, parts: ExitStack) -> Callable[[], None]:
    services = parts.enter_context(EmbeddedServices(data_dir))
    env_file = data_dir / "env"
    lines = [f"{name}={value}\n" for name, value in services.environment().items()]
    parts.callback(env_file.unlink, missing_ok=True)
    write_private(env_file, "".join(lines))
    typer.echo(f"PostgreSQL and Redis are running; their addresses are in {env_file}.")
    typer.echo("Ctrl-C stops both.")
    return services.keep_running


def _start_dev(options: DevOptions, parts: ExitStack) -> Callable[[], None]:
    _require_free_port(options)
    services = parts.enter_context(EmbeddedServices(options.data_dir))
    os.environ.update(services.environment())
    settings = load_settings()
    upgrade(settings)
    token = _development_key(settings, options)
    listen = ["--host", options.host, "--port", str(options.port)]
    patience = settings.api_shutdown_seconds + STOP_PATIENCE
    children = [
        _start_child("api", listen, parts, patience),
        _start_child("worker", [], parts, STOP_PATIENCE, **_next_port(settings)),
    ]

    def check() -> None:
        services.keep_running()
        for child in children:
            child.check()

    _wait_until_ready(options, check)
    link = asyncio.run(create_link(settings, token))
    typer.echo(_welcome(options, token, f"{options.url}{link}"))
    return check


def _require_free_port(options: DevOptions) -> None:
    """Find out before anything is started, and say what to do."""
    try:
        family, *_, address = socket.getaddrinfo(options.host, options.port)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise DevError(
            f"Cannot listen on {options.host} port {options.port} ({error.strerror});"
            " choose another with --port, or an address of this machine with --host."
        ) from None


def _development_key(settings: Settings, options: DevOptions) -> str:
    """Return the key given on the command line, or the one printed at every earlier start."""
    if options.api_key:
        return asyncio.run(create_key(settings, TEAM, options.api_key))
    file = options.data_dir / "api-key"
    known = file.read_text().strip() if file.exists() else None
    token = asyncio.run(create_key(settings, TEAM, known))
    if token != known:
        write_private(file, f"{token}\n")
    return token


@dataclass(frozen=True)
class _Child:
    """A part of Rollcall in a process of its own, which writes to the same terminal."""

    name: str
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        status = self.process.poll()
        if status is not None:
            raise DevError(f"The {self.name} has ended with status {status}; see above for why.")


def _next_port(settings: Settings) -> dict[str, str]:
    """Return where a second process on this machine tells its metrics, if any does."""
    port = settings.metrics_port
    return {"ROLLCALL_METRICS_PORT": str(port + 1)} if port else {}


def _start_child(
    name: str, arguments: Sequence[str], parts: ExitStack, patience: float, **environment: str
) -> _Child:
    command = [sys.executable, "-m", "rollcall", name, *arguments]
    process = spawn(command, env={**os.environ, **environment})
    parts.callback(stop, process, patience=patience)
    return _Child(name, process)


def _wait_until_ready(options: DevOptions, check: Callable[[], None]) -> None:
    deadline = time.monotonic() + READY_PATIENCE
    while not _is_ready(options):
        check()
        if time.monotonic() > deadline:
            raise DevError(f"The api is not ready after {READY_PATIENCE:.0f} seconds.")
        time.sleep(POLL_SECONDS / 4)


def _is_ready(options: DevOptions) -> bool:
    connection = http.client.HTTPConnection(options.reachable_host, options.port, timeout=10)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/readyz")
        ready = connection.getresponse().status == 200
        connection.close()
        return ready
    connection.close()
    return False


def _welcome(options: DevOptions, token: str, link: str) -> str:
    imports = f"{options.url}/contacts/imports"
    key = shlex.quote(f"Authorization: Bearer {token}")
    csv = r"'email,first_name\nada@example.com,Ada\n'"
    return f"""
Rollcall is running. Open the dashboard; this link signs you in, once:

  {link}

Later {options.url} is enough. For programs:

  URL      {options.url}
  API key  {token}
  Data     {options.data_dir}

Import a file from here; with --map email=COLUMN unless its column is called email:

  export ROLLCALL_URL={options.url} ROLLCALL_API_KEY={shlex.quote(token)}
  {program()} import contacts.csv

Import a line without any file:

  printf {csv} | curl -sS {imports} -H {key} -F 'file=@-;filename=contacts.csv'

Watch it:

  curl -sS {imports} -H {key}

Ctrl-C stops everything.
"""
