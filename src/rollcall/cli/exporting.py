"""`rollcall export`: contacts as a file, from any Rollcall server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rollcall.cli.importing import Key, Url

File = Annotated[Path, typer.Argument(help="Where the contacts are saved, as CSV.")]
Segment = Annotated[
    str | None, typer.Option(metavar="ID", help="Only contacts in the segment with this id.")
]
Topic = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Only contacts who are subscribed to the topic with this id."),
]
Unsubscribed = Annotated[
    bool | None,
    typer.Option(
        "--unsubscribed/--no-unsubscribed",
        help="Only contacts who have unsubscribed, or only those who have not.",
    ),
]


def export_file(
    *,
    file: File,
    segment: Segment = None,
    topic: Topic = None,
    unsubscribed: Unsubscribed = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Save contacts as a file that an import takes again, from any Rollcall server."""
    from rollcall.client.exporting import run_export

    said = {
        "segment_id": segment,
        "topic_id": topic,
        "unsubscribed": None if unsubscribed is None else str(unsubscribed).lower(),
    }
    query = {name: value for name, value in said.items() if value is not None}
    sys.exit(run_export(file, url, key, query))
