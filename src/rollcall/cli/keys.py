"""`rollcall keys …`: API keys of all teams, for those who run the service.

As in `cli`, what a command needs is imported inside it.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime
from typing import Annotated

import typer

from rollcall.cli.operators import database_errors, fail

keys = typer.Typer(help="API keys of all teams.", no_args_is_help=True)
Token = Annotated[str | None, typer.Option(help="A key of your own: re_ and a long random rest.")]


@keys.command("create")
def create(
    team: Annotated[str, typer.Option(help="The team's name; a new one is made.")],
    token: Token = None,
) -> None:
    """Create an API key and print it; only its hash is kept."""
    from rollcall.api_keys.operators import create_key
    from rollcall.api_keys.queries import TokenTaken
    from rollcall.config import load_settings

    check_token(token, "--token")
    with database_errors():
        try:
            typer.echo(asyncio.run(create_key(load_settings(), team, token)))
        except TokenTaken as error:
            fail(str(error))


@keys.command("list")
def list_keys(
    team: Annotated[str | None, typer.Option(help="Only keys of the team of this name.")] = None,
    revoked: Annotated[bool, typer.Option("--revoked", help="Revoked ones too.")] = False,
) -> None:
    """List API keys, the newest first; a key itself is not known any more."""
    from rollcall.api_keys import operators
    from rollcall.config import load_settings

    with database_errors():
        found = asyncio.run(operators.list_keys(load_settings(), team, revoked=revoked))
    for name, key in found:
        used = f"last used {_date(key.last_used_at)}" if key.last_used_at else "never used"
        state = f"  revoked {_date(key.revoked_at)}" if key.revoked_at else ""
        about = f"{key.id}  created {_date(key.created_at)}  {used}{state}  {key.permission}"
        typer.echo(f"{about}  {name}: {key.name}")


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as in the list.")],
    team: Annotated[str | None, typer.Option(help="The name of its team.")] = None,
) -> None:
    """Revoke an API key: it is refused from the next request on."""
    from rollcall.api_keys.operators import revoke_key
    from rollcall.config import load_settings

    try:
        id_ = uuid.UUID(key_id)
    except ValueError:
        raise typer.BadParameter("is no key's id; see `rollcall keys list`") from None
    with database_errors():
        teams = asyncio.run(revoke_key(load_settings(), id_, team))
    if not teams:
        fail("There is no such key, or it is revoked already.")
    typer.echo(f"The key {id_} of {', '.join(teams)} is revoked.")


def check_token(token: str | None, option: str) -> None:
    """Raise when a key of somebody's own does not look like one."""
    if token is not None and not token.startswith("re_"):
        raise typer.BadParameter("has to start with re_", param_hint=option)


def _date(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(sep=" ", timespec="seconds")
