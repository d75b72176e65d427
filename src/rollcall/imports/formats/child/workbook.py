"""A workbook: its sheets, and what their cells refer to."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass

from rollcall.imports.formats.child.cell_values import Format
from rollcall.imports.formats.child.package import Handler, Package
from rollcall.imports.formats.child.strings import SharedStrings, StringsHandler
from rollcall.imports.formats.child.styles import StylesHandler
from rollcall.imports.formats.child.xml_parts import local
from rollcall.imports.formats.protocol import FileRefused


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet that has cells.

    `number` counts the visible tabs from 1, charts included; None where the sheet is hidden.
    """

    name: str
    number: int | None
    part: str


@dataclass(frozen=True, kw_only=True)
class Workbook:
    """A workbook of which everything is read but the rows; it has one sheet at least."""

    package: Package
    sheets: list[Sheet]
    strings: SharedStrings
    formats: list[Format]
    epoch_1904: bool


Choose = Callable[[Workbook], Sheet]


def open_workbook(package: Package, main_part: str) -> Workbook:
    """Read everything but the rows.

    Raises:
        FileRefused: it is damaged or has no sheet with cells.
        FileTooLarge: it needs more than the server gives.
    """
    listing = _Listing(package, main_part)
    package.read(main_part, listing)
    if not listing.sheets:
        raise FileRefused("is a workbook without a sheet that has cells.")
    strings, styles = StringsHandler(), StylesHandler()
    package.read_if_there(listing.part_of("sharedStrings"), strings)
    package.read_if_there(listing.part_of("styles"), styles)
    return Workbook(
        package=package,
        sheets=listing.sheets,
        strings=strings.found,
        formats=styles.formats(),
        epoch_1904=listing.epoch_1904,
    )


class _Listing(Handler):
    """The workbook itself: its sheets in the order of their tabs, and when its days begin."""

    def __init__(self, package: Package, main_part: str) -> None:
        super().__init__()
        self._package = package
        self._folder = posixpath.dirname(main_part)
        self._relations = package.relations(main_part)
        self._tabs = 0
        self._visible_tabs = 0
        self.sheets: list[Sheet] = []
        self.epoch_1904 = False

    def part_of(self, kind: str) -> str:
        """Return the part of a kind of which there is one, where it is said to be or usually is."""
        relations = self._relations.values()
        said = (relation.part for relation in relations if relation.kind == kind.lower())
        usual = self._package.resolve(self._folder, f"{kind}.xml")
        return next((part for part in said if part in self._package), usual)

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) == "workbookPr":
            self.epoch_1904 = attributes.get("date1904", "").lower() in ("1", "true", "on")
        elif local(name) == "sheet":
            self._add_tab(attributes)

    def _add_tab(self, attributes: dict[str, str]) -> None:
        self._tabs += 1
        is_visible = attributes.get("state", "visible").lower() == "visible"
        self._visible_tabs += is_visible
        part = self._find_cells(attributes)
        if part is not None:
            number = self._visible_tabs if is_visible else None
            name = attributes.get("name", "")
            self.sheets.append(Sheet(name=name, number=number, part=part))

    def _find_cells(self, attributes: dict[str, str]) -> str | None:
        """Return the part with the cells of a tab; None where it is a chart or a macro."""
        id_ = next((v for k, v in attributes.items() if local(k) == "id"), "")
        relation = self._relations.get(id_)
        if relation is not None:
            return relation.part if relation.kind == "worksheet" else None
        # Without any references the parts are called as every program calls them.
        part = self._package.resolve(self._folder, f"worksheets/sheet{self._tabs}.xml")
        return part if not self._relations and part in self._package else None
