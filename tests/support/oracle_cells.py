"""What a cell means, for the oracle: one cell at a time, in the slowest and most obvious way."""

import math
import re
import urllib.parse
from dataclasses import dataclass

import idna
from nameparser import ParsedName, locales, parser_for

from rollcall.imports.mapping.family_names import FAMILY_NAMES_THAT_COME_FIRST

Value = str | int | float | bool
TrueWhen = tuple[str, ...] | str | None

INVISIBLE = [
    0x00AD,
    *range(0x200B, 0x200F + 1),
    *range(0x202A, 0x202E + 1),
    *range(0x2060, 0x2064 + 1),
    0xFEFF,
]
MAX_CELL = 10_000
MAX_LOCAL_PART = 64
MAX_EMAIL = 254
MARKS = ".,;:"
QUOTES = "\"'"
BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
NAMES = parser_for(locales.RU, locales.TR_AZ)
GENERATIONS = ["jr", "sr", "jnr", "snr", "junior", "senior", "ii", "iii", "iv"]
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
# The HTML living standard's e-mail production, its last * a +: at least one dot in the domain.
EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+\/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+")
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
INTEGER = re.compile(r"([+-]?)([0-9]+)")
TRUE_WORDS = frozenset({"true", "t", "yes", "y", "1", "on"})
FALSE_WORDS = frozenset({"false", "f", "no", "n", "0", "off"})


@dataclass(frozen=True)
class Column:
    """One thing that is read from a record: a field of the contact, or the property `key`."""

    name: str
    index: int
    field: str
    key: str = ""
    type: str = ""
    decimal: str = "."
    true_when: TrueWhen = None


class RecordError(Exception):
    def __init__(self, code: str, column: Column | None = None, cell: str = "") -> None:
        self.code = code
        self.column = column.name if column else None
        self.cell = cell
        super().__init__(code, self.column)


def shown(cell: str) -> str:
    """At most 200 characters, without those that no database can store."""
    cut = cell if len(cell) <= 200 else cell[:199] + "…"
    return "".join(
        "\ufffd" if character == "\0" or "\ud800" <= character <= "\udfff" else character
        for character in cut
    )


def check_characters(cells: list[tuple[Column, str]]) -> None:
    for column, cell in cells:
        if any("\ud800" <= character <= "\udfff" for character in cell):
            raise RecordError("invalid_encoding", column, cell)
    for column, cell in cells:
        if "\0" in cell:
            raise RecordError("invalid_character", column, cell)
    for column, cell in cells:
        if len(cell) > MAX_CELL:
            raise RecordError("value_too_long", column, cell)


def parse_full_name(cell: str) -> dict[str, str]:
    name = NAMES.parse(cell)
    if is_unsure_name(cell, cell.split()) or is_unsure_reading(cell, name):
        return {"first_name": cell}
    suffixes = [each for each in name.suffix.split() if each.strip(",.").lower() in GENERATIONS]
    names = {"first_name": [name.given, name.middle], "last_name": [name.family, *suffixes]}
    joined = {field: " ".join(filter(None, parts)) for field, parts in names.items()}
    return {field: text for field, text in joined.items() if text}


def is_unsure_name(cell: str, words: list[str]) -> bool:
    """It is one word or a sentence, or the family name may come first."""
    if len(words) < 2 or len(words) > 8 or len(cell) > 100:
        return True
    if "," in cell:
        return False
    loud = [word.isupper() and len(word) > 2 for word in words]
    is_loud_alone = loud[0] and not any(loud[1:])
    return is_loud_alone or words[0].casefold() in FAMILY_NAMES_THAT_COME_FIRST


def is_unsure_reading(cell: str, name: ParsedName) -> bool:
    kinds = [str(each.kind) for each in name.ambiguities]
    if "comma-structure" in kinds:
        return True
    if "particle-or-given" in kinds and cell[0].islower():
        return True
    if not name.given and ("," in cell or not name.title):
        return True
    return not name.family and bool(name.suffix)


def is_around(character: str) -> bool:
    return character.isspace() or ord(character) in INVISIBLE


def strip(cell: str) -> str:
    """The cell without blanks and invisible characters around it."""
    while cell and is_around(cell[0]):
        cell = cell[1:]
    while cell and is_around(cell[-1]):
        cell = cell[:-1]
    return cell


