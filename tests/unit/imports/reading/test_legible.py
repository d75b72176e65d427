"""What is text, and what is not, from the first bytes of a file."""

from __future__ import annotations

import random

import pytest

from rollcall.imports.reading.legible import is_legible

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\x06\0\0\0\\r\xa8f\0\0\0\tpHYs\0\0"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"name,phone\nAnn,1\n", "utf-8"),
        ("Jméno;Příjmení\nJiří;Dvořák\n".encode("cp1250"), "cp1250"),
        ("氏名,電話\n山田,1\n".encode("shift_jis"), "shift_jis"),
        ("name,phone\nAnn,1\n".encode("utf-16"), "utf-16"),
        # An end of DOS, and a NUL that slipped in.
        (b"name,phone\nAnn,1\n" * 20 + b"\0\x1a", "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_text_is_legible(head: bytes, encoding: str) -> None:
    assert is_legible(head, encoding)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "gb18030"])
@pytest.mark.parametrize("head", [PNG, b"\0" * 100, random.Random(1).randbytes(4096)])
def test_other_bytes_are_not(head: bytes, encoding: str) -> None:
    assert not is_legible(head, encoding)
