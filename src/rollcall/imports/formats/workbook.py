"""The parts of a workbook that its first sheet needs: where it is, its strings, its formats."""

from __future__ import annotations

import posixpath
import zipfile
from array import array
from collections.abc import Mapping
from dataclasses import dataclass

from rollcall.imports.formats.cells import BUILTIN, Format, read_format, unescape
from rollcall.imports.formats.csv_text import encode_cell
from rollcall.imports.formats.parts import Budget, XmlReader, local, open_part
from rollcall.imports.formats.refusals import Refused

Parts = Mapping[str, zipfile.ZipInfo]


@dataclass(kw_only=True)
class Workbook:
    """A workbook whose small parts are read."""

    archive: zipfile.ZipFile
    budget: Budget
    sheet: zipfile.ZipInfo
    strings: SharedStrings
    formats: list[Format]
    epoch_1904: bool


class SharedStrings:
    """The texts that cells refer to by number, ready to be written as cells of a CSV.

    They lie behind one another in one piece, because a million objects would need five times as
    much memory.
    """

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("Q", [0])

    def append(self, cell: bytes) -> None:
        """Add the next string."""
        self._text += cell
        self._ends.append(len(self._text))

    def __getitem__(self, number: int) -> bytes:
        if not 0 <= number < len(self._ends) - 1:
            raise Refused("is a workbook that is damaged: a cell refers to a text that is missing.")
        return bytes(self._text[self._ends[number] : self._ends[number + 1]])


def find_parts(archive: zipfile.ZipFile) -> Parts:
    """Return what is in a zip by its name; names are compared as Windows does."""
    return {_name(info.filename): info for info in archive.infolist()}


def _name(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").lower()


def find_workbook(archive: zipfile.ZipFile, parts: Parts, budget: Budget) -> str | None:
    """Return the name of the part that a spreadsheet program opens; None if there is none."""
    if "[content_types].xml" not in parts or "_rels/.rels" not in parts:
        return None
    relations = _read_relations(archive, parts, budget, "")
    for kind, name in relations.values():
        if kind == "officedocument":
            return name
    return None


def open_workbook(archive: zipfile.ZipFile, parts: Parts, name: str, budget: Budget) -> Workbook:
    """Read everything but the rows.

    Raises:
        Refused: it is damaged or has no sheet with cells.
        TooLarge: it needs more than the server gives.
    """
    listing = _Listing()
    _read(archive, _part(parts, name), listing, budget)
    relations = _read_relations(archive, parts, budget, name)
    shared = {kind: part for kind, part in relations.values() if kind != "worksheet"}
    strings, styles = _Strings(), _Styles()
    if "sharedstrings" in shared:
        _read(archive, _part(parts, shared["sharedstrings"]), strings, budget)
    if "styles" in shared:
        _read(archive, _part(parts, shared["styles"]), styles, budget)
    return Workbook(
        archive=archive,
        budget=budget,
        sheet=_part(parts, listing.first_sheet(relations)),
        strings=strings.found,
        formats=styles.formats(),
        epoch_1904=listing.epoch_1904,
    )


def _part(parts: Parts, name: str) -> zipfile.ZipInfo:
    if name not in parts:
        raise Refused(f'is a workbook that is damaged: its part "{name[:100]}" is missing.')
    return parts[name]


def _read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, handler: _Handler, budget: Budget
) -> None:
    with open_part(archive, info) as part:
        handler.read(part, budget)


class _Handler:
    """Collects from the elements of one part, whatever the prefix of their namespace."""

    def __init__(self) -> None:
        self._xml = XmlReader(self.on_start, self.on_end)
        self.read = self._xml.read

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def on_end(self, name: str) -> None:
        """Most elements say all they have to say when they begin."""


Relations = dict[str, tuple[str, str]]


def _read_relations(archive: zipfile.ZipFile, parts: Parts, budget: Budget, name: str) -> Relations:
    """Return kinds and names of the parts that a part refers to, by their ids."""
    folder, base = posixpath.split(name)
    handler = _Relations(folder)
    _read(archive, _part(parts, posixpath.join(folder, "_rels", f"{base}.rels")), handler, budget)
    return handler.found


class _Relations(_Handler):
    def __init__(self, folder: str):
        super().__init__()
        self._folder = folder
        self.found: Relations = {}

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.join("/", self._folder, attributes.get("Target", ""))
            kind = attributes.get("Type", "").rpartition("/")[2].lower()
            self.found[attributes.get("Id", "")] = (kind, _name(posixpath.normpath(target)))


class _Listing(_Handler):
    """The workbook itself: its sheets in the order of their tabs, and when its days begin."""

    def __init__(self) -> None:
        super().__init__()
        self._sheets: list[tuple[bool, str]] = []
        self.epoch_1904 = False

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) == "workbookPr":
            self.epoch_1904 = attributes.get("date1904") in ("1", "true", "on")
        elif local(name) == "sheet":
            relation = next((v for k, v in attributes.items() if local(k) == "id" and ":" in k), "")
            self._sheets.append((attributes.get("state", "visible") != "visible", relation))

    def first_sheet(self, relations: Relations) -> str:
        """Return the name of the first sheet that has cells; hidden ones come last."""
        for _, relation in sorted(self._sheets, key=lambda sheet: sheet[0]):
            kind, name = relations.get(relation, ("", ""))
            if kind == "worksheet":
                return name
        raise Refused("is a workbook without a sheet that has cells.")


class _Strings(_Handler):
    def __init__(self) -> None:
        super().__init__()
        self.found = SharedStrings()
        self._text: list[str] = []
        self._is_reading_aid = False

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "si":
            self._text.clear()
        elif name == "rPh":
            self._is_reading_aid = True
        elif name == "t" and not self._is_reading_aid:
            self._xml.hear(self._text.append)

    def on_end(self, name: str) -> None:
        name = local(name)
        if name == "t":
            self._xml.hear(None)
        elif name == "rPh":
            self._is_reading_aid = False
        elif name == "si":
            self.found.append(encode_cell(unescape("".join(self._text))))


class _Styles(_Handler):
    """Which number format each style has that a cell can refer to."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[int, Format] = {}
        self._used: list[int] = []
        self._is_of_cells = False

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "numFmt" and not self._is_of_cells:
            code = attributes.get("formatCode", "")
            self._codes[_number(attributes, "numFmtId")] = read_format(code)
        elif name == "cellXfs":
            self._is_of_cells = True
        elif name == "xf" and self._is_of_cells:
            self._used.append(_number(attributes, "numFmtId"))

    def on_end(self, name: str) -> None:
        if local(name) == "cellXfs":
            self._is_of_cells = False

    def formats(self) -> list[Format]:
        return [self._codes.get(used, BUILTIN.get(used)) for used in self._used]


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
