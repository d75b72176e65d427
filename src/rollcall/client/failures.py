"""The file that the failed rows are saved in."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import BinaryIO

from rollcall.client.api import Api
from rollcall.client.errors import ClientError


def save_failures(api: Api, import_id: str, wanted: Path) -> Path | None:
    """Save all failed rows of an import; return where, or None if the server has none to give.

    A file that is there already is never written to: the new one gets a number.

    Raises:
        ClientError: they cannot be fetched or written; no part of a file is left.
    """
    try:
        path, target = _create(wanted)
        with target, ExitStack() as undo:
            undo.callback(path.unlink)
            if not api.save_failures(import_id, target):
                return None
            target.flush()
            undo.pop_all()
    except OSError as error:
        raise ClientError(f"The failed rows cannot be saved: {error}.") from None
    return path


def _create(wanted: Path) -> tuple[Path, BinaryIO]:
    for number in count(1):
        suffix = "" if number == 1 else f"-{number}"
        path = wanted.with_name(f"{wanted.stem}{suffix}{wanted.suffix}")
        try:
            return path, path.open("xb")
        except FileExistsError:
            continue
    raise AssertionError
