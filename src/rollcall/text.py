"""The rules for texts, one for the API and for imports."""

from __future__ import annotations

# One limit for every text, whether it comes from a file or from a request.
MAX_TEXT_CHARACTERS = 10_000
BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
# What nobody sees and programs put around what they copy: soft hyphens, joiners, marks of
# direction, the BOM.
INVISIBLE = "\u00ad" + "".join(
    map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF])
)
AROUND = BLANKS + INVISIBLE


def strip_cell(text: str) -> str:
    """Return a text without the blanks and invisible characters around it, in any mixture."""
    return text.strip(AROUND)


def check_text(text: str) -> str:
    """Return a text that the database can store.

    Raises:
        ValueError: saying what is wrong with it.
    """
    if "\x00" in text:
        raise ValueError("it must not contain a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("it must not contain a lone surrogate")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise ValueError(f"it must have at most {MAX_TEXT_CHARACTERS} characters")
    return text
