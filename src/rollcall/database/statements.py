"""Named statements in `.sql` files that stand beside the module that runs them."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import LiteralString, cast

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def load_statements(package: str, file: str) -> dict[str, LiteralString]:
    """Return the statements of a file by their `-- name:`."""
    text = files(package).joinpath(file).read_text()
    _, *parts = _NAME.split(text)
    # The files are part of the program, which is what LiteralString is there to say.
    return {
        name: cast("LiteralString", statement.strip().rstrip(";"))
        for name, statement in zip(parts[::2], parts[1::2], strict=True)
    }
