"""The rule for e-mail addresses, one for the API and for imports.

Source: the HTML living standard's production for `<input type=email>`, with at least one dot
in the domain, and the lengths of RFC 5321: 64 characters before the `@`, 254 in all.
"""

from __future__ import annotations

import re

MAX_LOCAL_PART = 64
MAX_LENGTH = 254
# No address that is as short as this can break a rule of length, the 63 of a label included.
ALWAYS_SHORT_ENOUGH = 64

_LOCAL = r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
# The production without its bounds on lengths: linear for every regular expression engine.
SHAPE = rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})+"

_shape = re.compile(SHAPE)
_long_label = re.compile(r"@.*[a-zA-Z0-9-]{64}")


def is_address(text: str) -> bool:
    """Tell whether a text is an e-mail address; upper case is allowed."""
    if len(text) > MAX_LENGTH or not _shape.fullmatch(text):
        return False
    return text.index("@") <= MAX_LOCAL_PART and not _long_label.search(text)
