"""`rollcall contacts …`: what is known of one person, and its erasure, for who runs the service.

As in `cli`, what a command needs is imported inside it.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from rollcall.cli.operators import connection_of, fail

contacts = typer.Typer(help="One person, in all that is kept of a team.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's e-mail address.")]
TeamName = Annotated[str, typer.Option("--team", help="The name of the team.")]


@contacts.command("export")
def export(email: Email, team: TeamName) -> None:
    """Print all that is kept of a person, as JSON."""
    from rollcall.config import load_settings
    from rollcall.errors import RollcallError
    from rollcall.persons import known
    from rollcall.storage.objects import Storage

    settings = load_settings()
    try:
        with connection_of(settings.psycopg_dsn) as connection:
            person = known.find_person(connection, team, email)
            found = known.export(connection, Storage(settings.storage_url), person)
    except RollcallError as error:
        fail(error.message)
    typer.echo(json.dumps(found, indent=2, default=str, ensure_ascii=False))


@contacts.command("erase")
def erase(email: Email, team: TeamName) -> None:
    """Erase a person everywhere: the contact, what imports keep, and stored files with the address.

    The exit status is 1 if an import that is not at its end would bring the person back.
    """
    from rollcall.config import load_settings
    from rollcall.errors import RollcallError
    from rollcall.persons import erase as erasing
    from rollcall.persons.known import find_person
    from rollcall.storage.objects import Storage

    settings = load_settings()
    try:
        with connection_of(settings.psycopg_dsn) as connection:
            person = find_person(connection, team, email)
            erasure = erasing.erase(connection, Storage(settings.storage_url), person)
    except RollcallError as error:
        fail(error.message)
    for line in erasure.done or ("nothing: the address is not known",):
        typer.echo(f"erased: {line}")
    for line in erasure.left:
        typer.echo(f"LEFT: {line}; erase again when it has ended, or `rollcall imports fail` it")
    typer.echo("Not erased: logs, backups, and what clients send again.")
    sys.exit(1 if erasure.left else 0)
