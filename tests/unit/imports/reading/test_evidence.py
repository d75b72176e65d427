"""Which encoding a file is taken for."""

from __future__ import annotations

import codecs
import itertools
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollcall.imports.reading.evidence import BLOCK_BYTES, Evidence, detect_encoding

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
        (JAPANESE.encode("cp932"), "cp932"),
        # More good sequences than bad ones: the bad ones are somebody's slip.
        ("ä,ö,ü".encode() + b"\xff", "utf-8"),
        ("Jörg Müller, Zoë ".encode("cp1252") + "Jörg".encode(), "cp1252"),
        # The end of a file cuts no character in two: this one was never written in whole.
        ("email;name\na@b.fr;René".encode("cp1252"), "cp1252"),
        ("email;name\na@b.fr;Zoé,Zoé,Chloé".encode()[:-1], "utf-8"),
        (GERMAN.encode("utf-16-le"), "utf-16-le"),
        (GERMAN.encode("utf-16-be"), "utf-16-be"),
        (JAPANESE.encode("utf-16-le"), "utf-16-le"),
        (JAPANESE.replace("郎", "\u3000一").encode("utf-16-be"), "utf-16-be"),
        # Zeros that are not every second byte are what the file has in its cells.
        (b"email,name\na@b.co,\0\0\0\0\0\0\0\0\nb@b.co,\0\n", "utf-8"),
        (b"email,name\na@b.co,\0\n", "utf-8"),
    ],
)
def test_detection(head: bytes, encoding: str) -> None:
    assert detect_encoding(head, complete=True) == encoding


@pytest.mark.parametrize(
    "head", [GERMAN.encode()[: GERMAN.encode().index(b"\xc3") + 1], ("x" * 10 + "ä").encode()[:-1]]
)
def test_a_character_that_the_end_of_a_head_cuts_in_two_says_nothing(head: bytes) -> None:
    assert detect_encoding(head) == "utf-8"


@pytest.mark.parametrize("names", ["Zoë", "Zoë,Анна"])
def test_a_character_that_the_end_of_a_file_cuts_in_two_speaks_for_no_other_encoding(
    names: str,
) -> None:
    assert detect_encoding(f"{names},Renée".encode()[:-2], complete=True) == "utf-8"


def feed(chunks: Iterable[bytes]) -> str:
    evidence = Evidence()
    for chunk in chunks:
        evidence.feed(chunk)
    return evidence.encoding()


ROW = b"someone@example.com,Anna,Smith\n"
TAIL = "a@b.ru,Иван Петров\nb@b.ru,Мария Сидорова\nc@b.ru,Екатерина Кузнецова\n"


@pytest.mark.parametrize("before", [0, 300 * 1024, 20 * 1024 * 1024])
@pytest.mark.parametrize(("codec", "encoding"), [("utf-8", "utf-8"), ("cp1251", "cp1251")])
def test_the_first_accent_may_come_late(before: int, codec: str, encoding: str) -> None:
    block = ROW * (BLOCK_BYTES // len(ROW))
    blocks = itertools.repeat(block, before // len(block))
    assert feed(itertools.chain([b"email,name\n"], blocks, [TAIL.encode(codec)])) == encoding


def test_one_row_in_latin_1_does_not_make_a_file_legacy() -> None:
    rows = [f"{n}@b.de,Jörg Müller\n".encode() for n in range(10_000)]
    rows[20] = "20@b.de,Jörg Müller\n".encode("cp1252")
    assert feed([b"email,name\n", *rows]) == "utf-8"


def test_one_row_in_utf8_does_not_make_a_file_utf8() -> None:
    rows = [f"{n}@b.de,Jörg Müller\n".encode("cp1252") for n in range(10_000)]
    rows[20] = "20@b.de,Jörg Müller\n".encode()
    assert feed([b"email,name\n", *rows]) == "cp1252"


FILES = [
    b"email,name\n" + "".join(f"{n}@b.co,{name}\n" for n in range(9_000)).encode(codec)
    for name, codec in [
        ("Zoë Müller", "utf-8"),
        ("Zoë Müller", "cp1252"),
        ("Łukasz Wójcik", "cp1250"),
        ("Иван Петров", "cp1251"),
        ("Иван Петров", "utf-16-le"),
    ]
]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(FILES), st.randoms(use_true_random=False))
def test_it_does_not_matter_where_a_file_is_cut(data: bytes, random: Random) -> None:
    cuts = sorted(random.randrange(len(data)) for _ in range(random.randrange(8)))
    chunks = [data[begin:end] for begin, end in itertools.pairwise([0, *cuts, len(data)])]
    assert feed(chunks) == feed([data])


@pytest.fixture
def hurried_threads() -> Iterator[None]:
    """Have threads take turns as often as possible."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hurried_threads")
def test_two_files_at_once_do_not_disturb_each_other() -> None:
    files = {GERMAN.encode(): "utf-8", GERMAN.encode("cp1252") * 50: "cp1252"}
    with ThreadPoolExecutor(4) as threads:
        heads = list(files) * 100
        found = list(threads.map(detect_encoding, heads))
    assert found == [files[head] for head in heads]


def test_detection_changes_nothing_that_others_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Error handlers of codecs have one name in the whole process, and uploads run in threads."""

    def refuse(name: str, handler: object) -> None:
        raise AssertionError(f"{name} was registered while a file was looked at")

    monkeypatch.setattr(codecs, "register_error", refuse)
    for text, encoding in ((GERMAN, "utf-8"), (GERMAN, "cp1252"), (RUSSIAN, "cp1251")):
        assert detect_encoding(text.encode(encoding)) == encoding


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        # Replacement characters that the file itself has are no errors of it.
        ("\N{REPLACEMENT CHARACTER}".encode(), "utf-8"),
        ("\N{REPLACEMENT CHARACTER}ä".encode() + b"\xff", "utf-8"),
        ("ä".encode() + "\N{REPLACEMENT CHARACTER}".encode()[:2], "utf-8"),
    ],
)
def test_replacement_characters_in_the_file(head: bytes, encoding: str) -> None:
    assert detect_encoding(head) == encoding
