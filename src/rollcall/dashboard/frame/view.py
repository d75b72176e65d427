"""What a template can ask: texts, numbers and times in the reader's language, and addresses.

A template and the macros that it imports ask the view of the page that is being made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from fastapi import Request
from markupsafe import Markup

from rollcall.dashboard.frame import cookies, paths
from rollcall.dashboard.frame.forgery import FIELD, form_token
from rollcall.dashboard.frame.formats import Formats
from rollcall.dashboard.frame.sessions import SignedIn
from rollcall.dashboard.frame.static_files import VERSION
from rollcall.dashboard.frame.texts import Texts, choose_texts

THEMES = ("light", "dark")


@dataclass(frozen=True)
class View:
    """A page that is being made."""

    request: Request
    texts: Texts
    formats: Formats

    @property
    def signed_in(self) -> SignedIn | None:
        """Return whose page it is, None for one that everybody may see."""
        signed_in: SignedIn | None = getattr(self.request.state, "signed_in", None)
        return signed_in

    @property
    def theme(self) -> str | None:
        """Return the theme that was chosen, None where the system's is wanted."""
        chosen = self.request.cookies.get(cookies.THEME)
        return chosen if chosen in THEMES else None

    @property
    def csrf(self) -> str:
        """Return what a form of this page has to bring along."""
        if self.signed_in is not None:
            return form_token(self.signed_in.token)
        visitor: str = getattr(self.request.state, "visitor", "")
        return form_token(visitor)

    @property
    def notice(self) -> str | None:
        """Return what this page is to say of what was done before it."""
        given = self.request.cookies.get(cookies.NOTICE)
        if not given:
            return None
        try:
            key, values = json.loads(unquote(given))
            return str(self.texts(key, **values))
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
            # Somebody else's, or of another version of this program.
            return None


_current: ContextVar[View] = ContextVar("view")


def view_of(request: Request) -> View:
    """Return the view of a request's page: its reader's language and time zone."""
    texts = choose_texts(request.headers.get("accept-language", ""))
    zone = unquote(request.cookies.get(cookies.ZONE, ""))
    return View(request, texts, Formats(texts.language, zone))


@contextmanager
def showing(view: View) -> Iterator[None]:
    """Let the functions below speak for this view."""
    token = _current.set(view)
    try:
        yield
    finally:
        _current.reset(token)


def t(key: str, **values: Any) -> str:
    return _current.get().texts(key, **values)


def number(value: float) -> str:
    return _current.get().formats.number(value)


def percent(share: float) -> str:
    return _current.get().formats.percent(share)


def file_size(count: int) -> str:
    return _current.get().formats.file_size(count)


def date(moment: datetime) -> str:
    return _current.get().formats.date(moment)


def date_time(moment: datetime) -> str:
    return _current.get().formats.date_time(moment)


def ago(moment: datetime) -> str:
    return _current.get().formats.ago(moment)


def duration(seconds: float) -> str:
    return _current.get().formats.duration(seconds)


def path(below: str) -> str:
    return paths.path(_current.get().request, below)


def static(name: str) -> str:
    return path(f"/static/{VERSION}/{name}")


def csrf_field() -> Markup:
    token = _current.get().csrf
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token)


def text_table(*tables: str) -> dict[str, Any]:
    """Return texts for the page's scripts: all of these tables, by their whole keys."""
    return _current.get().texts.tables(*tables)


GLOBALS = {
    function.__name__: function
    for function in (
        t,
        number,
        percent,
        file_size,
        date,
        date_time,
        ago,
        duration,
        path,
        static,
        csrf_field,
        text_table,
    )
}
