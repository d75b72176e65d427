"""Records out of bytes: whole, in order, with their row numbers, and in flat memory."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rollcall.imports import blocks, parse
from rollcall.imports.dialect import Dialect
from rollcall.imports.parse import Chunk, Place, read_chunks
from tests import oracle

HEADER = "email,a\n"
TEXTS = st.text(st.sampled_from(list('a",\r\n')), max_size=60)
Record = tuple[int, list[str] | str]


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests change the sizes; they are put back afterwards."""
    for module, name in (
        (blocks, "BLOCK_CHARACTERS"),
        (blocks, "MAX_RECORD_CHARACTERS"),
        (parse, "CHUNK_RECORDS"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))


def read(data: bytes, *, skip_to_row: int = 1) -> Iterator[Record]:
    """Yield row and cells of every record, or the code that it fails with."""
    dialect = Dialect(encoding="utf-8", delimiter=",", header=("email", "a"), header_row=1)
    expected_row = max(skip_to_row, 1) + 1
    for chunk in read_chunks(io.BufferedReader(io.BytesIO(data)), dialect, skip_to_row=skip_to_row):
        assert chunk.first_row == expected_row
        yield from enumerate(chunk.records, start=chunk.first_row)
        yield from ((failure.row, failure.code) for failure in chunk.failures)
        expected_row = chunk.last_row + 1


def expected(text: str) -> list[Record]:
    return [
        (record.row, "unterminated_quote" if record.unterminated else list(record.cells))
        for record in oracle.read_records(text, ",")
    ]


@given(text=TEXTS, block=st.integers(1, 20), chunk=st.integers(1, 5), skip=st.integers(1, 12))
def test_blocks_and_chunks_do_not_show(text: str, block: int, chunk: int, skip: int) -> None:
    blocks.BLOCK_CHARACTERS, parse.CHUNK_RECORDS = block, chunk
    whole = HEADER + text
    assert list(read(whole.encode())) == expected(whole)[1:]
    assert list(read(whole.encode(), skip_to_row=skip)) == expected(whole)[skip:]


@given(
    text=TEXTS,
    block=st.integers(1, 20),
    chunk=st.integers(1, 5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_reading_goes_on_at_any_place(text: str, block: int, chunk: int, encoding: str) -> None:
    blocks.BLOCK_CHARACTERS, parse.CHUNK_RECORDS = block, chunk
    dialect = Dialect(encoding=encoding, delimiter=",", header=("email", "a"), header_row=1)
    # 0x81 means nothing in any of these encodings.
    data = (HEADER + text).encode(encoding, "replace") + b"\n\x81,x\n\x81,y\n"
    check_every_place(data, dialect)


@pytest.mark.parametrize("before", ["", "\n", "a,b\nc,d\n"])
@pytest.mark.parametrize("huge", ['"' + "ä\r\n" * 300 + '"', '"' * 2001, "ä" * 1000])
def test_reading_goes_on_behind_a_record_that_is_not_kept(before: str, huge: str) -> None:
    blocks.BLOCK_CHARACTERS, blocks.MAX_RECORD_CHARACTERS = 50, 100
    data = f"{HEADER}{before}{huge},x\na,b\n".encode()
    dialect = Dialect(encoding="utf-8", delimiter=",", header=("email", "a"), header_row=1)
    assert any(code == "value_too_long" for _, code in read(data)) or huge == '"' * 2001
    check_every_place(data, dialect)


def check_every_place(data: bytes, dialect: Dialect) -> None:
    """Read from the end of each chunk on, and find what is behind it."""

    def rest(start: Place) -> list[Chunk]:
        rest_of_file = io.BytesIO(data[start.offset :])
        return list(
            read_chunks(io.BufferedReader(rest_of_file), dialect, skip_to_row=1, start=start)
        )

    chunks = rest(parse.START)
    assert chunks[-1].resume.offset == len(data)
    for number, done in enumerate(chunks, start=1):
        begun_anew = [record for part in rest(done.resume) for record in part.records]
        assert begun_anew == [record for part in chunks[number:] for record in part.records]


@example(text="\r\r\n", block=3, limit=0)
@given(text=TEXTS, block=st.integers(1, 8), limit=st.integers(0, 30))
def test_a_record_that_is_not_kept_still_ends_where_it_ends(
    text: str, block: int, limit: int
) -> None:
    """Whatever the limit on a record's size, the records around it are the same."""
    blocks.BLOCK_CHARACTERS, blocks.MAX_RECORD_CHARACTERS = block, limit
    found = list(read((HEADER + text).encode()))
    wanted = expected(HEADER + text)[1:]
    assert [row for row, _ in found] == [row for row, _ in wanted]
    for (_, record), (_, right) in zip(found, wanted, strict=True):
        assert record in (right, "value_too_long")
        if right == "unterminated_quote":
            assert record == right


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("end", ["", '"'])
def test_a_stray_quote_does_not_fill_the_memory(newline: str, end: str) -> None:
    """What follows a quote that does not close, or only after megabytes, is one failed record."""
    blocks.MAX_RECORD_CHARACTERS = 1024 * 1024
    line = f"person@example.com,Some Name{newline}"
    data = f'email,a{newline}{line}x,"{line * 2_000_000}{end}{newline}{line}'.encode()
    tracemalloc.start()
    found = list(read(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    good = ["person@example.com", "Some Name"]
    assert found == (
        [(2, good), (3, "value_too_long"), (4, good)]
        if end
        else [(2, good), (3, "unterminated_quote")]
    )
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
    data = f"email,a\n{newline * 2_000_000}a@b.co,A\n".encode()
    rows = sum(1 for _ in read(data))
    assert rows == 2_000_001
