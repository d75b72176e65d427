"""Structured logs on standard error: readable lines, or JSON for machines."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog

from rollcall.config import Settings

_QUOTED_ROWS = re.compile(r"^(\W*(?:DETAIL|CONTEXT)):.*$", re.MULTILINE)


def configure_logging(settings: Settings) -> None:
    """Send structlog's events and the standard library's through one renderer."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[structlog.types.Processor] = [
        structlog.processors.format_exc_info,
        _withhold_data,
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


def shown_path(path: str) -> str:
    """Return a request's path as the log may have it: people's addresses are no business of it."""
    return "/".join("(withheld)" if "@" in part else part for part in path.split("/"))


def _withhold_data(
    logger: object, name: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Take out of a traceback where the database quotes rows: they are people's data."""
    if isinstance(event.get("exception"), str):
        event["exception"] = _QUOTED_ROWS.sub(r"\1: (withheld)", event["exception"])
    return event
