"""`rollcall imports …`: imports of all teams, for those who run the service.

As in `cli`, what a command needs is imported inside it.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from rollcall.cli.operators import database_errors, fail

if TYPE_CHECKING:
    from rollcall.imports.models import ContactImport

imports = typer.Typer(help="Imports of all teams.", no_args_is_help=True)

ImportId = Annotated[str, typer.Argument(metavar="ID", help="The import's id.")]
TeamName = Annotated[
    str | None, typer.Option("--team", help="The name of its team; if not said, any team's.")
]
Result = TypeVar("Result")
# What only those who run the service are told.
INNER = ("lane", "size", "object_key", "lease_owner", "lease_expires_at", "claimed_at", "position")


@imports.command("list")
def list_imports(
    team: Annotated[str | None, typer.Option(help="Only imports of the team of this name.")] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(help="Only such: queued, in_progress, completed, failed; several times."),
    ] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=10_000)] = 20,
) -> None:
    """List imports, the newest first."""
    from rollcall.config import load_settings
    from rollcall.imports.control import operators
    from rollcall.imports.kinds import ImportStatus

    try:
        statuses = [ImportStatus(each) for each in status or ImportStatus]
    except ValueError:
        wanted = ", ".join(ImportStatus)
        raise typer.BadParameter(f"has to be one of {wanted}", param_hint="--status") from None
    asked = operators.list_all(load_settings(), team=team, statuses=statuses, limit=limit)
    for name, row in _run(asked):
        typer.echo(_line(name, row))


def _line(team: str, row: ContactImport) -> str:
    counts = f"{row.total:>9} rows, {row.failed} failed"
    why = f"  {row.error_code}" if row.error_code else ""
    dry = "  dry run" if row.dry_run else ""
    created = row.created_at.isoformat(sep=" ", timespec="seconds")
    return f"{row.id}  {created}  {row.status:<11}  {counts}{why}{dry}  {team}"


@imports.command("show")
def show_import(import_id: ImportId, team: TeamName = None) -> None:
    """Show an import as JSON: what its team sees of it, and what is behind that."""
    from rollcall.config import load_settings
    from rollcall.imports.control import operators
    from rollcall.imports.schemas import show_import as as_shown

    name, row = _run(operators.show(load_settings(), _read_id(import_id), team))
    behind = {field: getattr(row, field) for field in INNER}
    attempts = {"attempts": row.attempts, "crashes": row.crashes, "losses": row.losses}
    shown = {
        **as_shown(row).model_dump(mode="json", by_alias=True),
        "team": name,
        "operation": {**behind, **attempts, "is_suspect": row.is_suspect},
    }
    typer.echo(json.dumps(shown, indent=2, default=str, ensure_ascii=False))


@imports.command("retry")
def retry_import(import_id: ImportId, team: TeamName = None) -> None:
    """Run an import again that has failed, from behind the last row that was committed."""
    from rollcall.config import load_settings
    from rollcall.imports.control.operators import retry

    id_ = _read_id(import_id)
    _run(retry(load_settings(), id_, team))
    typer.echo(f"Import {id_} is queued again.")


@imports.command("fail")
def fail_import(import_id: ImportId, team: TeamName = None) -> None:
    """End an import that is queued, waits or runs; what it has imported stays."""
    from rollcall.config import load_settings
    from rollcall.imports.control import operators

    id_ = _read_id(import_id)
    has_ended = _run(operators.fail(load_settings(), id_, team))
    when = "has ended" if has_ended else "ends after the batch at work"
    typer.echo(f"Import {id_} {when}; its error is `cancelled`.")


def _read_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise typer.BadParameter("is no import's id", param_hint="ID") from None


def _run(asked: Coroutine[Any, Any, Result]) -> Result:
    """Ask the database; what it or Rollcall refuses ends the program with a sentence."""
    from rollcall.errors import RollcallError

    try:
        with database_errors():
            return asyncio.run(asked)
    except RollcallError as error:
        fail(error.message)
