"""Which encoding a file is taken for."""

from __future__ import annotations

import pytest

from rollcall.imports.encoding import detect_encoding

GERMAN = "email;name\na@b.de;Jörg Müller\nc@d.de;Änne Groß\n"
POLISH = "email;imię\n" + "".join(
    f"{name}@b.pl;{name}\n"
    for name in ["Łukasz Wójcik", "Święta Żółć", "Małgorzata", "Paweł Dąbrowski", "Grzegorz Brzęcz"]
)
RUSSIAN = "email;Имя\n" + "".join(
    f"a@b.ru;{name}\n"
    for name in ["Иван Петров", "Мария Сидорова", "Алексей Кузнецов", "Екатерина"]
)
JAPANESE = "email,名前\n" + "".join(
    f"a@b.jp,{name}\n" for name in ["山田太郎", "佐藤花子", "鈴木一郎", "高橋さくら"]
)


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"", "utf-8"),
        (b"email\na@b.co\n", "utf-8"),
        (GERMAN.encode(), "utf-8"),
        (GERMAN.encode("utf-8-sig"), "utf-8-sig"),
        (GERMAN.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + GERMAN.encode("utf-16-be"), "utf-16"),
        (GERMAN.encode("cp1252"), "cp1252"),
        ("email\na@b.co,O\u2019Brien, 5 \u20ac".encode("cp1252"), "cp1252"),
        ("email,nombre\na@b.es,Núñez\nb@b.es,Peña".encode("cp1252"), "cp1252"),
        (POLISH.encode("cp1250"), "cp1250"),
        (RUSSIAN.encode("cp1251"), "cp1251"),
        (JAPANESE.encode("shift_jis"), "shift_jis"),
        # More good sequences than bad ones: the bad ones are somebody's slip.
        ("ä,ö,ü".encode() + b"\xff", "utf-8"),
        (b"\xe4 \xf6 \xfc " + "ä".encode(), "cp1252"),
        # A character that the end of the head cuts in two says nothing.
        (GERMAN.encode()[: GERMAN.encode().index(b"\xc3") + 1], "cp1252"),
        (("x" * 10 + "ää").encode()[:-1], "utf-8"),
    ],
)
def test_detection(head: bytes, encoding: str) -> None:
    assert detect_encoding(head) == encoding
