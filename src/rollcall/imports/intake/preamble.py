"""What may stand before the first boundary of a multipart body, and is to be ignored (RFC 2046)."""

from __future__ import annotations

import re

from rollcall.errors import ValidationFailed

# Blanks that a gateway may have put behind a boundary, and how its line ends.
_REST_OF_LINE = re.compile(rb"[ \t]{0,100}(\r\n|\n|--)")
_MAYBE_REST_OF_LINE = re.compile(rb"[ \t]{0,100}\r?|-")


class Preamble:
    """Lets a body through from its first boundary on; no more than a line of it is kept."""

    def __init__(self, boundary: bytes):
        self.ended = False
        self._mark = b"\n--" + boundary
        # As if a line had ended just before the body.
        self._held = b"\n"

    def feed(self, chunk: bytes) -> bytes:
        """Return what of the body is to be read so far, the blanks behind the boundary left out.

        Raises:
            ValidationFailed: the boundary's line does not end as it has to.
        """
        if self.ended:
            return chunk
        held = self._held + chunk
        start = held.find(self._mark)
        while start >= 0:
            after = start + len(self._mark)
            rest = _REST_OF_LINE.match(held, after)
            if rest is not None:
                return self._end(rest[1], held[rest.end() :])
            if _MAYBE_REST_OF_LINE.fullmatch(held, after):
                self._held = held[start:]
                return b""
            start = held.find(self._mark, after)
        self._held = held[1 - len(self._mark) :]
        return b""

    def _end(self, line_end: bytes, rest: bytes) -> bytes:
        if line_end == b"\n":
            raise ValidationFailed(
                "The lines of the multipart body end with LF alone: boundaries and headers of parts"
                " must end with CRLF."
            )
        self.ended = True
        self._held = b""
        return self._mark[1:] + line_end + rest
