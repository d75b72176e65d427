"""Input as strangers, broken programs and attackers send it: good input with damage in it."""

from __future__ import annotations

from hypothesis import strategies as st

# What formats give a meaning to, and what has broken readers before.
TOKENS = (
    *(b'"', b'""', b"'", b",", b";", b"\t", b"|", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b"\\"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff", b"\x80", b"\xc3", b"\xed\xa0\x80"),
    *(b"\x1a", b"\x1b[31m", b"\x85", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xc2\xa0"),
    *(
        b"--xx",
        b"--xx--",
        b"--",
        b"Content-Disposition: form-data",
        b'; name="file"',
        b"=?",
        b"%00",
    ),
    *(b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06", b"<", b"/>", b"<!DOCTYPE x>", b"&x;", b"&#0;"),
    *(b"{", b"}", b"[", b"]", b"null", b"1e999", b"-1", b"NaN", b"4294967296", b"=1+1"),
    *(b'"' * 3000, b"," * 3000, b"\n" * 3000, b"a" * 3000, b"[" * 3000),
)
_POSITION = st.floats(0, 1)
_INSERTED = st.one_of(st.just(b""), st.sampled_from(TOKENS), st.binary(max_size=6))
_EDITS = st.lists(
    st.tuples(_POSITION, st.integers(0, 40), _INSERTED, st.integers(1, 3)), min_size=1, max_size=6
)


def damaged(good: bytes) -> st.SearchStrategy[bytes]:
    """Bytes that begin as `good`, of which parts are cut out, put in and said again."""
    return _EDITS.map(lambda edits: _edit(good, edits))


def junk_texts() -> st.SearchStrategy[str]:
    """Texts for a field: any characters, and those that mean something somewhere."""
    known = st.sampled_from(TOKENS).map(lambda token: token.decode("utf-8", "replace"))
    return st.one_of(
        st.text(max_size=30), st.lists(st.one_of(known, st.text(max_size=4))).map("".join)
    )


def _edit(data: bytes, edits: list[tuple[float, int, bytes, int]]) -> bytes:
    for position, cut, inserted, times in edits:
        at = round(position * len(data))
        data = data[:at] + inserted * times + data[at + cut :]
    return data
