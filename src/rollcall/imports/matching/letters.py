"""Letters that are written in several ways, or in another script: read from `letters.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def letters() -> dict[str, dict[str, str]]:
    """Return the tables `alike` and `latin`, each by letter."""
    text = (files(__package__) / "letters.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
