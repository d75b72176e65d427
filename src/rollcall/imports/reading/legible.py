"""Whether the head of a file is text that can be shown to somebody, or is anything else."""

from __future__ import annotations

import unicodedata

# Escape is part of some East Asian encodings, and Ctrl-Z ended the files of DOS.
_USUAL_CONTROLS = b"\t\n\v\f\r\x1a\x1b"
_CONTROLS = bytes(set(range(32)) - set(_USUAL_CONTROLS)) + b"\x7f"
SAMPLE_BYTES = 4096
# Of random bytes one in ten is a control character. A slip in a header is one among many letters.
MAX_CONTROLS = 0.08
MAX_CONTROLS_AMONG_OTHERS = 0.02
# A header in a legacy encoding consists of letters for the most part; random bytes do to a half.
MIN_LEGIBLE = 0.75
_PUNCTUATION = frozenset(" ,;\t|\r\n\"'-_.:/@()+#*")


def is_legible(head: bytes, encoding: str) -> bool:
    """Tell whether a file is text, from its first bytes and the encoding that was found for it.

    Meant for files that have no e-mail column: some bytes that are no text are taken for text.
    """
    sample = head[:SAMPLE_BYTES]
    if encoding.startswith("utf-16"):
        sample = sample.decode(encoding, "replace").encode()
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > MAX_CONTROLS * len(sample):
        return False
    if encoding.startswith("utf"):
        return True
    first_lines = sample[:512].decode(encoding, "replace")
    # In some scripts vowels are marks on letters.
    legible = sum(
        c.isalnum() or c in _PUNCTUATION or unicodedata.category(c) == "Mn" for c in first_lines
    )
    return controls <= MAX_CONTROLS_AMONG_OTHERS * len(sample) and legible >= MIN_LEGIBLE * len(
        first_lines
    )
