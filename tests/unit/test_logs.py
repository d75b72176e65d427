"""What a line of the log may say: no address, no key, and nothing that an error was given."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import structlog
from pydantic import BaseModel

from rollcall.config import Settings
from rollcall.errors import ServiceUnavailable
from rollcall.logs import configure_logging, shown_path

ADDRESS, NAME, KEY = "ada.planted@example.com", "Quillon Planted", "re_planted_0123456789"
SECRETS = ("planted", "Planted", "Quillon")


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, as JSON."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    settings = Settings(
        database_url="postgresql://nowhere/x",
        redis_url="redis://x",
        storage_url="file:///x",
        log_format="json",
    )
    configure_logging(settings)
    yield written
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def assert_nothing_planted(output: io.StringIO) -> None:
    assert [secret for secret in SECRETS if secret in output.getvalue()] == []


class Contact(BaseModel):
    age: int


def raise_validation() -> None:
    Contact.model_validate({"age": NAME})


def raise_group() -> None:
    raise ExceptionGroup("several", [ValueError(f"{NAME}\nand {ADDRESS}"), KeyError(NAME)])


def raise_chain() -> None:
    try:
        {}[NAME]  # type: ignore[index]
    except KeyError as error:
        raise RuntimeError(f"no {NAME}") from error


def raise_note() -> None:
    error = ValueError("bad")
    error.add_note(f"in the row of {NAME}")
    raise error


def raise_database(cls: type[psycopg.Error], message: str) -> None:
    raise cls(message)


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (lambda: float(NAME), "ValueError: (withheld)"),
        (raise_validation, "ValidationError: (withheld)"),
        (raise_group, "ExceptionGroup"),
        (raise_chain, "RuntimeError: (withheld)"),
        (raise_note, "ValueError: (withheld)"),
        (
            lambda: raise_database(psycopg.errors.RaiseException, f"no room for {NAME}"),
            "RaiseException: (withheld)",
        ),
        (
            lambda: raise_database(psycopg.errors.InvalidTextRepresentation, f'bad: "{NAME}"'),
            "InvalidTextRepresentation: (withheld)",
        ),
        (
            lambda: raise_database(psycopg.errors.UndefinedTable, f'no "x"\nDETAIL: {NAME}'),
            'UndefinedTable: no "x"\nDETAIL: (withheld)',
        ),
    ],
    ids=["value", "pydantic", "group", "chain", "note", "raised", "syntax", "detail"],
)
def test_an_error_does_not_say_what_it_was_given(
    output: io.StringIO, cause: Any, kind: str
) -> None:
    try:
        cause()
    except Exception:  # noqa: BLE001  (whatever it is, it is logged)
        structlog.get_logger("x").exception("request failed", path="/contacts")
    (line,) = lines(output)
    assert "Traceback" in line["exception"]
    assert "in cause" not in line["exception"]
    assert kind in line["exception"]
    assert_nothing_planted(output)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (ServiceUnavailable(reason="away"), "The service is not available right now"),
        (psycopg.errors.AdminShutdown("terminating connection"), "terminating connection"),
    ],
    ids=["system", "ours", "database"],
)
def test_what_is_about_the_machine_is_told(
    output: io.StringIO, error: Exception, told: str
) -> None:
    structlog.get_logger("x").error("failed", exc_info=error)
    assert told in lines(output)[0]["exception"]


def test_addresses_and_keys_are_taken_out_wherever_they_are(output: io.StringIO) -> None:
    log = structlog.get_logger("x")
    log.warning(ADDRESS, error=f"<{ADDRESS}>, {KEY}", more={"a": [ADDRESS, ("x", KEY)]})
    log.warning("away", url="postgresql://planted:planted@db:5432/x", count=3)
    logging.getLogger("other").error("of the library's: %s", ADDRESS)
    assert_nothing_planted(output)
    first, second, third = lines(output)
    assert first["error"] == "<(withheld)>, (withheld)"
    assert second["url"] == "postgresql://(withheld)db:5432/x"
    assert (second["count"], third["event"]) == (3, "of the library's: (withheld)")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/contacts", "/contacts"),
        ("/contacts/imports/01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11/failures.csv", None),
        ("/contacts/export.csv", None),
        ("/contacts/ada@example.com", "/contacts/(withheld)"),
        ("/contacts/lovelace/topics", "/contacts/(withheld)/topics"),
        ("/audiences/x/contacts/lovelace", "/audiences/x/contacts/(withheld)"),
        ("/segments/Ada Lovelace", "/segments/(withheld)"),
        ("/contacts/01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11", None),
        ("/contact-properties/re_planted", "/contact-properties/(withheld)"),
    ],
)
def test_a_path_has_words_of_the_api_and_ids(path: str, shown: str | None) -> None:
    assert shown_path(path) == (path if shown is None else shown)
