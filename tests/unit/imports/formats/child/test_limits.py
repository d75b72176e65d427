"""How much memory a conversion may have."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from rollcall.imports.formats.child import limits
from rollcall.imports.formats.protocol import FileTooLarge


def test_what_is_in_memory_is_less_than_may_be() -> None:
    # In a process of its own, as a conversion is: that of the tests has much more.
    check = "from rollcall.imports.formats.child import limits; limits.check_memory()"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 4096)
    with pytest.raises(FileTooLarge, match="needs more memory than this server gives"):
        limits.check_memory()


def test_pages_are_counted_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statm = tmp_path / "statm"
    monkeypatch.setattr(limits, "STATUS", statm)
    most = limits.MAX_BYTES // resource.getpagesize()
    statm.write_text(f"999999999 {most} 12 1 0 34 0\n")
    limits.check_memory()
    statm.write_text(f"999999999 {most + 1} 12 1 0 34 0\n")
    with pytest.raises(FileTooLarge):
        limits.check_memory()


def test_where_the_system_does_not_say_the_peak_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STATUS", tmp_path / "missing")
    monkeypatch.setattr(limits, "MAX_BYTES", 2**60)
    limits.check_memory()
    monkeypatch.setattr(limits, "MAX_BYTES", 1)
    with pytest.raises(FileTooLarge):
        limits.check_memory()
