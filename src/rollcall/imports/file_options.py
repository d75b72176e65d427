"""What can be said of a file when it is uploaded, and is found out else: as text, and its value.

Each function raises ValueError that tells what the text has to be.
"""

from __future__ import annotations

from rollcall.imports.encoding_labels import codec_for_label, name_of
from rollcall.wrong_values import quote

DELIMITER_WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", r"\t": "\t", "pipe": "|"}
# As many as a sheet of Excel has.
MAX_ROW = 1_048_576
MAX_SHEET_CHARACTERS = 255
# Controls that some programs separate cells by, although they count as blanks.
_SEPARATORS = "\t\x1c\x1d\x1e\x1f"


def read_encoding(text: str) -> str:
    """Return the name of an encoding of which this is a label."""
    codec = codec_for_label(text)
    if codec is None:
        raise ValueError(
            f"{quote(text)} is no encoding that is known. Send a name such as UTF-8, windows-1250,"
            " Shift_JIS or macintosh"
        )
    return name_of(codec)


def read_delimiter(text: str) -> str:
    """Return the character that is meant."""
    # A tab is a blank itself.
    delimiter = text if len(text) == 1 else text.strip(" \r\n")
    delimiter = DELIMITER_WORDS.get(delimiter.lower(), delimiter)
    if not is_delimiter(delimiter):
        raise ValueError(
            f"{quote(text)} cannot separate cells. Send one character such as ; or one of the words"
            " comma, semicolon, tab and pipe; letters, digits, blanks, quotes and backslashes are"
            " none"
        )
    return delimiter


def is_delimiter(text: str) -> bool:
    """Tell whether a text is one character that can separate cells."""
    if len(text) != 1 or text in '"\\\0\ufeff' or "\ud800" <= text <= "\udfff":
        return False
    return text in _SEPARATORS or not (text.isalnum() or text.isspace())


def read_row(text: str) -> int:
    """Return the number of a row."""
    digits = text.strip().lstrip("0")
    # Python makes no number of too many digits.
    if not (digits.isascii() and digits.isdigit()) or int(digits[:9]) > MAX_ROW:
        raise ValueError(
            f"{quote(text)} is no number of a row. Send the one that a spreadsheet shows, from 1 on"
        )
    return int(digits)


def read_sheet(text: str) -> str:
    """Return the name or the number of a sheet."""
    sheet = text.strip()
    if len(sheet) > MAX_SHEET_CHARACTERS or "\0" in sheet:
        raise ValueError(f"{quote(text)} is no sheet. Send its name, or its number: 1 is the first")
    return sheet
