"""Forms with fields that are called after something of a team: a topic, a property, a column."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import ImmutableMultiDict

ANY = "*"
Sent = ImmutableMultiDict[str, str]


class OpenForm:
    """A dependency that reads the fields of a form which its route's signature names, no others.

    Attributes:
        names: of the fields; `property.*` is for all that begin so, `*` for every field.
    """

    def __init__(self, *names: str):
        self.names = names

    async def __call__(self, request: Request) -> Sent:
        """Return what was typed; a file in the place of a text is left out."""
        form = await request.form()
        return Sent(
            [
                (name, value)
                for name, value in form.multi_items()
                if isinstance(value, str) and self._has(name)
            ]
        )

    def _has(self, name: str) -> bool:
        return any(
            name.startswith(each[:-1]) if each.endswith(ANY) else name == each
            for each in self.names
        )
