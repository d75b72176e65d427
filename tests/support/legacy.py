"""What detection says of bytes that are no UTF-8, without asking whether they are."""

from __future__ import annotations

from rollcall.imports.reading import legacy


def detect_legacy(data: bytes) -> str:
    """Return the codec for the lines of a small file that have bytes above 127."""
    lines = [line for line in data.splitlines() if not line.isascii()]
    return legacy.detect_legacy(lines, mac_lines=b"\r" in data and b"\n" not in data)
