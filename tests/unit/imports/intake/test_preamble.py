"""What stands before the first boundary of a multipart body, however the body is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollcall.errors import ValidationFailed
from rollcall.imports.intake.preamble import Preamble

REST = b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX--\r\n'


def feed(body: bytes, size: int) -> tuple[bytes, bool]:
    """Feed a body in pieces of a size; return what came through, and whether it has begun."""
    preamble = Preamble(b"XX")
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(preamble.feed(piece) for piece in pieces), preamble.ended


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\r\n",
        b"This is a message in MIME format.\r\n",
        b"a line\nand another\n",
        # Neither of these is the boundary: it begins a line, and nothing but blanks follows it.
        b"--X\r\n",
        b"--XXX\r\n",
        b"not here --XX\r\n\r\n",
        b"--XX is what it is called\r\n",
        b"--XX -\r\n",
        b"--" * 200 + b"\n",
    ],
)
@pytest.mark.parametrize("blanks", [b"", b" ", b" \t" * 50])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_a_body_comes_through_from_its_first_boundary_on(
    before: bytes, blanks: bytes, size: int
) -> None:
    body = before + b"--XX" + blanks + b"\r\n" + REST
    assert feed(body, size) == (b"--XX\r\n" + REST, True)


@given(before=st.text("-X\r a", max_size=30), size=st.integers(1, 8))
def test_how_a_body_is_cut_does_not_show(before: str, size: int) -> None:
    body = before.encode() + b"\r\n--XX\r\n" + REST
    assert feed(body, size) == feed(body, len(body))


@pytest.mark.parametrize("size", [1, 100])
def test_an_empty_form_is_a_form(size: int) -> None:
    assert feed(b"--XX--\r\n", size) == (b"--XX--\r\n", True)


@pytest.mark.parametrize("size", [1, 100])
def test_lines_that_end_with_lf_alone_are_refused_with_the_reason(size: int) -> None:
    with pytest.raises(ValidationFailed, match="LF alone"):
        feed(b"--XX\n" + REST, size)


@pytest.mark.parametrize("body", [b"", b"--X", b"--XX", b"--XX  \r", b"no boundary\r\n" * 1000])
def test_without_a_boundary_nothing_comes_through(body: bytes) -> None:
    assert feed(body, 5) == (b"", False)


def test_no_more_than_a_line_of_it_is_kept() -> None:
    preamble = Preamble(b"XX")
    for _ in range(1000):
        assert preamble.feed(b"x" * 1000 + b"\n--XX" + b" " * 100) == b""
    assert len(preamble._held) < 2000
