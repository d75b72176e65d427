"""A multipart body as a stream of events: nothing of it is kept here."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import (
    DEFAULT_MAX_HEADER_COUNT,
    DEFAULT_MAX_HEADER_SIZE,
    MAX_BOUNDARY_LENGTH,
    MultipartParser,
    parse_options_header,
)

from rollcall.errors import PayloadTooLarge, ValidationFailed
from rollcall.imports.intake.preamble import Preamble
from rollcall.wrong_values import quote

MAX_PARTS = 1000
# Parts are sent as they are. Nothing that speaks HTTP has needed another way for decades.
AS_IT_IS = {b"", b"7bit", b"8bit", b"binary"}


@dataclass(frozen=True, kw_only=True)
class PartBegin:
    """A part with this field name begins."""

    name: str
    filename: str | None


@dataclass(frozen=True)
class PartData:
    """A piece of the part's content."""

    data: bytes


class PartEnd:
    """The part is complete."""


Event = PartBegin | PartData | PartEnd


async def read_multipart(
    content_type: str | None, body: AsyncIterator[bytes], max_bytes: int
) -> AsyncGenerator[Event]:
    """Yield what a multipart body consists of, as it arrives.

    Raises:
        ValidationFailed: it is no multipart form, it is broken, or it ends too early.
        PayloadTooLarge: it is larger than `max_bytes`.
    """
    boundary = _boundary(content_type)
    events = _Events(boundary)
    received = 0
    try:
        async for chunk in body:
            received += len(chunk)
            if received > max_bytes:
                raise PayloadTooLarge
            for event in events.feed(chunk):
                yield event
    except FormParserError:
        raise ValidationFailed(events.explain_broken_part()) from None
    if not events.ended:
        closing = quote(f"--{boundary.decode('latin-1')}--")
        raise ValidationFailed(
            f"The multipart body ends before its closing boundary {closing}, on a line of its own."
        )


def _boundary(content_type: str | None) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        sent = f"it is {quote(content_type)}" if content_type else "there is none"
        raise ValidationFailed(
            f"The `Content-Type` must be multipart/form-data, and {sent}: send a form with the file"
            " as its field `file`."
        )
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise ValidationFailed("The `Content-Type` multipart/form-data must name its boundary.")
    return boundary


class _Events:
    """python-multipart's callbacks, collected to events."""

    def __init__(self, boundary: bytes):
        self.ended = False
        self._events: list[Event] = []
        self._parts = 0
        self._header = self._value = b""
        self._disposition = self._transfer_encoding = b""
        self._preamble = Preamble(boundary)
        if len(boundary) > MAX_BOUNDARY_LENGTH:
            raise ValidationFailed(
                "The boundary that the `Content-Type` names is longer than"
                f" {MAX_BOUNDARY_LENGTH} characters."
            )
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    def explain_broken_part(self) -> str:
        """Return what a body is like that the parser could not read."""
        return (
            f"The multipart body is broken at its part {self._parts}: a part has at most"
            f" {DEFAULT_MAX_HEADER_COUNT} headers, each a line such as `Name: value` of at most"
            f" {DEFAULT_MAX_HEADER_SIZE} characters, then an empty line, and these lines and the"
            " boundary's end with CRLF."
        )

    def feed(self, chunk: bytes) -> list[Event]:
        self._events = []
        self._parser.write(self._preamble.feed(chunk))
        return self._events

    def _on_part_begin(self) -> None:
        self._parts += 1
        self._disposition = self._transfer_encoding = b""
        if self._parts > MAX_PARTS:
            raise ValidationFailed(f"The multipart body has more than {MAX_PARTS} parts.")

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        elif self._header.lower() == b"content-transfer-encoding":
            self._transfer_encoding = self._value.strip().lower()
        self._header = self._value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise ValidationFailed("A part of the multipart body has no field name.")
        name = options[b"name"].decode("utf-8", "replace")
        if self._transfer_encoding not in AS_IT_IS:
            encoding = quote(self._transfer_encoding.decode("latin-1"))
            raise ValidationFailed(
                f"The part {quote(name)} of the multipart body has the Content-Transfer-Encoding"
                f" {encoding}: send its bytes as they are."
            )
        filename = options.get(b"filename")
        self._events.append(
            PartBegin(
                name=name,
                filename=None if filename is None else filename.decode("utf-8", "replace"),
            )
        )

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartData(data[start:end]))

    def _on_part_end(self) -> None:
        self._events.append(PartEnd())

    def _on_end(self) -> None:
        self.ended = True
