"""XML from strangers: no DTD and so no entities, in blocks, within a budget of bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from rollcall.imports.formats.refusals import Refused, TooLarge

BLOCK_BYTES = 256 * 1024

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class Budget:
    """How many bytes of XML may still come out of a workbook.

    `watch` is called for every block of it, and raises when reading has to end for its own reasons.
    """

    def __init__(self, size: int, watch: Callable[[], None]):
        self._left = size
        self._watch = watch

    def spend(self, size: int) -> None:
        """Count bytes.

        Raises:
            TooLarge: these were too many.
        """
        self._watch()
        self._left -= size
        if self._left < 0:
            raise TooLarge(
                "is a workbook, and far larger than this server accepts when it is unpacked."
            )


class XmlReader:
    """Reads one part; hands elements to `on_start` and `on_end`, text to who asks for it."""

    def __init__(self, on_start: Start, on_end: End):
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.StartElementHandler = on_start
        self._parser.EndElementHandler = on_end

    def on_start(self, handler: Start) -> None:
        """Have another handler for elements that begin from here on."""
        self._parser.StartElementHandler = handler

    def hear(self, hearer: Callable[[str], object] | None) -> None:
        """Hand the text from here on to a hearer, or to nobody."""
        self._parser.CharacterDataHandler = hearer

    def read(self, part: IO[bytes], budget: Budget) -> None:
        """Read a part to its end.

        Raises:
            Refused: it is no well-formed XML, or has a document type.
            TooLarge: the budget or the memory does not suffice.
        """
        try:
            while block := part.read(BLOCK_BYTES):
                budget.spend(len(block))
                self._parser.Parse(block)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Refused(f"is a workbook that is damaged: {error}.") from None
        finally:
            # The handlers know the reader and the reader the parser: a circle, to be broken.
            self._parser.StartElementHandler = self._parser.EndElementHandler = None
            self._parser.CharacterDataHandler = None


def _refuse_doctype(*_: object) -> None:
    raise Refused(
        "is a workbook with a document type in its XML, which no spreadsheet program writes."
    )


def local(name: str) -> str:
    """Return a name without its namespace prefix."""
    return name.rpartition(":")[2]


def open_part(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """Open a file of a zip that is neither encrypted nor packed in a rare way.

    Raises:
        Refused: it is.
    """
    if info.flag_bits & 1:
        raise Refused("is protected with a password. Upload it without one.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(
            "is packed in a way that is not read here. Pack it with the usual method, Deflate."
        )
    return archive.open(info)
