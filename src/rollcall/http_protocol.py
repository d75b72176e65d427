"""What is no HTTP is answered by the server before the app sees it: in the form of all errors."""

from __future__ import annotations

import sys
import uuid

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from rollcall.error_answers import error_response


class HttpProtocol(HttpToolsProtocol):
    """The server's own protocol but for that answer, which would be plain text."""

    def send_400_response(self, msg: str) -> None:
        """Answer a request that the parser could not read, and close the connection."""
        # Of what is wrong, only the parser's exception tells, which is being handled.
        reason = str(sys.exception() or msg).rstrip(".")
        answer = error_response(
            400,
            "validation_error",
            f"The request is not valid HTTP: {reason}.",
            {"x-request-id": str(uuid.uuid4()), "connection": "close"},
        )
        headers = [*self.server_state.default_headers, *answer.raw_headers]
        lines = (b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"".join([STATUS_LINE[400], *lines, b"\r\n", bytes(answer.body)]))
        self.transport.close()
