"""XML from strangers: no DTD and so no entities, in blocks, within a budget of bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from rollcall.imports.formats.detect import LEADING
from rollcall.imports.formats.protocol import FileRefused, FileTooLarge

BLOCK_BYTES = 256 * 1024
# Of the header before a file in a zip, and the bit that says how its name is encoded.
LOCAL_HEADER_BYTES = 30
UTF8_NAME = 0x800

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
            raise FileTooLarge(
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

    def on_text(self, handler: Callable[[str], object] | None) -> None:
        """Hand the text from here on to a hearer, or to nobody."""
        self._parser.CharacterDataHandler = handler

    def read(self, part: IO[bytes], budget: Budget) -> None:
        """Read a part to its end.

        Raises:
            Refused: it is no well-formed XML, or has a document type.
            TooLarge: the budget or the memory does not suffice.
        """
        try:
            begun = False
            while block := part.read(BLOCK_BYTES):
                budget.spend(len(block))
                # Nothing may stand before XML, and careless programs write line ends there.
                block = block if begun else block.lstrip(LEADING)
                begun = begun or bool(block)
                self._parser.Parse(block)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise FileRefused(f"is a workbook that is damaged: {error}.") from None
        finally:
            # The handlers know the reader and the reader the parser: a circle, to be broken.
            self._parser.StartElementHandler = self._parser.EndElementHandler = None
            self._parser.CharacterDataHandler = None


def _refuse_doctype(*_: object) -> None:
    raise FileRefused(
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
        raise FileRefused("is protected with a password. Upload it without one.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileRefused(
            "is packed in a way that is not read here. Pack it with the usual method, Deflate."
        )
    info.orig_filename = _name_at_content(archive, info)
    return archive.open(info)


def _name_at_content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    """Return the name that stands again before the content of a file.

    Old .NET writes `\\` there and `/` in the list of files, or the other way round, and `zipfile`
    wants them to be the same.
    """
    assert archive.fp is not None
    archive.fp.seek(info.header_offset)
    header = archive.fp.read(LOCAL_HEADER_BYTES)
    name = archive.fp.read(int.from_bytes(header[26:28], "little"))
    return name.decode("utf-8" if info.flag_bits & UTF8_NAME else "cp437")
