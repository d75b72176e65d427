"""Errors that reach a client. How they are answered is told by `error_answers`."""

from __future__ import annotations

# When a client should ask again for what is away for a moment.
RETRY_AFTER_SECONDS = 2


class RollcallError(Exception):
    """Something went wrong."""

    status = 500
    name = "application_error"

    def __init__(self, message: str | None = None, *, headers: dict[str, str] | None = None):
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.headers = headers or {}

    @property
    def message(self) -> str:
        return str(self.args[0])


class MissingApiKey(RollcallError):
    """Missing API key in the authorization header."""

    status = 401
    name = "missing_api_key"


class InvalidApiKey(RollcallError):
    """API key is invalid."""

    status = 403
    name = "invalid_api_key"


class RevokedApiKey(RollcallError):
    """This API key has been revoked."""

    status = 403
    name = "restricted_api_key"


class InvalidIdempotencyKey(RollcallError):
    """The `Idempotency-Key` header must have 1 to 256 characters."""

    status = 400
    name = "invalid_idempotency_key"


class InvalidIdempotentRequest(RollcallError):
    """This `Idempotency-Key` was used with another payload in the last 24 hours."""

    status = 409
    name = "invalid_idempotent_request"


class ConcurrentIdempotentRequests(RollcallError):
    """A request with this `Idempotency-Key` is still running. Try again in a moment."""

    status = 409
    name = "concurrent_idempotent_requests"


class RateLimitExceeded(RollcallError):
    """Too many requests."""

    status = 429
    name = "rate_limit_exceeded"


class RestrictedApiKey(RollcallError):
    """This API key is restricted to only send emails."""

    status = 401
    name = "restricted_api_key"


class ValidationFailed(RollcallError):
    """The request is not valid."""

    status = 422
    name = "validation_error"


class MissingField(RollcallError):
    """A required field is missing."""

    status = 422
    name = "missing_required_field"

    def __init__(self, field: str):
        super().__init__(f"Missing `{field}` field.")


class InvalidParameter(RollcallError):
    """A parameter of the path is not valid."""

    status = 422
    name = "invalid_parameter"


class NotFound(RollcallError):
    """Not found"""

    status = 404
    name = "not_found"


class PayloadTooLarge(RollcallError):
    """The body is larger than this server accepts."""

    status = 413
    name = "validation_error"


class CompressedBody(RollcallError):
    """Send the body as it is; a file for an import may be a .gz or .zip file."""

    status = 415
    name = "validation_error"


class BadContentLength(RollcallError):
    """Invalid `Content-Length`: it must be the number of bytes in the body."""

    status = 400
    name = "validation_error"


class ServiceUnavailable(RollcallError):
    """The service is not available right now. Try again in a moment."""

    status = 503
    name = "application_error"

    def __init__(
        self,
        message: str | None = None,
        *,
        reason: str | None = None,
        headers: dict[str, str] | None = None,
    ):
        """Make one with a `message` for the client, and a `reason` for the log."""
        retry_after = {"retry-after": str(RETRY_AFTER_SECONDS)}
        super().__init__(message, headers={**retry_after, **(headers or {})})
        self.reason = reason or self.message
