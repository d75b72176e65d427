"""What somebody has written about an import."""

from __future__ import annotations

MAX_NOTE_CHARACTERS = 500


def read_note(text: str) -> str | None:
    """Return a note without blanks around it, or None where nothing is left.

    Raises:
        ValueError: saying what it has to be.
    """
    note = "\n".join(text.splitlines()).strip()
    if len(note) > MAX_NOTE_CHARACTERS:
        raise ValueError(f"it may have at most {MAX_NOTE_CHARACTERS} characters")
    if "\0" in note:
        raise ValueError("it has a NUL")
    return note or None
