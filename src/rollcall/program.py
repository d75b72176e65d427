"""How this program is called on this machine."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def program() -> str:
    """Return what a shell understands as this program, as short as it can be."""
    script = Path(sys.executable).with_name("rollcall")
    if not script.exists():
        return shlex.join([sys.executable, "-m", "rollcall"])
    found = shutil.which("rollcall")
    if found is not None and Path(found) == script:
        return "rollcall"
    here = Path.cwd()
    return shlex.quote(str(script.relative_to(here) if script.is_relative_to(here) else script))
