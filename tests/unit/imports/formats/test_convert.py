"""Packed files are opened in a process of their own: their sheets are known, then one is read."""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest

from rollcall.errors import PayloadTooLarge, ValidationFailed
from rollcall.imports.formats.conversion import Conversion
from rollcall.imports.formats.convert import Converter, PackedFile
from rollcall.imports.formats.cut_off import PackedFileCutOff
from rollcall.imports.formats.gunzip import gunzip
from tests.support.workbooks import book, pack, text_rows, workbook

CSV = b"email\nada@example.com\n"
Result = TypeVar("Result")


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    source = io.BytesIO(data)
    while piece := source.read(10_000):
        yield piece


def spooled(
    data: bytes,
    use: Callable[[PackedFile], Awaitable[Result]],
    converter: Converter | None = None,
) -> Result:
    """Do something with a packed file."""

    async def run() -> Result:
        team = (converter or Converter(1_000_000)).of(uuid.uuid4())
        async with asyncio.timeout(120), team.spool(pieces(data)) as packed:
            return await use(packed)

    return asyncio.run(run())


async def read(conversion: Conversion, sheet: int | None = None) -> bytes:
    head = None if sheet is None or conversion.sheets is None else conversion.sheets[sheet]
    return b"".join([chunk async for chunk in conversion.csv(head)])


def test_any_sheet_can_be_read() -> None:
    async def use(packed: PackedFile) -> list[bytes]:
        read_sheets = []
        for index in range(3):
            async with packed.open() as conversion:
                assert conversion.sheets is not None
                names = [(sheet.name, sheet.number) for sheet in conversion.sheets]
                assert names == [("A", 1), ("B", None), ("C", 2)]
                assert [sheet.records for sheet in conversion.sheets] == [
                    ((1, ("a",)),), (), ((1, ("c",)), (2, ("d,", "e"))),
                ]  # fmt: skip
                read_sheets.append(await read(conversion, index))
        return read_sheets

    sheets: dict[str, str | tuple[str, str]]
    sheets = {"A": text_rows("a"), "B": ("", "hidden"), "C": text_rows("c", ["d,", "e"])}
    assert spooled(book(sheets), use) == [b"a\n", b"", b'c\n"d,",e\n']


def test_a_zip_has_no_sheets() -> None:
    async def use(packed: PackedFile) -> bytes:
        async with packed.open() as conversion:
            assert conversion.sheets is None
            return await read(conversion)

    assert spooled(pack({"a.csv": CSV}), use) == CSV


def test_who_looks_at_the_sheets_alone_leaves_no_process() -> None:
    async def use(packed: PackedFile) -> int | None:
        async with packed.open() as conversion:
            assert conversion.sheets is not None
            process = conversion._process
            assert process.returncode is None
        return process.returncode

    assert spooled(workbook(text_rows(["a"] * 100)), use) is not None


def test_more_heads_than_a_pipe_holds() -> None:
    wide = text_rows(*([[f"{row} {column}" * 20 for column in range(40)] for row in range(60)]))

    async def use(packed: PackedFile) -> list[int]:
        async with packed.open() as conversion:
            return [len(sheet.records) for sheet in conversion.sheets or ()]

    found = spooled(book(dict.fromkeys("ABCDEFGH", wide)), use)
    assert len(found) == 8
    assert all(found)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (book({"A": text_rows(["a"])})[:-30], PackedFileCutOff),
        (pack({"a.csv": CSV * 10_000})[:100], PackedFileCutOff),
        (pack({"a.pdf": b"%PDF-1.7"}), ValidationFailed),
        (workbook(shared="<sst>"), ValidationFailed),
        (workbook(shared=f"<sst>{' ' * 11_000_000}</sst>"), PayloadTooLarge),
    ],
)
def test_what_cannot_be_opened(data: bytes, error: type[Exception]) -> None:
    async def use(packed: PackedFile) -> None:
        async with packed.open():
            pass

    with pytest.raises(error) as caught:
        spooled(data, use)
    assert type(caught.value) is error


def test_what_is_damaged_behind_the_head_of_a_sheet() -> None:
    rows = text_rows(*[["a"]] * 60) + "<row>"

    async def use(packed: PackedFile) -> None:
        async with packed.open() as conversion:
            assert conversion.sheets is not None
            assert conversion.sheets[0].problem is None
            with pytest.raises(ValidationFailed, match="is a workbook that is damaged"):
                await read(conversion, 0)

    spooled(workbook(rows + " " * 300_000), use)


def test_a_gzip_file_that_is_cut_off_is_told_apart_too() -> None:
    async def run() -> None:
        async for _ in gunzip(pieces(b"\x1f\x8b\x08")):
            pass

    with pytest.raises(PackedFileCutOff):
        asyncio.run(run())
