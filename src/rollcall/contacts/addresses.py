"""The rule for e-mail addresses, one for the API and for imports.

Source: the HTML living standard's production for `<input type=email>`, with at least one dot
in the domain, and the lengths of RFC 5321: 64 characters before the `@`, 254 in all. A domain with
letters beyond ASCII is one if it has A-labels (UTS 46, non-transitional), with which it is stored.
"""

from __future__ import annotations

import re
from functools import lru_cache

import idna

MAX_LOCAL_PART = 64
MAX_LENGTH = 254
APOSTROPHE = "'"
# No address that is as short as this can break a rule of length, the 63 of a label included.
ALWAYS_SHORT_ENOUGH = 64

_ATOM = r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
# The production without its bounds on lengths: linear for every regular expression engine.
SHAPE = rf"{_ATOM}+@{_LABEL}(?:\.{_LABEL})+"
SHAPE_WITHOUT_APOSTROPHE_BEFORE = (
    rf"{_ATOM.replace(APOSTROPHE, '')}{_ATOM}*@{_LABEL}(?:\.{_LABEL})+"
)

_shape = re.compile(SHAPE)
_long_label = re.compile(r"@.*[a-zA-Z0-9-]{64}")


def is_address(text: str) -> bool:
    """Tell whether a text in ASCII is an e-mail address; upper case is allowed."""
    if len(text) > MAX_LENGTH or not _shape.fullmatch(text):
        return False
    return text.index("@") <= MAX_LOCAL_PART and not _long_label.search(text)


def read_address(text: str) -> str | None:
    """Return an e-mail address as it is stored: in lower case, its domain in A-labels.

    None when the text is no address.
    """
    if not text.isascii():
        local_part, _, domain = text.rpartition("@")
        # What is remembered is short.
        text = f"{local_part}@{_a_labels(domain) if len(domain) <= MAX_LENGTH else ''}"
    return text.lower() if is_address(text) else None


# The addresses of a file are of few domains, and an encoded one takes as long as many rows.
@lru_cache(maxsize=4096)
def _a_labels(domain: str) -> str:
    """Return a domain in A-labels; "" when it has none."""
    try:
        return idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return ""
