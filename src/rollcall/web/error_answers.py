"""The one place where errors become HTTP answers."""

from __future__ import annotations

import http
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from rollcall.errors import RollcallError, ServiceUnavailable
from rollcall.logs import describe_request
from rollcall.storage.stored_file import StorageError
from rollcall.web.unavailable import log_failure, unavailability
from rollcall.wrong_values import explain, make_visible, name, quote, shorten

log = structlog.get_logger(__name__)

STORAGE_AWAY = "The storage for uploaded files is not available right now. Try again in a moment."

# The names that every official client knows, for statuses raised by the framework itself.
FRAMEWORK_NAMES = {
    400: "validation_error",
    401: "missing_api_key",
    404: "not_found",
    405: "method_not_allowed",
    408: "validation_error",
    413: "validation_error",
    415: "validation_error",
    429: "rate_limit_exceeded",
}


class ErrorBody(BaseModel):
    """What went wrong. `statusCode` is the status of the answer."""

    statusCode: int  # noqa: N815  (the published name)
    message: str
    name: str


# A reference, because the framework would make a serializer for each answer of each route.
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
_MEANINGS = {
    400: "The body cannot be read",
    401: "No API key, or one that may only send e-mails",
    403: "The API key is unknown or revoked",
    404: "Not found",
    409: "The `Idempotency-Key` is in use, or was used with another payload",
    413: "The body is larger than this server accepts",
    415: "The body is compressed",
    422: "Something in the request is not valid",
    429: "Too many requests in one second; `retry-after` says when to try again",
    500: "Something went wrong on this side",
    503: "The database or the storage is away; `retry-after` says when to try again",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of errors: those of every call, and these."""
    return {
        status: {"content": _ERROR, "description": _MEANINGS[status]}
        for status in sorted({401, 403, 415, 422, 429, 500, 503, *statuses})
    }


@dataclass(frozen=True)
class ErrorAnswer:
    """How an error is answered, whatever the form of the answer."""

    status: int
    name: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        """Return it in the contract's one shape: flat, with `statusCode`, `message`, `name`."""
        # A message may quote what a client sent, and that may be half of a surrogate pair.
        message = self.message.encode("utf-8", "replace").decode()
        body = {"statusCode": self.status, "message": message, "name": self.name}
        return JSONResponse(body, status_code=self.status, headers=self.headers)


def install_error_handlers(app: FastAPI) -> None:
    """Make every error of the app, the framework's own included, speak the contract's shape."""

    async def answer(request: Request, error: Exception) -> JSONResponse:
        return describe_error(request, error).response()

    for kind in (RollcallError, StorageError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)


def describe_error(request: Request, error: Exception) -> ErrorAnswer:
    """Return how any error is answered, and log those that are no fault of the client."""
    if isinstance(error, RequestValidationError):
        return _describe_validation_error(request, error)
    if isinstance(error, HTTPException):
        return _describe_http_exception(request, error)
    if isinstance(error, StorageError):
        error = ServiceUnavailable(STORAGE_AWAY, reason=error.reason)
    if isinstance(error, RollcallError):
        if isinstance(error, ServiceUnavailable):
            log_failure(log, "request not served", error, **describe_request(request.scope))
        return _describe(error)
    return describe_crash(request.scope, error)


def describe_crash(scope: Scope, error: Exception) -> ErrorAnswer:
    """Log what nobody expected, and return its answer: 503 if something is away, else 500."""
    if unavailability(error) is None:
        log_failure(log, "request failed", error, **describe_request(scope))
        message = "Something went wrong on our side. The log has the request's id."
        return ErrorAnswer(500, "application_error", message)
    log_failure(log, "request not served", error, **describe_request(scope))
    return _describe(ServiceUnavailable())


def _describe(error: RollcallError) -> ErrorAnswer:
    return ErrorAnswer(error.status, error.name, error.message, error.headers)


def _describe_http_exception(request: Request, error: HTTPException) -> ErrorAnswer:
    name = FRAMEWORK_NAMES.get(error.status_code, "application_error")
    headers = {key.lower(): value for key, value in (error.headers or {}).items()}
    if error.status_code == 404:
        message = "The requested endpoint does not exist."
    elif error.status_code == 405:
        message = f"Method {request.method} is not allowed for this endpoint."
        headers["allow"] = _allowed_methods(request, headers.get("allow", ""))
    elif error.status_code == 400:
        message = "The body cannot be read: it must be JSON in UTF-8, and not nested too deeply."
    else:
        message = error.detail or http.HTTPStatus(error.status_code).phrase
    return ErrorAnswer(error.status_code, name, message, headers)


def _allowed_methods(request: Request, named: str) -> str:
    """Return what a path can be asked: the framework has named the methods of one route only."""
    allowed = set(filter(None, named.split(", ")))
    for route in request.app.state.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            allowed |= route.methods
    if "GET" in allowed:
        allowed.add("HEAD")
    return ", ".join(sorted(allowed))


def _describe_validation_error(request: Request, error: RequestValidationError) -> ErrorAnswer:
    first = error.errors()[0]
    place, *path = first["loc"]
    where = ".".join(shorten(make_visible(str(part))) for part in path)
    if first["type"] == "json_invalid":
        message = f"The body is not valid JSON: see character {path[0] + 1}."
    elif place == "body" and not path:
        message = _explain_body(request, first)
    elif first["type"] == "missing":
        return ErrorAnswer(422, "missing_required_field", f"Missing `{where}` field.")
    else:
        what = "header" if place == "header" else "field"
        message = f"Invalid `{where}` {what}: {explain(first)}."
    return ErrorAnswer(422, "validation_error", message)


def _explain_body(request: Request, error: dict[str, Any]) -> str:
    wanted = "a JSON array" if error["type"] == "list_type" else "a JSON object"
    if error["type"] == "missing":
        return f"The body must be {wanted}, and there is none."
    sent = error["input"]
    if isinstance(sent, bytes):
        kind = quote(request.headers["content-type"])
        return f"The body must be {wanted}, sent as application/json and not as {kind}."
    return f"The body must be {wanted}, not {name(sent)}."
