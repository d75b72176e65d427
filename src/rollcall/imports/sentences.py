"""Why a record failed or deserves a look: every code, and its sentence for those who read it."""

from __future__ import annotations

import math
import re

from rollcall.contacts.addresses import read_address
from rollcall.imports.address_faults import find_fault, find_first_fault
from rollcall.imports.issues import (
    ELLIPSIS,
    MAX_VALUE_CHARACTERS,
    FailureCode,
    WarningCode,
    shorten,
)
from rollcall.imports.kinds import ErrorCode
from rollcall.imports.mail_providers import intended_domain
from rollcall.imports.pasted_addresses import clean_address

MAX_QUOTED_CHARACTERS = 60
# How every sentence about unreadable bytes begins, and no other one does.
UNREADABLE_BEGINS = "Unreadable characters in "

FAILURES: dict[str, str] = {
    FailureCode.TOO_MANY_CELLS: (
        'This row has more cells than the header has columns: nothing stands above "{value}".'
    ),
    FailureCode.UNTERMINATED_QUOTE: (
        "A quotation mark at the beginning of a cell in this row is never closed where the cell"
        " ends. Remove it, or close it, and double each mark within. The rows behind this one were"
        " read."
    ),
    FailureCode.INVALID_ENCODING: f'{UNREADABLE_BEGINS}column "{{column}}": type the text again.',
    FailureCode.INVALID_CHARACTER: (
        'Column "{column}" has an invisible character (NUL) in it: type the text again.'
    ),
    FailureCode.VALUE_TOO_LONG: 'The text in column "{column}" is longer than 10,000 characters.',
    FailureCode.MISSING_EMAIL: 'There is no e-mail address in column "{column}".',
    FailureCode.INVALID_EMAIL: (
        '"{value}" in column "{column}" is not a complete e-mail address{fault}.'
    ),
    FailureCode.INVALID_BOOLEAN: '"{value}" in column "{column}" is neither yes nor no.',
    FailureCode.INVALID_NUMBER: (
        '"{value}" in column "{column}" is not a number that can be read: {hint}.'
    ),
}
WARNINGS: dict[str, str] = {
    WarningCode.LEGACY_ENCODING: (
        "The file is not in UTF-8 and was read as {value}: check some names with accents, and"
        " save the file as UTF-8 if they are wrong."
    ),
    WarningCode.MISSPELLED_DOMAIN: 'The domain of "{value}" may be misspelled: was {domain} meant?',
    WarningCode.REPEATED_EMAIL: '"{value}" stands in an earlier row of this file already.',
    WarningCode.RESUBSCRIBED: (
        "This contact had unsubscribed, and this row has subscribed it again."
    ),
    WarningCode.KEPT_UNSUBSCRIBED: (
        "This contact has unsubscribed and stays so, whatever this row says."
    ),
    WarningCode.CLEANED_EMAIL: '"{value}" was read as {address}.',
    WarningCode.UNREAD_COLUMN: (
        "These columns look as if they were fields of contacts, and were not read: {value}. Send"
        " a `column_map` that names them, or `auto`."
    ),
    WarningCode.MANY_LINES: (
        "This row takes up {value} lines of the file. If rows are missing, a quotation mark in it"
        " has taken them in: look at where it begins and ends."
    ),
}
# While a cluster is updated, a newer worker may write codes that an older API does not know.
UNKNOWN = 'This version of Rollcall does not know what "{code}" means.'
# A record that was too long to be kept has no column and no cells.
RECORD_TOO_LONG = (
    "This row has more than 4 million characters, which is more than a row can have; a quotation"
    " mark that is not closed is the usual cause."
)
# How a number is written, by what the import was told of its decimal sign.
LIKE, LIKE_WITH_COMMA = (
    "write it like -1234.5",
    "this import reads decimal commas, so write it like -1234,5 or -1.234,5",
)
_number = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