def read_formula(cell: str) -> str:
    """Of `="…"` what stands between the quotes, where two of them are one."""
    if len(cell) < 3 or not cell.startswith('="') or not cell.endswith('"'):
        return cell
    inside = cell[2:-1]
    if '"' in inside.replace('""', ""):
        return cell
    return strip(inside.replace('""', '"'))


def parse_email(cell: str, column: Column) -> tuple[str, str | None]:
    """The address; and the cell, where more than blanks and invisible characters was cleaned."""
    if cell == "":
        raise RecordError("missing_email", column)
    seen = strip("".join(character for character in cell if ord(character) not in INVISIBLE))
    cleaned = clean_email(seen, MARKS)
    address = with_a_labels(cleaned)
    local_part = address.split("@", maxsplit=1)[0]
    is_short = len(local_part) <= MAX_LOCAL_PART and len(address) <= MAX_EMAIL
    if not EMAIL.fullmatch(address) or not is_short:
        raise RecordError("invalid_email", column, cell)
    return address.lower(), None if cleaned == seen else cell


def clean_email(text: str, marks: str) -> str:
    """Without one thing after the other that people leave around an address."""
    text = strip(text)
    if text and text[-1] in marks:
        return clean_email(text[:-1], marks="")
    if text and text[0] in QUOTES:
        return clean_email(text[1:-1] if text[-1] == text[0] else text[1:], marks)
    if text[:7].lower() == "mailto:":
        address = urllib.parse.unquote(text[7:].split("?")[0])
        seen = "".join(character for character in address if ord(character) not in INVISIBLE)
        return clean_email(seen, marks)
    if text.endswith(">") and text.count("<") == text.count(">") == 1:
        name, address = text[:-1].split("<")
        is_list = "@" in name and any(mark in name[name.index("@") :] for mark in ",;")
        return text if is_list else clean_email(address, marks)
    return text


def with_a_labels(address: str) -> str:
    local_part, at, domain = address.rpartition("@")
    if domain.isascii() or len(domain) > MAX_EMAIL:
        return address
    try:
        return local_part + at + idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return address


def parse_property(cell: str, column: Column) -> Value:
    if column.type == "number":
        return parse_number(cell, column)
    if column.type == "boolean":
        return parse_boolean(cell, column)
    return cell


def parse_number(cell: str, column: Column) -> int | float:
    given = cell
    if column.decimal == ",":
        cell = with_point(cell)
    if not NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        raise RecordError("invalid_number", column, given)
    integer = INTEGER.fullmatch(cell)
    if not integer:
        return float(cell)
    # Python reads at most 4,300 digits, and counts leading zeros.
    return int(integer[1] + (integer[2].lstrip("0") or "0"))


def with_point(cell: str) -> str:
    """A number with a decimal comma as one with a decimal point; "" where it is none."""
    whole, comma, fraction = cell.partition(",")
    if "." in fraction:
        return ""
    exponent = ""
    if not comma and "e" in whole.lower():
        at = whole.lower().index("e")
        whole, exponent = whole[:at], whole[at:]
    for dividers in (".", "'\u2019", BLANKS):
        if any(divider in whole for divider in dividers):
            first, *groups = "".join("|" if each in dividers else each for each in whole).split("|")
            digits = first.lstrip("+-")
            if not 1 <= len(digits) <= 3 or digits.startswith("0"):
                return ""
            if any(len(group) != 3 or not group.isdigit() for group in groups):
                return ""
            whole = first + "".join(groups)
            break
    return whole + ("." if comma else "") + fraction + exponent


def parse_unsubscribed(cell: str, column: Column) -> bool:
    if column.true_when == "not_empty":
        return True
    if column.true_when is not None:
        return cell.casefold() in [strip(word).casefold() for word in column.true_when]
    if cell.lower() in ("unsubscribed", "subscribed"):
        return cell.lower() == "unsubscribed"
    return parse_boolean(cell, column)


def parse_boolean(cell: str, column: Column) -> bool:
    if cell.lower() in TRUE_WORDS:
        return True
    if cell.lower() in FALSE_WORDS:
        return False
    raise RecordError("invalid_boolean", column, cell)
