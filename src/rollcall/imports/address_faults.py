"""What is wrong with a text that is no e-mail address, for whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rollcall.contacts.addresses import MAX_LENGTH, MAX_LOCAL_PART, read_address
from rollcall.wrong_values import make_visible

MAX_LABEL = 63
# What looks like an @ in the scripts of East Asia.
OTHER_AT_SIGNS = "\uff20\ufe6b"

_between_addresses = re.compile(r"[\s,;|<>]+")
_not_in_local_part = re.compile(r"[^a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]")
_not_in_domain = re.compile(r"[^a-zA-Z0-9.\x80-\U0010ffff-]")


def find_fault(text: str) -> str | None:
    """Return what is wrong with a text, as `there is no @ in it`; None when nobody knows."""
    return next(_faults(text), None)


def find_first_fault(beginning: str) -> str | None:
    """Return what is wrong with a text whatever comes behind its beginning."""
    local_part = beginning.partition("@")[0]
    faults = (*_faults_around(beginning), *_faults_of_local_part(local_part))
    return next(iter(faults), None)


def _faults(text: str) -> Iterator[str]:
    yield from _faults_around(text)
    local_part, at, domain = text.partition("@")
    if not at:
        other = next((each for each in OTHER_AT_SIGNS if each in text), None)
        yield f'the "{other}" in it is no @' if other else "there is no @ in it"
    if "@" in domain:
        yield "there is more than one @ in it"
    if not local_part:
        yield "nothing stands before the @"
    yield from _faults_of_local_part(local_part)
    yield from _faults_of_domain(domain)
    if len(text) > MAX_LENGTH:
        yield f"it has more than {MAX_LENGTH} characters"


def _faults_around(text: str) -> Iterator[str]:
    if sum("@" in part for part in _between_addresses.split(text)) > 1:
        yield "there are several addresses in it"
    if any(map(str.isspace, text)):
        yield "there is a space in it"


def _faults_of_local_part(local_part: str) -> Iterator[str]:
    wrong = _not_in_local_part.search(local_part)
    if wrong:
        beyond = "letters beyond ASCII such as " if wrong[0].isalpha() else ""
        yield f"{beyond}{_show(wrong[0])} cannot stand before the @"
    if len(local_part) > MAX_LOCAL_PART:
        yield f"more than {MAX_LOCAL_PART} characters stand before the @"


def _faults_of_domain(domain: str) -> Iterator[str]:
    wrong = _not_in_domain.search(domain)
    labels = domain.split(".")
    if not domain:
        yield "nothing stands behind the @"
    elif wrong:
        yield f"{_show(wrong[0])} cannot stand behind the @"
    elif "" in labels[1:-1]:
        yield "two dots stand in succession behind the @"
    elif "" in labels:
        yield "what stands behind the @ begins or ends with a dot"
    elif any(label[0] == "-" or label[-1] == "-" for label in labels):
        yield "a part of what stands behind the @ begins or ends with a hyphen"
    elif any(len(label) > MAX_LABEL for label in labels):
        yield f"a part of what stands behind the @ has more than {MAX_LABEL} characters"
    elif not domain.isascii() and read_address(f"a@{domain}.example") is None:
        yield "what stands behind the @ cannot be the name of a domain"
    elif len(labels) == 1:
        yield "there is no dot behind the @"


def _show(character: str) -> str:
    return "a quotation mark" if character == '"' else f'"{make_visible(character)}"'
