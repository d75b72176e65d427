"""What is in a zip: a workbook, or one CSV file, or something else that is refused by name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from rollcall.imports.formats.csv_text import CsvWriter
from rollcall.imports.formats.detect import DETECTION_BYTES, check_text
from rollcall.imports.formats.parts import BLOCK_BYTES, Budget, open_part
from rollcall.imports.formats.refusals import AS_IT_IS, FROM_SHEET, Refused
from rollcall.imports.formats.sheet import write_sheet
from rollcall.imports.formats.workbook import Parts, find_parts, find_workbook, open_workbook

MAX_FILES = 10_000
MAX_DIRECTORY_BYTES = 8 * 1024 * 1024
SHOWN_FILES = 5
# How many bytes of XML may stand for one byte of CSV: usually four, at most eleven or so.
XML_FACTOR = 10


Write = Callable[[bytes], object]


def write_csv(
    packed: io.RawIOBase, write: Write, max_bytes: int, watch: Callable[[], None]
) -> None:
    """Write the CSV that is in a zip or a workbook, behind a line that says which it was.

    Args:
        packed: the zip, which can be sought in; it is closed in the end.
        write: takes what is written.
        max_bytes: how large the CSV may be.
        watch: called now and then; raises to end it.

    Raises:
        Refused: there is none, or none that is clearly meant, or it is damaged.
        TooLarge: it is larger than `max_bytes`, or needs more than the server gives.
    """
    with _Guarded(packed) as guarded, zipfile.ZipFile(guarded) as archive:
        if len(archive.infolist()) > MAX_FILES:
            raise _too_many_files()
        parts = find_parts(archive)
        budget = Budget(max_bytes * XML_FACTOR, watch)
        _refuse_other_formats(archive, parts)
        name = find_workbook(archive, parts, budget)
        if name is None:
            _write_file(archive, write, max_bytes)
        else:
            _refuse_other_documents(name)
            write(FROM_SHEET)
            workbook = open_workbook(archive, parts, name, budget)
            write_sheet(workbook, CsvWriter(write, max_bytes))


class _Guarded(io.BufferedReader):
    """A zip of which `zipfile` cannot read more at once than a reasonable list of its files.

    It reads the whole list first, however long a stranger has made it, and makes objects of it.
    """

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_DIRECTORY_BYTES:
            raise _too_many_files()
        return super().read(size)


def _too_many_files() -> Refused:
    return Refused(f"is a zip archive with more than {MAX_FILES} files in it.")


def _refuse_other_formats(archive: zipfile.ZipFile, parts: Parts) -> None:
    what = None
    if "mimetype" in parts and "content.xml" in parts:
        what = "an OpenDocument file (.ods)"
    elif any(name.endswith(".iwa") for name in parts):
        what = "an Apple Numbers document"
    if what is not None:
        raise Refused(f"is {what}, which is not read here. Save it as .xlsx or CSV.")


def _refuse_other_documents(name: str) -> None:
    if name.endswith(".bin"):
        raise Refused("is a binary workbook (.xlsb). Save it as .xlsx or CSV.")
    if name.startswith(("word/", "ppt/")):
        raise Refused("is an Office document that is no Excel workbook.")


def _write_file(archive: zipfile.ZipFile, write: Write, max_bytes: int) -> None:
    info = _find_file(archive)
    writer = CsvWriter(write, max_bytes)
    with open_part(archive, info) as file:
        block = file.read(BLOCK_BYTES)
        check_text(block[:DETECTION_BYTES], "a zip archive")
        write(AS_IT_IS)
        while block:
            writer.write_block(block)
            block = file.read(BLOCK_BYTES)


def _find_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    files = [info for info in archive.infolist() if not _is_litter(info)]
    if len(files) == 1:
        return files[0]
    if not files:
        raise Refused("is a zip archive without a file in it.")
    names = ", ".join(info.filename[:100] for info in files[:SHOWN_FILES])
    more = f" and {len(files) - SHOWN_FILES} more" if len(files) > SHOWN_FILES else ""
    raise Refused(
        f"is a zip archive with {len(files)} files in it, and has to have one CSV file only."
        f" Found: {names}{more}."
    )


def _is_litter(info: zipfile.ZipInfo) -> bool:
    """Tell whether it is a folder, or something that a system adds when people pack files."""
    *folders, name = info.filename.replace("\\", "/").split("/")
    return (
        info.is_dir()
        or "__MACOSX" in folders
        or name in {"", ".DS_Store", "Thumbs.db", "desktop.ini"}
    )
