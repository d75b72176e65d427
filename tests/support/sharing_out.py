"""The order of tests that several processes share out: what takes long is begun early, everywhere.

Each process begins with a part of the list as it is, and whoever is done takes from the end of what
another has left. So every part begins with tests of whole processes and ends with short ones, which
a process that waits for its last test is not missed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

# What starts with none of these is short.
LONG = ("tests/browser/", "tests/faults/", "tests/acceptance/", "tests/migrations/")
SHORTER = ("tests/integration/",)
# Tests that have servers or a browser in common, as long as they follow each other.
TOGETHER = ("tests/browser/", "tests/faults/", "tests/acceptance/outages/")


def share_out(names: Sequence[str], processes: int) -> list[int]:
    """Return the places of tests in a better order, where `names` are their ids."""
    files = [list(places) for _, places in groupby(range(len(names)), lambda i: _group(names[i]))]
    first = [file for file in files if names[file[0]].startswith(LONG)]
    second = [file for file in files if names[file[0]].startswith(SHORTER)]
    rest = [file for file in files if not names[file[0]].startswith((*LONG, *SHORTER))]
    parts: list[list[int]] = [[] for _ in range(processes)]
    for number, file in enumerate([*first, *second]):
        parts[number % processes].extend(file)
    short = [place for file in rest for place in file]
    order: list[int] = []
    for number, part in enumerate(parts):
        left = len(names) - len(order)
        missing = max(0, left // (processes - number) - len(part))
        order += part + short[:missing]
        del short[:missing]
    return order + short


def _group(name: str) -> str:
    return next(
        (folder for folder in TOGETHER if name.startswith(folder)), name.split("::", maxsplit=1)[0]
    )
