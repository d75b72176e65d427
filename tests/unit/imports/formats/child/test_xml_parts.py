"""XML from strangers, read within bounds."""

from __future__ import annotations

import io
import zipfile

import pytest

from rollcall.imports.formats.child.xml_parts import (
    BLOCK_BYTES,
    Budget,
    XmlReader,
    local,
    open_part,
)
from rollcall.imports.formats.protocol import FileRefused, FileTooLarge

BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;">]><a>&c;</a>'
STRANGER = '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>'


def nothing() -> None:
    """Watch nothing."""


def read(xml: bytes, budget: int = 10_000_000) -> list[str]:
    """Read a part; return its elements and texts in the order in which they came."""
    events: list[str] = []
    reader = XmlReader(
        lambda name, attributes: events.append(f"<{name}{attributes or ''}>"),
        lambda name: events.append(f"</{name}>"),
    )
    reader.on_text(events.append)
    reader.read(io.BytesIO(xml), Budget(budget, nothing))
    return events


def test_elements_and_text_come_in_their_order() -> None:
    xml = '<a x="1"><s:b>Zoë &amp; &#x41;</s:b></a>'.encode()
    assert read(xml) == ["<a{'x': '1'}>", "<s:b>", "Zoë & A", "</s:b>", "</a>"]


@pytest.mark.parametrize(
    "before", [b"\r\n", b" \t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\n" * 300_000]
)
def test_what_stands_before_the_declaration(before: bytes) -> None:
    assert read(before + b"<?xml version='1.0' encoding='UTF-8'?><a/>") == ["<a>", "</a>"]


def test_handlers_can_be_changed_while_it_is_read() -> None:
    texts: list[str] = []
    reader = XmlReader(lambda name, _: start(name), lambda _: None)

    def start(name: str) -> None:
        reader.on_text(texts.append if name == "t" else None)

    reader.read(io.BytesIO(b"<a>1<t>2</t>3<v>4</v></a>"), Budget(100, nothing))
    assert "".join(texts) == "23"
    other: list[str] = []
    reader = XmlReader(lambda *_: reader.on_start(lambda name, _: other.append(name)), nothing_of)
    reader.read(io.BytesIO(b"<a><b/><c/></a>"), Budget(100, nothing))
    assert other == ["b", "c"]


def nothing_of(_: str) -> None:
    """Hear nothing of an element's end."""


@pytest.mark.parametrize("xml", [BOMB, STRANGER, "<!DOCTYPE a><a/>"])
def test_a_document_type_is_refused_before_anything_in_it_is_looked_at(xml: str) -> None:
    with pytest.raises(FileRefused, match="with a document type in its XML"):
        read(xml.encode())


@pytest.mark.parametrize("xml", [b"", b"<a>", b"<a></b>", b"<a>&b;</a>", b"PK\x03\x04", b"<a/>x"])
def test_what_is_no_xml_is_refused_with_what_is_wrong(xml: bytes) -> None:
    with pytest.raises(FileRefused, match=r"is a workbook that is damaged: .+\."):
        read(xml)


def test_a_part_is_read_within_the_budget_of_all() -> None:
    xml = b"<a>" + b"x" * 100 + b"</a>"
    budget = Budget(len(xml) + 50, nothing)
    XmlReader(lambda *_: None, nothing_of).read(io.BytesIO(xml), budget)
    with pytest.raises(FileTooLarge, match="far larger than this server accepts"):
        XmlReader(lambda *_: None, nothing_of).read(io.BytesIO(xml), budget)
    with pytest.raises(FileTooLarge):
        read(b"<a>" + b" " * 10 * BLOCK_BYTES, budget=2 * BLOCK_BYTES)


def test_whoever_watches_can_end_it() -> None:
    blocks = 0

    def watch() -> None:
        nonlocal blocks
        blocks += 1
        if blocks == 3:
            raise TimeoutError

    xml = io.BytesIO(b"<a>" + b"x" * 10 * BLOCK_BYTES + b"</a>")
    with pytest.raises(TimeoutError):
        XmlReader(lambda *_: None, nothing_of).read(xml, Budget(100 * BLOCK_BYTES, watch))
    assert xml.tell() == 3 * BLOCK_BYTES


@pytest.mark.parametrize(("name", "without"), [("sst", "sst"), ("x:sst", "sst"), ("", "")])
def test_prefixes_do_not_matter(name: str, without: str) -> None:
    assert local(name) == without


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_part_in_the_usual_ways_is_opened(method: int) -> None:
    archive = packed(method)
    with open_part(archive, archive.getinfo("x.xml")) as part:
        assert part.read() == b"<a/>"


def test_a_part_that_is_packed_otherwise_is_refused() -> None:
    archive = packed(zipfile.ZIP_BZIP2)
    with pytest.raises(FileRefused, match="Pack it with the usual method, Deflate"):
        open_part(archive, archive.getinfo("x.xml"))


def test_a_part_with_a_password_is_refused() -> None:
    archive = packed(zipfile.ZIP_STORED)
    info = archive.getinfo("x.xml")
    info.flag_bits |= 1
    with pytest.raises(FileRefused, match="protected with a password"):
        open_part(archive, info)


def packed(method: int) -> zipfile.ZipFile:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        archive.writestr("x.xml", "<a/>")
    return zipfile.ZipFile(content)
