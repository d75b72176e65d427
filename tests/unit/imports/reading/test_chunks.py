"""Records out of bytes: whole, in order, with their row numbers, and in flat memory."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rollcall.imports import checkpoint
from rollcall.imports.checkpoint import Checkpoint
from rollcall.imports.reading import blocks, chunks
from rollcall.imports.reading.chunks import Chunk, read_chunks
from rollcall.imports.reading.dialect import Dialect
from tests.support.oracle_reader import MAX_RECORD, Body, Style, read_records

HEADER = "email,a\n"
PARTS = [*'aaa",,\r\n\n@', "a@b.co,a\n", 'a@b.co,"a\n', 'a@b.co,"a"\r\n', '",', ',"', '"\n', '""']
TEXTS = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)
BACKSLASHES = st.lists(st.sampled_from([*PARTS, "\\", '\\"', " ", ', "']), max_size=40).map("".join)
STYLES = st.builds(Style, st.just(","), st.booleans(), st.booleans())
Record = tuple[int, list[str] | str]


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests change the sizes; they are put back afterwards."""
    for module, name in (
        (blocks, "BLOCK_CHARACTERS"),
        (blocks, "MAX_RECORD_CHARACTERS"),
        (chunks, "CHUNK_RECORDS"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))


def dialect(encoding: str = "utf-8", style: Style = Style(",")) -> Dialect:  # noqa: B008
    return Dialect(
        encoding=encoding,
        delimiter=style.delimiter,
        header=("email", "a"),
        header_row=1,
        skips_blanks=style.skips_blanks,
        escapes=style.escapes,
        address_column=0,
    )


def read(data: bytes, *, skip_to_row: int = 1, style: Style = Style(",")) -> Iterator[Record]:  # noqa: B008
    """Yield row and cells of every record, or the code that it fails with."""
    expected_row = max(skip_to_row, 1) + 1
    file: io.BufferedReader = io.BufferedReader(io.BytesIO(data))
    for chunk in read_chunks(file, dialect(style=style), skip_to_row=skip_to_row):
        assert chunk.first_row == expected_row
        codes = {failure.row: str(failure.code) for failure in chunk.failures}
        for row, record in enumerate(chunk.records, start=chunk.first_row):
            yield row, codes.get(row, record)
        expected_row = chunk.last_row + 1


def expected(text: str, style: Style = Style(","), most: int = MAX_RECORD) -> list[Record]:  # noqa: B008
    records = read_records(text, style, Body(width=2, address=0, header_row=1), most)
    return [(record.row, record.code or list(record.cells)) for record in records]


@example(text='a@b.co,"a\na@b.co,a\na@b.co,a\n","\n', block=1, chunk=1, skip=1)
@given(text=TEXTS, block=st.integers(1, 20), chunk=st.integers(1, 5), skip=st.integers(1, 12))
def test_blocks_and_chunks_do_not_show(text: str, block: int, chunk: int, skip: int) -> None:
    blocks.BLOCK_CHARACTERS, chunks.CHUNK_RECORDS = block, chunk
    whole = HEADER + text
    assert list(read(whole.encode())) == expected(whole)[1:]
    assert list(read(whole.encode(), skip_to_row=skip)) == expected(whole)[skip:]


@given(text=BACKSLASHES, block=st.integers(1, 20), style=STYLES)
def test_habits_are_read_as_they_are_meant(text: str, block: int, style: Style) -> None:
    blocks.BLOCK_CHARACTERS = block
    whole = HEADER + text
    assert list(read(whole.encode(), style=style)) == expected(whole, style)[1:]


@given(text=TEXTS, block=st.integers(1, 20), chunk=st.integers(1, 5))
def test_what_is_told_of_records_is_told_of_the_right_ones(
    text: str, block: int, chunk: int
) -> None:
    blocks.BLOCK_CHARACTERS, chunks.CHUNK_RECORDS = block, chunk
    data = (HEADER + text).encode()
    found = list(read_chunks(io.BufferedReader(io.BytesIO(data)), dialect(), skip_to_row=1))
    records = list(read_records(HEADER + text, Style(","), Body(2, 0, 1)))[1:]
    failed = [(each.row, each.cells) for part in found for each in part.failures]
    assert failed == [(each.row, list(each.cells)) for each in records if each.code]
    warned = [(each.row, each.value) for part in found for each in part.warnings]
    lines = [(each.row, str(each.lines)) for each in records if each.lines > 25 and not each.code]
    assert warned == lines


