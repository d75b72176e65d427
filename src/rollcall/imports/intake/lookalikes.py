"""Form fields that are called nearly as those that are read: refused, as else they would be lost.

What is called otherwise is ignored. Many ways to write lists and objects into a form exist, such as
`segments[0][id]` of PHP and `column_map{}` of axios; here they are one field, with JSON in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from rollcall.errors import ValidationFailed
from rollcall.imports.options import OPTIONS
from rollcall.wrong_values import make_visible, shorten

# What stands between the parts of a name that has several.
_BETWEEN = re.compile(r"[\[\]{}().:/]+")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
# Fields of ids, which are often called so.
_OF_ID = {"segmentid": "segment", "topicid": "topic"}


def refuse_lookalike(name: str, known: Collection[str]) -> None:
    """Refuse a field whose name begins with a known one but for its spelling, or wraps one.

    Args:
        name: as it stands in the form; none of `known`.
        known: the names of the fields that are read.

    Raises:
        ValidationFailed: saying which field is meant, and how it is written.
    """
    meant = {_plain(field): field for field in known}
    parts = list(filter(None, _BETWEEN.split(name)))
    spelled = [part for part in parts if part in known]
    field = meant.get(_plain(parts[0])) if parts else None
    if field := field or next(iter(spelled), None):
        shown = shorten(make_visible(name))
        raise ValidationFailed(f"The form field `{shown}` is not read. {how_to_send(field)}")


def how_to_send(field: str) -> str:
    """Return how a field is written."""
    if field == "file":
        return "Send one file, as `file`."
    asked = OPTIONS[field].field
    if asked.example is None:
        return f"Send `{field}` once."
    return (
        f"Send `{field}` once, {'as JSON:' if asked.read is None else 'such as'} {asked.example}."
    )


def _plain(name: str) -> str:
    """Return a name without what is written differently here and there."""
    plain = _NO_LETTER.sub("", name.lower()).rstrip("s")
    return _OF_ID.get(plain, plain)
