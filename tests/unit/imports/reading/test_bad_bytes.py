"""Every encoding is read to its end, whatever bytes are in the file."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollcall.imports.checkpoint import START, Checkpoint
from rollcall.imports.encoding_labels import _ENCODINGS
from rollcall.imports.reading import blocks
from rollcall.imports.reading.bad_bytes import handler_for
from rollcall.imports.reading.chunks import Chunk, read_chunks
from rollcall.imports.reading.dialect import Dialect
from rollcall.imports.reading.encoding import is_exact

CODECS = sorted(_ENCODINGS)
SURROGATES = [chr(code) for code in range(0xD800, 0xE000)]


def decode(data: bytes, codec: str) -> str:
    reader = io.TextIOWrapper(
        io.BytesIO(data), encoding=codec, errors=handler_for(codec), newline=""
    )
    return reader.read()


def dialect_in(codec: str, delimiter: str = ",") -> Dialect:
    return Dialect(
        encoding=codec, delimiter=delimiter, header=("email", "first_name"), header_row=1
    )


def chunks_of(data: bytes, dialect: Dialect, start: Checkpoint = START) -> Iterator[Chunk]:
    file: io.BufferedReader = io.BufferedReader(io.BytesIO(data[start.offset :]))
    return read_chunks(file, dialect, skip_to_row=start.row, start=start)


def records_of(data: bytes, dialect: Dialect) -> list[list[str]]:
    return [record for chunk in chunks_of(data, dialect) for record in chunk.records]


@pytest.mark.parametrize("codec", CODECS)
@settings(max_examples=20, deadline=None)
@given(data=st.binary(max_size=40))
def test_any_bytes_can_be_decoded(codec: str, data: bytes) -> None:
    decode(data, codec)


@pytest.mark.parametrize(
    ("codec", "name", "bad"),
    [
        ("cp932", "山田太郎", b"\x81 "),
        ("cp932", "ソ連", b"\x85\x7f"),
        ("cp949", "김민수", b"\xff"),
        ("gb18030", "王伟", b"\x81\x30\x81 "),
        ("gb18030", "王伟", b"\x80"),
        ("cp950", "陳大文", b"\xff"),
        ("euc_jp", "佐藤花子", b"\x8f\xa1 "),
        ("iso2022_jp_ext", "佐藤花子", b"\x1b$B~~\x1b(B"),
        ("iso2022_jp_ext", "佐藤花子", b"\x1b$X"),
        ("cp1252", "Zoë", b"\x81"),
        ("cp874", "สมชาย", b"\xff"),
        ("cp1257", "Žukauskas", b"\xa1"),
        ("iso8859_7", "Γιάννης", b"\xff"),
        ("utf-16-le", "Zoë", b"\x00\xd8"),
        ("utf-16-be", "山田", b"\xdc\x00"),
    ],
)
def test_a_bad_sequence_is_in_its_record_and_in_no_other(codec: str, name: str, bad: bytes) -> None:
    header, before, behind = (
        line.encode(codec) for line in ("email,first_name\n", f"a@b.co,{name}\nb@b.co,", "x\n")
    )
    last = f"c@b.co,{name}\n".encode(codec)
    data = header + before + bad + behind + last
    first, second, third = records_of(data, dialect_in(codec))
    assert (first, third) == (["a@b.co", name], ["c@b.co", name])
    assert second[0] == "b@b.co"
    assert any(character in second[1] for character in SURROGATES)


@pytest.mark.parametrize(
    ("codec", "data", "text"),
    [
        # Characters that NEC and IBM have added, and many people have in their names.
        ("euc_jp", b"\xfc\xe2\xc5\xc4", "髙田"),
        ("euc_jp", b"\xad\xa1", "①"),
        ("iso2022_jp_ext", b"\x1b$B|bED\x1b(B", "髙田"),
        ("iso2022_jp_ext", b"\x1b(I1\x1b(B", "ｱ"),
        ("cp932", "髙﨑".encode("cp932"), "髙﨑"),
        # Of Hong Kong, and the dot in names of Taiwan's first peoples.
        ("cp950", "深水埗".encode("big5hkscs"), "深水埗"),
        ("cp950", "瓦歷斯\N{HYPHENATION POINT}諾幹".encode("cp950"), "瓦歷斯‧諾幹"),
        ("cp949", "똠방각하".encode("cp949"), "똠방각하"),
        ("gb18030", "㐂䶮𠮷".encode("gb18030"), "㐂䶮𠮷"),
    ],
)
def test_what_windows_reads_is_read(codec: str, data: bytes, text: str) -> None:
    assert decode(data, codec) == text


def test_a_line_that_ends_within_a_character_ends() -> None:
    text = decode(b"a@b.co,\x1b$B!\nb@b.co\n", "iso2022_jp_ext")
    assert text.split("\n")[0] == "a@b.co,\udc80"


@pytest.mark.parametrize(
    ("codec", "name", "delimiter"),
    [("cp932", "ポール", "|"), ("cp950", "許功蓋", "|"), ("gb18030", "寍亅", "|")],
)
def test_half_a_character_is_no_delimiter(codec: str, name: str, delimiter: str) -> None:
    data = f"email|first_name\na@b.co|{name}\n".encode(codec)
    assert records_of(data, dialect_in(codec, delimiter)) == [["a@b.co", name]]


@pytest.mark.parametrize("codec", [codec for codec in CODECS if is_exact(codec)])
def test_reading_goes_on_where_it_was(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_CHARACTERS", 64)
    every = bytes(byte for byte in range(128, 256))
    lines = [b"email,first_name\n", *(b"a@b.co,%b\n" % every[n : n + 9] for n in range(0, 128, 9))]
    data = b"".join(lines)
    dialect = dialect_in(codec)
    every_record = records_of(data, dialect)
    checkpoints = [chunk.resume for chunk in chunks_of(data, dialect)]
    assert len(checkpoints) > 2
    for at in checkpoints:
        assert data[: at.offset].count(b"\n") == at.row
        rest = [list(r) for chunk in chunks_of(data, dialect, at) for r in chunk.records]
        assert rest == every_record[at.row - 1 :]


def test_which_encodings_lead_back_to_their_bytes() -> None:
    assert {codec for codec in CODECS if not is_exact(codec)} == {
        "utf-16-le",
        "utf-16-be",
        "gb18030",
        "cp949",
        "cp950",
        "cp932",
        "euc_jp",
        "iso2022_jp_ext",
    }