@given(
    text=TEXTS,
    block=st.integers(1, 20),
    chunk=st.integers(1, 5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_reading_goes_on_at_any_place(text: str, block: int, chunk: int, encoding: str) -> None:
    blocks.BLOCK_CHARACTERS, chunks.CHUNK_RECORDS = block, chunk
    # 0x81 means nothing in any of these encodings.
    data = (HEADER + text).encode(encoding, "replace") + b"\n\x81,x\n\x81,y\n"
    check_every_place(data, dialect(encoding))


@pytest.mark.parametrize("before", ["", "\n", "a,b\nc,d\n"])
@pytest.mark.parametrize("huge", ['"' + "ä\r\n" * 300 + '"', '"' * 2001, "ä" * 1000])
def test_reading_goes_on_behind_a_record_that_is_not_kept(before: str, huge: str) -> None:
    blocks.BLOCK_CHARACTERS, blocks.MAX_RECORD_CHARACTERS = 50, 100
    data = f"{HEADER}{before}{huge},x\na,b\n".encode()
    assert any(isinstance(code, str) for _, code in read(data))
    check_every_place(data, dialect())


def check_every_place(data: bytes, dialect: Dialect) -> None:
    """Read from the end of each chunk on, and find what is behind it."""

    def rest(start: Checkpoint) -> list[Chunk]:
        rest_of_file = io.BytesIO(data[start.offset :])
        return list(
            read_chunks(io.BufferedReader(rest_of_file), dialect, skip_to_row=1, start=start)
        )

    def told(chunks: list[Chunk]) -> list[object]:
        records = [record for part in chunks for record in part.records]
        return [*records, *(failure for part in chunks for failure in part.failures)]

    chunks = rest(checkpoint.START)
    assert chunks[-1].resume.offset == len(data)
    for number, done in enumerate(chunks, start=1):
        assert told(rest(done.resume)) == told(chunks[number:])


@example(text="\r\r\n", block=3, limit=0)
@given(text=TEXTS, block=st.integers(1, 8), limit=st.integers(0, 30))
def test_a_record_that_is_too_long_is_not_kept(text: str, block: int, limit: int) -> None:
    blocks.BLOCK_CHARACTERS, blocks.MAX_RECORD_CHARACTERS = block, limit
    found = list(read((HEADER + text).encode()))
    assert found == expected(HEADER + text, most=limit)[1:]


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("end", ["", '"'])
def test_a_stray_quote_does_not_fill_the_memory(newline: str, end: str) -> None:
    """A quote that does not close, or only after megabytes, spoils its own record alone."""
    blocks.MAX_RECORD_CHARACTERS = 1024 * 1024
    # No record, so that nothing but its size tells that the quote is none.
    line = f"person at example.com,{'Some Name' * 50}{newline}"
    data = f'email,a{newline}{line}x,"{line * 60_000}{end}{newline}{line}'.encode()
    tracemalloc.start()
    file: io.BufferedReader = io.BufferedReader(io.BytesIO(data))
    rows, failures = 0, []
    for chunk in read_chunks(file, dialect(), skip_to_row=1):
        rows += len(chunk.records)
        failures += [(failure.row, failure.code) for failure in chunk.failures]
        del chunk
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # What should have closed it opens a cell of its own then.
    assert failures == [(row, "unterminated_quote") for row in ((3, 60_003) if end else (3,))]
    assert rows == 60_003
    assert peak < 25_000_000 < len(data)


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    blocks.MAX_RECORD_CHARACTERS = 1024 * 1024
    data = b"email,a\n" + b"x" * 30_000_000 + b"\na@b.co,A\n"
    tracemalloc.start()
    found = list(read(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [(2, "value_too_long"), (3, ["a@b.co", "A"])]
    assert peak < 25_000_000 < len(data)


def test_a_long_record_in_many_lines_is_kept_up_to_the_limit() -> None:
    cell = "line\n" * 200_000
    data = f'email,a\nx,"{cell}"\na@b.co,A\n'.encode()
    assert list(read(data)) == [(2, ["x", cell]), (3, ["a@b.co", "A"])]


@pytest.mark.parametrize("newline", ["\r", "\n", "\r\n"])
def test_millions_of_line_ends_are_read_in_linear_time(newline: str) -> None:
    """Quadratic time would make this test run into its time limit by hours."""
    data = f"email,a\n{newline * 1_000_000}a@b.co,A\n".encode()
    rows = sum(1 for _ in read(data))
    assert rows == 1_000_001
