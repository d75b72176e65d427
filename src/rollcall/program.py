"""How this program is called on this machine."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def program() -> str:
    """Return what a shell understands as this program, in whatever folder."""
    script = Path(sys.executable).with_name("rollcall")
    if not script.exists():
        return shlex.join([sys.executable, "-m", "rollcall"])
    found = shutil.which("rollcall")
    if found is not None and Path(found) == script:
        return "rollcall"
    # Not relative to this folder: what is printed here may be used in the folder of a file.
    return shlex.quote(str(script))
