"""Structured logs on standard error: readable lines, or JSON for machines.

What people have sent stays out of them. Calls name ids, never addresses or keys, and what slips in
all the same, by an error's message for example, is taken out of every line at the end.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import structlog

from rollcall.config import Settings
from rollcall.errors import RollcallError

WITHHELD = "(withheld)"
# User and password in the address of a server, an e-mail address, a key.
_SECRETS = (
    re.compile(r"(?<=://)[^\s/@]+@"),
    re.compile(r"[^\s@\"'<>()\[\]{},;:=\\/|`]+@[^\s@\"'<>()\[\]{},;:=\\/|`]+"),
    re.compile(r"\bre_[A-Za-z0-9_-]{6,}"),
)
_QUOTED_ROWS = re.compile(r"^(\W*(?:DETAIL|CONTEXT)):.*$", re.MULTILINE)
# Of the database's errors, those whose message is about no value, by the class of their SQLSTATE:
# connections, transactions, rights, syntax and names, resources, states, operators, the system.
ABOUT_NO_VALUE = ("08", "25", "28", "40", "42", "53", "55", "57", "58")
# What these say is about the program or the machine. All others may quote what they were given.
HARMLESS = (RollcallError, OSError, AssertionError, ImportError, MemoryError, RecursionError)


def configure_logging(settings: Settings) -> None:
    """Send structlog's events and the standard library's through one renderer."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[structlog.types.Processor] = [
        structlog.processors.ExceptionRenderer(_format_exception),
        _withhold,
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    # One line for every sweep says nothing.
    logging.getLogger("arq").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_news)


def describe_request(scope: Mapping[str, Any]) -> dict[str, str]:
    """Return what the log tells of a request."""
    return {"method": scope["method"], "path": shown_path(scope["path"])}


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether the server's own line says what has not been told with the request's id.

    An answer that breaks off has been logged with its reason.
    """
    return not str(record.msg).startswith("ASGI callable returned without completing response")


# A word of the API's own paths, as `api-keys` or `failures.csv`.
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z]+)?")
# What may stand where otherwise a contact is named, by id, by address or by mistake in another way.
_NO_CONTACTS = {"imports", "export.csv"}


def shown_path(path: str) -> str:
    """Return a request's path as the log may have it: words of the API, and ids.

    Anything else may be a person's address or name, which are no business of the log.
    """
    parts = path.split("/")
    before = ["", *parts]
    return "/".join(
        part if _is_plain(part, is_contact=previous == "contacts") else WITHHELD
        for previous, part in zip(before, parts, strict=False)
    )


def _is_plain(part: str, *, is_contact: bool) -> bool:
    if part in _NO_CONTACTS or not part or (_WORD.fullmatch(part) and not is_contact):
        return True
    try:
        return str(uuid.UUID(part)) == part.lower()
    except ValueError:
        return False


def _format_exception(exc_info: Any) -> str:
    """Return a traceback in which no error says what it was given."""
    error: BaseException = exc_info[1]
    text = "".join(traceback.format_exception(error))
    for each in _all_of(error):
        if not _is_harmless(each):
            for message in (str(each), *map(str, getattr(each, "__notes__", ()))):
                text = _take_out(text, message)
    return _QUOTED_ROWS.sub(rf"\1: {WITHHELD}", text).rstrip("\n")


def _all_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and all that it is told with."""
    left, seen = [error], set()
    while left:
        each = left.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            left += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]


def _is_harmless(error: BaseException) -> bool:
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(ABOUT_NO_VALUE)
    return isinstance(error, HARMLESS)


def _take_out(text: str, message: str) -> str:
    if message and message in text:
        return text.replace(message, WITHHELD)
    # In a group of errors, each line of a message is indented.
    for line in filter(None, map(str.strip, message.splitlines())):
        text = text.replace(line, WITHHELD)
    return text


def _withhold(
    logger: object, name: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Take out of a line what looks like somebody's address or key, wherever it has come from."""
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        for secret in _SECRETS:
            value = secret.sub(WITHHELD, value)
        return value
    if isinstance(value, Mapping):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value
