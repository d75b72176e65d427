"""What a response of the server says, whoever has written it."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime
from typing import Any

import httpx

RETRIED = {429, 500, 502, 503, 504}
CONCURRENT = "concurrent_idempotent_requests"


def is_passing(answer: httpx.Response) -> bool:
    """Tell whether another try may be answered otherwise."""
    return answer.status_code in RETRIED or error_of(answer).get("name") == CONCURRENT


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the body of an error, if it has the form of the API's errors."""
    if answer.is_success or answer.is_redirect:
        return {}
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def status_of(answer: httpx.Response) -> str:
    """Return the status with its name."""
    return f"{answer.status_code} {answer.reason_phrase}".strip()


def retry_after(answer: httpx.Response) -> float:
    """Return for how many seconds the server wants to be left alone."""
    value = answer.headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds()
