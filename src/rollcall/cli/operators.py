"""`rollcall storage …`, and what the commands of those who run the service have in common.

As in `cli`, what a command needs is imported inside it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    import psycopg

storage = typer.Typer(help="Where uploaded files are.", no_args_is_help=True)


@storage.command("adopt")
def adopt_storage() -> None:
    """Make the storage of the settings the one that belongs to the database.

    For when it was replaced on purpose. One that was moved or restored as a whole has its marker,
    the folder `.rollcall`, and needs no command.
    """
    from rollcall.config import load_settings
    from rollcall.storage.guard import adopt
    from rollcall.storage.objects import Storage

    settings = load_settings()
    with connection_of(settings.psycopg_dsn) as connection:
        marker = adopt(connection, Storage(settings.storage_url))
    typer.echo(f"The storage belongs to the database now; its marker is {marker}.")


@contextmanager
def connection_of(dsn: str) -> Iterator[psycopg.Connection]:
    """Connect, and tell a person what the database or the storage says in the place of errors."""
    import psycopg

    from rollcall.database.connections import connect
    from rollcall.storage.stored_file import StorageError

    try:
        with connect(dsn, "rollcall-command", {}) as connection:
            yield connection
    except psycopg.errors.UndefinedTable:
        fail("The database has no tables yet, or old ones; run `rollcall migrate` first.")
    except psycopg.Error as error:
        fail(f"The database refuses: {error}")
    except StorageError as error:
        fail(f"The storage refuses: {error.reason}")


@contextmanager
def database_errors() -> Iterator[None]:
    """Show what the database says, not the calls that led there."""
    from psycopg.errors import UndefinedTable
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, UndefinedTable):
            fail("The database has no tables yet; run `rollcall migrate` first.")
        fail(f"The database refuses: {error.orig}")


def fail(message: str, *, status: int = 1) -> NoReturn:
    """End the program with a message for a person."""
    typer.echo(message, err=True)
    sys.exit(status)