# Why an import has failed.
ERRORS: dict[str, str] = {
    ErrorCode.FILE_MISSING: "The uploaded file is no longer in the storage.",
    ErrorCode.FILE_DAMAGED: (
        "The stored file is no longer what was uploaded: its size or its content has changed."
    ),
    ErrorCode.UNREADABLE_FILE: "The file cannot be read as CSV.",
    ErrorCode.WORKER_CRASHED: "The file has brought down its worker several times.",
    ErrorCode.DATABASE_ERROR: "The database could not store the contacts for more than two hours.",
    ErrorCode.STORAGE_ERROR: "The storage could not be read for more than two hours.",
    ErrorCode.INTERNAL_ERROR: "Something went wrong on our side several times in a row.",
    ErrorCode.CANCELLED: "The import was cancelled. What had been imported by then was kept.",
}
UNKNOWN_ERROR = 'The import failed for a reason that this version of Rollcall does not know: "{}".'
DRY_RUN_CANCELLED = "The dry run was cancelled. A dry run imports nothing."
# What went wrong may still come right, so these are other sentences than those for the end.
SILENT, TOO_OLD = "worker_silent", "worker_too_old"
PASSING_ERRORS: dict[str, str] = {
    ErrorCode.DATABASE_ERROR: "The database was away or refused to store the contacts.",
    ErrorCode.STORAGE_ERROR: "The storage could not be read.",
    ErrorCode.INTERNAL_ERROR: "Something went wrong on our side.",
    ErrorCode.WORKER_CRASHED: "The process that worked on the file has crashed.",
    SILENT: "The worker that had the import is not heard of any more; another one takes it over.",
    TOO_OLD: (
        "The workers that run are older than this server and do not understand the import; a newer"
        " one takes it."
    ),
}
UNKNOWN_PASSING_ERROR = "Something went wrong that this version of Rollcall has no words for."


def explain_failure(code: str, column: str | None, value: str | None) -> str:
    """Return the sentence that tells what is wrong with a record."""
    if code == FailureCode.VALUE_TOO_LONG and column is None:
        return RECORD_TOO_LONG
    sentence = FAILURES.get(code, UNKNOWN)
    return sentence.format(
        code=code,
        column=_quote(column),
        value=_quote(value),
        fault=_fault(value or "") if code == FailureCode.INVALID_EMAIL else "",
        hint=LIKE_WITH_COMMA if _has_decimal_point(value or "") else LIKE,
    )


def explain_warning(code: str, value: str | None) -> str:
    """Return the sentence that tells what is remarkable about a record."""
    domain = intended_domain((value or "").rpartition("@")[2].lower())
    sentence = WARNINGS.get(code, UNKNOWN)
    return sentence.format(
        code=code,
        value=_quote(value),
        domain=domain or "another domain",
        address=read_address(clean_address(value or "")[0]) or "the address in it",
    )


def explain_error(code: str, *, dry_run: bool) -> str:
    """Return the sentence that tells why an import as a whole has failed."""
    if dry_run and code == ErrorCode.CANCELLED:
        return DRY_RUN_CANCELLED
    return ERRORS.get(code, UNKNOWN_ERROR.format(code))


def explain_passing_error(code: str) -> str:
    """Return the sentence that tells what went wrong when an import was tried last."""
    return PASSING_ERRORS.get(code, UNKNOWN_PASSING_ERROR)


def _fault(cell: str) -> str:
    """Return what is wrong with an e-mail address, for the end of a sentence."""
    text, _ = clean_address(cell)
    is_cut = len(cell) >= MAX_VALUE_CHARACTERS and cell.endswith(ELLIPSIS)
    fault = find_first_fault(text.removesuffix(ELLIPSIS)) if is_cut else find_fault(text)
    return f": {fault}" if fault else ""


def _has_decimal_point(cell: str) -> bool:
    """Tell whether a cell is a number that only an import with decimal commas does not take."""
    return bool(_number.fullmatch(cell)) and math.isfinite(float(cell))


def _quote(text: str | None) -> str:
    return shorten(" ".join((text or "").split()), MAX_QUOTED_CHARACTERS)
