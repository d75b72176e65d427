"""What is in a zip: a workbook, or one CSV file, or something else that is refused by name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from rollcall.imports.formats.child.csv_writer import CsvWriter
from rollcall.imports.formats.child.package import Package
from rollcall.imports.formats.child.sheet import read_sheet
from rollcall.imports.formats.child.workbook import Choose, open_workbook
from rollcall.imports.formats.child.xml_parts import BLOCK_BYTES, Budget, open_part
from rollcall.imports.formats.detect import DETECTION_BYTES, check_text
from rollcall.imports.formats.protocol import AS_IT_IS, FileCutOff, FileRefused

MAX_FILES = 10_000
MAX_DIRECTORY_BYTES = 8 * 1024 * 1024
SHOWN_FILES = 5
# How many bytes of XML may stand for one byte of CSV: usually four, at most eleven or so.
XML_FACTOR = 10


Write = Callable[[bytes], object]


def write_csv(
    packed: io.RawIOBase,
    write: Write,
    max_bytes: int,
    *,
    watch: Callable[[], None],
    choose: Choose,
) -> None:
    """Write the CSV that is in a zip, behind a line that says so, or that of a sheet of a workbook.

    Args:
        packed: the zip, which can be sought in; it is closed in the end.
        write: takes what is written.
        max_bytes: how large the CSV may be.
        watch: called now and then; raises to end it.
        choose: returns which sheet of a workbook is to be written.

    Raises:
        FileCutOff: the end of the zip is missing.
        FileRefused: there is none, or none that is clearly meant, or it is damaged.
        FileTooLarge: it is larger than `max_bytes`, or needs more than the server gives.
    """
    with _Guarded(packed) as guarded, _open(guarded) as archive:
        if len(archive.infolist()) > MAX_FILES:
            raise _too_many_files()
        package = Package(archive, Budget(max_bytes * XML_FACTOR, watch))
        _refuse_other_formats(package)
        main_part = package.main_part()
        if main_part is None:
            _write_file(archive, write, max_bytes)
        else:
            _refuse_other_documents(main_part)
            workbook = open_workbook(package, main_part)
            writer = CsvWriter(write, max_bytes)
            read_sheet(workbook, choose(workbook), writer)
            writer.flush()


class _Guarded(io.BufferedReader):
    """A zip of which `zipfile` cannot read more at once than a reasonable list of its files.

    It reads the whole list first, however long a stranger has made it, and makes objects of it.
    """

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_DIRECTORY_BYTES:
            raise _too_many_files()
        return super().read(size)


def _open(packed: io.BufferedReader) -> zipfile.ZipFile:
    if not zipfile.is_zipfile(packed):
        raise FileCutOff(
            "is a zip archive or workbook that is damaged or cut off: its end is missing."
            " Upload it again."
        )
    return zipfile.ZipFile(packed)


def _too_many_files() -> FileRefused:
    return FileRefused(f"is a zip archive with more than {MAX_FILES} files in it.")


def _refuse_other_formats(package: Package) -> None:
    what = None
    if "content.xml" in package and ("mimetype" in package or "meta-inf/manifest.xml" in package):
        what = "an OpenDocument file (.ods)"
    elif any(name.endswith(".iwa") or ".numbers/" in name for name in package.names()):
        what = "an Apple Numbers document"
    if what is not None:
        raise FileRefused(f"is {what}, which is not read here. Save it as .xlsx or CSV.")


def _refuse_other_documents(main_part: str) -> None:
    if main_part.endswith(".bin"):
        raise FileRefused("is a binary workbook (.xlsb). Save it as .xlsx or CSV.")
    for folder, what in (("word/", "a Word document"), ("ppt/", "a PowerPoint presentation")):
        if main_part.startswith(folder):
            raise FileRefused(
                f"is {what}, an Office document that is no Excel workbook. Copy the table into"
                " a workbook, save it as .xlsx or CSV and upload that."
            )


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
    # Of two entries with one name the later one is meant, which some program has added.
    files = {info.filename: info for info in archive.infolist() if not _is_litter(info)}
    if len(files) == 1:
        return next(iter(files.values()))
    if not files:
        raise FileRefused("is a zip archive without a file in it.")
    names = ", ".join(name[:100] for name in list(files)[:SHOWN_FILES])
    more = f" and {len(files) - SHOWN_FILES} more" if len(files) > SHOWN_FILES else ""
    raise FileRefused(
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
