"""What the cells of a column are, whatever stands above them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rollcall.imports.matching.lexicon import lexicon
from rollcall.imports.matching.normalise import fold, word_of

# No kind is longer; an address has 254 characters, and what people paste around it.
LONGEST_CELL = 400
# So many different cells of a column are looked at closely.
LOOKED_AT = 20
# More different ones are no choice among a few words.
MOST_WORDS = 24
MAX_WORD = 40
LONGEST_ID = 15
SHORTEST_CARD = 15
SOME, MOST = 0.3, 0.8
# What the kinds begin with: it is far quicker to see than whether a pattern fits.
NUMBERS_BEGIN = frozenset("+-.0123456789")
SECRETS_BEGIN = frozenset("$*{-0123456789epsrgxA")
# Blanks, and what cannot be seen; and with what else a cell has to be read that is a formula.
AROUND = " \t\r\n\u00a0\u200b\ufeff"
SELDOM_FIRST = AROUND + "="

PLAIN_TRUE = frozenset({"true", "t", "yes", "y", "1", "on"})
PLAIN_FALSE = frozenset({"false", "f", "no", "n", "0", "off"})

_ADDRESS = re.compile(r"[^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]+\.[^\s@<>,;:\"().\d]{2,}")
_WHOLE_ADDRESS = re.compile(
    rf"[\s'\"<]*(?:mailto:)?(?:[^@<>]*<)?\s*{_ADDRESS.pattern}\s*>?[\s'\".,;:]*", re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(
    r"[+-]?(?:[1-9]\d{0,2}([. \u00a0\u202f'\u2019])\d{3}(?:\1\d{3})*|\d+)(?:,\d+)?", re.ASCII
)
_PLAIN = re.compile(r"[+-]?\d+", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_DECIMALS = ((".", (_NUMBER,)), (",", (_COMMA,)), ("group", (_GROUPED, _NUMBER)))
_LEADING_ZERO = re.compile(r"[+-]?0\d", re.ASCII)
_TIME = r"(?:[T ,]+\d{1,2}[:.h]\d{2}.*)?"
_DATE = re.compile(
    rf"\d{{4}}[-/.年]\s?\d{{1,2}}[-/.月]\s?\d{{1,2}}日?\.?{_TIME}"
    rf"|\d{{1,2}}[-/.]\s?\d{{1,2}}[-/.]\s?(?:\d{{4}}|\d{{2}}){_TIME}"
    rf"|\d{{1,2}}[-. ]+[^\W\d]{{3,12}}\.?,?[-. ]+\d{{2,4}}{_TIME}"
    rf"|(?:[^\W\d]{{3,9}}\.?,? )?[^\W\d]{{3,12}}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}.*"
    r"|\d{1,2}:\d{2}(?::\d{2})?"
)
_EPOCH = re.compile(r"1[0-9]{9}(?:\d{3})?")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SECRET = re.compile(
    r"\$(?:2[abxy]?|1|5|6|argon2\w*|P|H|S|apr1|pbkdf2[\w-]*|scrypt|y)\$.{10,}"
    r"|\{(?:S?SHA\d*|S?MD5|CRYPT|PBKDF2)[^}]*\}.+|pbkdf2[_:]\S{20,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"
    r"|(?:sk|rk|pk)_(?:live|test)_\w{8,}|gh[pousr]_\w{20,}|xox[abprs]-\S{10,}|AKIA[0-9A-Z]{16}"
    r"|\*{4,}|\d{3}-\d{2}-\d{4}|-----BEGIN .*"
)
_CARD = re.compile(r"[2-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}|3[47]\d{2}([ -]?)\d{6}\2\d{5}")
_PERSON = re.compile(r"[^\W\d_][^\d_@/\\:;!?<>{}\[\]=+*&%$#|~^]{0,60}")


@dataclass(frozen=True)
class Cells:
    """The cells of a column with content, in order, stripped; `total` counts the empty ones too."""

    filled: tuple[str, ...]
    total: int

    @classmethod
    def of(cls, column: Sequence[str]) -> Cells:
        """Return a column's cells, from its records."""
        filled = (
            _read_formula(bare) if bare[0] in SELDOM_FIRST or bare[-1] in AROUND else bare
            for cell in column
            if (bare := cell[:LONGEST_CELL].strip())
        )
        return cls(tuple(filter(None, filled)), len(column))

    def __bool__(self) -> bool:
        return bool(self.filled)

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.filled))

    @cached_property
    def looked_at(self) -> tuple[str, ...]:
        return self.distinct[:LOOKED_AT]

    @cached_property
    def filled_share(self) -> float:
        return len(self.filled) / self.total if self.total else 0.0

    def share(self, is_kind: Callable[[str], object]) -> float:
        """Return which share of the cells that are looked at is of a kind; 0 if there are none."""
        if not self.filled:
            return 0.0
        return sum(1 for cell in self.looked_at if is_kind(cell)) / len(self.looked_at)

    @cached_property
    def addresses(self) -> float:
        return self.share(has_address)

    @cached_property
    def people(self) -> float:
        return self.share(is_person)

    @cached_property
    def dates(self) -> float:
        return self.share(is_date)

    @cached_property
    def are_secrets(self) -> bool:
        """Whether they seem to be passwords, tokens or numbers of cards."""
        if SECRETS_BEGIN.isdisjoint({cell[0] for cell in self.looked_at}):
            return False
        return self.share(is_secret) > SOME or self.share(is_card) >= MOST

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return the different cells where they are a choice among a few words, else nothing."""
        if len(self.distinct) > MOST_WORDS or max(map(len, self.distinct), default=0) > MAX_WORD:
            return ()
        return tuple({word_of(cell): cell for cell in self.distinct}.values())

    @cached_property
    def kinds(self) -> tuple[frozenset[str], ...]:
        """What each of the words can be."""
        known = lexicon()
        return tuple(frozenset(known.kinds(word)) for word in self.words)

    def are(self, *kinds: str) -> bool:
        """Tell whether there are cells, and every one is a word of one of these kinds."""
        return bool(self.words) and not any(map(set(kinds).isdisjoint, self.kinds))

    def saying(self, kind: str) -> list[str]:
        """Return those of the words that can be of a kind."""
        told = zip(self.words, self.kinds, strict=True)
        return [word for word, kinds in told if kind in kinds]

    @cached_property
    def are_plain_booleans(self) -> bool:
        plain = PLAIN_TRUE | PLAIN_FALSE
        return bool(self.words) and all(cell.lower() in plain for cell in self.distinct)

    @cached_property
    def are_whole(self) -> bool:
        """Whether no cell tells what would stand before a fraction, or between groups."""
        return all(map(_PLAIN.fullmatch, self.distinct))

    @cached_property
    def decimal(self) -> str | None:
        """Return how numbers are written, `.` or `,`; `group` with commas between groups.

        A number that could be a thousand or one, `1,000`, is written in groups as well. None where
        the cells are not all numbers that can be stored as such without a loss.
        """
        if not self.filled or any(map(_is_no_number, self.distinct)):
            return None
        divided = [cell for cell in self.distinct if not _PLAIN.fullmatch(cell)]
        if divided and all(map(_AMBIGUOUS.fullmatch, divided)):
            return "group"
        for decimal, shapes in _DECIMALS:
            if all(any(shape.fullmatch(cell) for shape in shapes) for cell in divided):
                return decimal
        return None


def _read_formula(cell: str) -> str:
    """Return what `="01067"` means: spreadsheets are told so not to take a text for a number."""
    cell = cell.strip(AROUND)
    is_text = cell[:2] == '="' and cell[-1:] == '"' and len(cell) > 2
    return cell[2:-1].strip(AROUND) if is_text else cell


def _is_no_number(cell: str) -> bool:
    if cell[0] not in NUMBERS_BEGIN:
        return True
    digits = sum(map(str.isdigit, cell))
    return not digits or digits > LONGEST_ID or _LEADING_ZERO.match(cell) is not None


def has_address(cell: str) -> bool:
    """Tell whether a cell is an e-mail address, in any form that is understood, or several."""
    if "@" not in cell:
        return False
    return _WHOLE_ADDRESS.fullmatch(cell) is not None or all(
        _WHOLE_ADDRESS.fullmatch(part) for part in re.split(r"[,;|\s]+", cell.strip(" ,;"))
    )


def is_date(cell: str) -> bool:
    """Tell whether a cell is a date, or a time."""
    if cell.isalpha():
        return False
    return _DATE.fullmatch(cell) is not None or _EPOCH.fullmatch(cell) is not None


def is_url(cell: str) -> bool:
    """Tell whether a cell is the address of a page."""
    return _URL.fullmatch(cell) is not None


def is_person(cell: str) -> bool:
    """Tell whether a cell can be the name of a person, or a part of it."""
    return _PERSON.fullmatch(cell) is not None and cell.count(" ") <= 5


def is_secret(cell: str) -> bool:
    """Tell whether a cell is a hash of a password, or a token."""
    return cell[0] in SECRETS_BEGIN and _SECRET.fullmatch(cell) is not None


def is_card(cell: str) -> bool:
    """Tell whether a cell can be the number of a payment card: one in ten of its length can."""
    if len(cell) < SHORTEST_CARD or _CARD.fullmatch(cell) is None:
        return False
    digits = [int(digit) for digit in cell if digit.isdigit()][::-1]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def letters_of(text: str) -> str:
    """Return the letters of a name as they can stand in an e-mail address."""
    return "".join(filter(str.isalpha, fold(text)))
