"""Processes whose clocks are wrong."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from tests.support.product import Process, Product

# Is imported by Python before anything else.
SITE = """
import pathlib
import time
ahead = {ahead}
own, own_ns = time.time, time.time_ns
time.time = lambda: own() + ahead
time.time_ns = lambda: own_ns() + ahead * 1_000_000_000
(pathlib.Path(__file__).parent / "loaded").touch()
"""


def start_ahead(
    product: Product, seconds: int, folder: Path, *arguments: str, **environment: str
) -> Process:
    """Run `rollcall …` with a clock that is so many seconds ahead; a folder is used for that.

    It does not begin as a fork, which has its clock already. The folder has `loaded` from when the
    clock is wrong.
    """
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(SITE.format(ahead=seconds))
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    new = replace(product, program=[sys.executable, "-m", "rollcall"])
    return new.start(*arguments, PYTHONPATH=path, **environment)
