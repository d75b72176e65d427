"""The parts of a zip that is an Office document, found as spreadsheet programs find them.

What writes workbooks is careless with the names of parts, so those are looked for in every way that
some spreadsheet program takes: in any case, with `/` or `\\`, from the root or from a folder, and
where they usually lie when nothing says where they are.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass

from rollcall.imports.formats.child.xml_parts import Budget, XmlReader, local, open_part
from rollcall.imports.formats.protocol import FileRefused

_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
# Where the main part of a document lies by custom.
MAIN_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "word/document.xml", "ppt/presentation.xml")


class Handler:
    """Collects from the elements of one part, whatever the prefix of their namespace."""

    def __init__(self) -> None:
        self.xml = XmlReader(self.on_start, self.on_end)

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def on_end(self, name: str) -> None:
        """Most elements say all they have to say when they begin."""


@dataclass(frozen=True)
class Relation:
    """What a part refers to: `kind` in lower case, such as "worksheet", and the part's name."""

    kind: str
    part: str


class Package:
    """The parts of a document by their names, and what may still be read of them."""

    def __init__(self, archive: zipfile.ZipFile, budget: Budget):
        self.archive = archive
        self.budget = budget
        # Of two entries with one name the later one is meant, which some program has added.
        self._parts = {part_name(info.filename): info for info in archive.infolist()}

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def names(self) -> list[str]:
        """Return the names of all parts."""
        return list(self._parts)

    def part(self, name: str) -> zipfile.ZipInfo:
        """Return where a part is.

        Raises:
            FileRefused: it is missing.
        """
        if name not in self._parts:
            raise FileRefused(f'is a workbook that is damaged: its part "{name[:100]}" is missing.')
        return self._parts[name]

    def read(self, name: str, handler: Handler) -> None:
        """Read a part to its end."""
        with open_part(self.archive, self.part(name)) as part:
            handler.xml.read(part, self.budget)

    def read_if_there(self, name: str | None, handler: Handler) -> None:
        """Read a part, unless it is missing or has nothing in it."""
        if name in self._parts and self._parts[name].file_size:
            self.read(name, handler)

    def relations(self, name: str) -> dict[str, Relation]:
        """Return what a part refers to, by the ids of the references; "" is the document."""
        folder, base = posixpath.split(name)
        handler = _Relations(self, folder)
        self.read_if_there(posixpath.join(folder, "_rels", f"{base}.rels"), handler)
        return handler.found

    def main_part(self) -> str | None:
        """Return the part that a program opens; None if this is no Office document."""
        relations = self.relations("").values()
        said = [relation.part for relation in relations if relation.kind == "officedocument"]
        ways = (*said, *MAIN_PARTS)
        return next((name for name in ways if name in self), next(iter(said), None))

    def resolve(self, folder: str, target: str) -> str:
        """Return the name of the part that a part in this folder calls so."""
        target = target.replace("\\", "/")
        ways = [
            part_name(posixpath.join("/", start, path))
            for start, path in ((folder, target), ("", target), (folder, target.lstrip("/")))
        ]
        return next((name for name in ways if name in self), ways[0])


def part_name(path: str) -> str:
    """Return a name in the one form in which names are compared."""
    path = path.replace("\\", "/")
    if "%" in path:
        path = _PERCENT.sub(lambda code: bytes([int(code[1], 16)]), path.encode()).decode(
            errors="replace"
        )
    return posixpath.normpath("/" + path).lstrip("/").lower()


class _Relations(Handler):
    def __init__(self, package: Package, folder: str):
        super().__init__()
        self._package = package
        self._folder = folder
        self.found: dict[str, Relation] = {}

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            part = self._package.resolve(self._folder, attributes.get("Target", ""))
            kind = attributes.get("Type", "").rpartition("/")[2].lower()
            self.found[attributes.get("Id", "")] = Relation(kind, part)
