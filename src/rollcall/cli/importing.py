"""`rollcall import`: a file goes to any Rollcall server, over its API."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rollcall.imports.options import OPTIONS, Option

File = Annotated[Path | None, typer.Argument(help="The file to import.")]
Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN",
        help="The column of email, first_name, last_name, full_name (which is split in two) or"
        " unsubscribed; no other column is read then but those of --property. Without any, what the"
        " server suggests is shown, and imported if you agree.",
    ),
]
Properties = Annotated[
    list[str] | None,
    typer.Option(
        "--property",
        metavar="KEY=COLUMN[:TYPE]",
        help="A column for a custom property: string (if none is said), number or boolean.",
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option(
        metavar=".|,", help="What stands before the fraction of numbers; a point if not said."
    ),
]
UnsubscribedWhen = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORD",
        help="Who has this in the column of unsubscribed has unsubscribed, and nobody else.",
    ),
]
UnsubscribedWhenNotEmpty = Annotated[
    bool,
    typer.Option(
        "--unsubscribed-when-not-empty",
        help="Who has anything in the column of unsubscribed has unsubscribed.",
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Import as the server suggests, without a question.")
]
Watch = Annotated[
    bool, typer.Option("--watch/--no-watch", help="Wait for the end, showing the counts.")
]
Follow = Annotated[
    str | None, typer.Option(metavar="ID", help="Watch an import that was started before.")
]
Url = Annotated[str | None, typer.Option(envvar="ROLLCALL_URL", help="The server's address.")]
Key = Annotated[
    str | None,
    typer.Option(envvar="ROLLCALL_API_KEY", help="An API key; the variable keeps it unseen."),
]
Failures = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH", help="Where failed rows are saved; FILE.failures.csv if not said."
    ),
]


class StatusCommand(TyperCommand):
    """A command whose status 2 has a meaning of its own, so that a wrong option is status 1."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "exit_code", None) == 2:
                error.exit_code = 1  # type: ignore[attr-defined]
            raise


def _with_import_options(command: Callable[..., None]) -> Callable[..., None]:
    """Replace a command's parameter `options` by one for each option that an import can have.

    The command gets them as a dictionary, by the names of their form fields.
    """
    signature = inspect.signature(command, eval_str=True)
    asked = list(_parameters())

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        options = {parameter.name: given.pop(parameter.name) for parameter in asked}
        command(**given, options=options)

    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        parameters += asked if parameter.name == "options" else [parameter]
    with_options.__annotations__ = {each.name: each.annotation for each in parameters}
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return with_options


def _parameters() -> Iterator[inspect.Parameter]:
    for option in OPTIONS.values():
        # What takes JSON and cannot be given piece by piece has options of its own.
        if option.words or option.field.metavar:
            kind, default, flag = _describe(option)
            shown = typer.Option(
                flag,
                metavar=option.field.metavar,
                help=option.field.help or option.field.description,
            )
            yield inspect.Parameter(
                option.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=default,
                annotation=Annotated[kind, shown],
            )


def _describe(option: Option) -> tuple[Any, Any, str]:
    """Return the type of an option's value here, its default and how it is written.

    A default of None leaves it to the server.
    """
    flag = option.field.flag or f"--{option.name.replace('_', '-')}"
    if option.kind is bool:
        can_be_denied = option.default is True
        return bool | None, None, f"{flag}/--no-{flag[2:]}" if can_be_denied else flag
    if option.words:
        return option.kind, option.default, flag
    if option.field.read is not None:
        return str | None, None, flag
    return list[str] | None, None, flag


@_with_import_options
def import_file(  # noqa: PLR0913  (an option each)
    *,
    file: File = None,
    maps: Maps = None,
    properties: Properties = None,
    decimal: Decimal = None,
    unsubscribed_when: UnsubscribedWhen = None,
    unsubscribed_when_not_empty: UnsubscribedWhenNotEmpty = False,
    yes: Yes = False,
    options: dict[str, Any],
    watch: Watch = True,
    follow: Follow = None,
    url: Url = None,
    key: Key = None,
    failures: Failures = None,
) -> None:
    """Import a file into any Rollcall server, over its API.

    The exit status is 0 if all rows are in, 2 if some failed, 1 if the import failed or could
    not be made.
    """
    from rollcall.client.command import FormOptions, ImportCommand
    from rollcall.client.importing import run_import

    form = FormOptions(
        maps=maps or (),
        properties=properties or (),
        others=options,
        decimal=decimal,
        unsubscribed_words=unsubscribed_when or (),
        is_unsubscribed_unless_empty=unsubscribed_when_not_empty,
    )
    places: dict[str, Any] = {"url": url, "key": key, "file": file, "failures": failures}
    how: dict[str, Any] = {"follow": follow, "watch": watch, "yes": yes}
    sys.exit(run_import(ImportCommand(options=form, **places, **how)))
