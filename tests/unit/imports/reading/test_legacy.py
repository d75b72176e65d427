"""Which legacy encoding a file is taken for: what counts is that it reads as it was written."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest

from benchmarks.encodings.lists import Form, Language, languages, make_list
from rollcall.imports.encoding_labels import codec_for_label, name_of
from rollcall.imports.reading.bad_bytes import handler_for
from rollcall.imports.reading.evidence import detect_encoding
from rollcall.imports.reading.legacy import CANDIDATES, detect_legacy
from rollcall.imports.reading.letters import LetterModel, Text

LISTS = [
    pytest.param(language, codec, rows, form, id=f"{language.name}-{codec}-{rows}-{form.name}")
    for language in languages()
    for codec in language.encodings
    for rows, form in ((20, Form.NAMES), (20, Form.CAPITALS), (80, Form.QUOTED))
]


def reads(data: bytes) -> str:
    codec = detect_encoding(data, complete=True)
    return data.decode(codec, handler_for(codec))


@pytest.mark.parametrize(("language", "codec", "rows", "form"), LISTS)
def test_lists(language: Language, codec: str, rows: int, form: Form) -> None:
    data = make_list(language, codec, rows, form, seed=1)
    assert reads(data) == data.decode(codec)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("René", "cp1252"),
        ("RENÉ", "cp1252"),
        ("Zoë", "cp1252"),
        ("Åsa", "cp1252"),
        ("O\N{RIGHT SINGLE QUOTATION MARK}Neill", "cp1252"),
        ("Smith \N{EN DASH} Jones", "cp1252"),
        ("100 €", "cp1252"),
        ("20 °C", "cp1252"),
        ("1½ cups", "cp1252"),
        ("Don\N{RIGHT SINGLE QUOTATION MARK}t call", "cp1252"),
        ("Don\N{RIGHT SINGLE QUOTATION MARK}t call", "mac_roman"),
        ("Anna\N{NO-BREAK SPACE}Smith", "cp1252"),
        ("王", "gb18030"),
        ("김", "cp949"),
        ("Müller", "cp850"),
        ("José", "mac_roman"),
        ("Łukasz", "cp1250"),
        ("Žižek", "cp1250"),
        ("Özgür", "cp1254"),
        ("Ayşe", "cp1254"),
        ("Иван", "cp1251"),
        ("Ольга", "koi8_r"),
        ("ИВАН ПЕТРОВ", "cp866"),
        ("Γιάννης", "cp1253"),
        ("שרה", "cp1255"),
        ("محمد", "cp1256"),
        ("สมชาย", "cp874"),
        ("山田", "cp932"),
        ("ヤマダ", "cp932"),
        ("山田太郎", "euc_jp"),
        ("김민수", "cp949"),
        ("王伟", "gb18030"),
        ("陳大文", "cp950"),
        ("佐藤", "iso2022_jp_ext"),
    ],
)
@pytest.mark.parametrize("line", ["email,name\na@b.co,{}", 'name;email\r\n"{}";"a@b.co"\r\n'])
def test_one_name_alone(name: str, codec: str, line: str) -> None:
    text = line.format(name)
    assert reads(text.encode(codec)) == text


@pytest.mark.parametrize(
    ("names", "codec"),
    [
        (["Jürgen Groß", "Łukasz Wójcik", "Günther Weiß", "Małgorzata Dąbrowska"], "cp1250"),
        (["François Lefèvre", "Jürgen Groß", "José Núñez", "Åke Sjöberg"], "cp1252"),
        (["François Lefèvre", "Jürgen Groß", "José Núñez", "Åke Sjöberg"], "mac_roman"),
        (["Иван Петров", "John Smith", "Ольга Щербакова", "Anna Brown"], "cp1251"),
        (["Jānis Bērziņš", "Rūta Žukauskienė", "Tõnu Õunapuu"], "cp1257"),
    ],
)
def test_names_of_several_languages(names: list[str], codec: str) -> None:
    text = "email,name\n" + "".join(f"{n}@b.co,{name}\n" for n, name in enumerate(names))
    assert reads(text.encode(codec)) == text


def test_a_header_may_be_all_there_is() -> None:
    text = "E-Mail;Vorname;Straße;Größe\na@b.de;Anna;Hauptweg 1;38\n"
    assert reads(text.encode("cp850")) == text


def test_what_was_cut_in_half_does_not_matter() -> None:
    rows = [f"{n}@b.cn,{name}\n".encode("gb18030") for n, name in enumerate(["王小明", "李秀英"])]
    cut = b"2@b.cn,\xd5\n"
    data = b"email,name\n" + rows[0] + cut + rows[1]
    assert detect_encoding(data, complete=True) == "gb18030"


def test_what_was_added_in_utf8_does_not_matter() -> None:
    russian = "".join(f"{n}@b.ru,Иван Щербаков\n" for n in range(9)).encode("cp1251")
    added = "z@b.de,Jörg Müller\n".encode()
    assert detect_encoding(b"email,name\n" + russian + added, complete=True) == "cp1251"


@pytest.mark.parametrize(
    ("country", "name", "codec"),
    [("lt", "Petrauskienė", "cp1257"), ("cz", "Veselý", "cp1250"), ("dk", "Øivind", "cp1252")],
)
def test_the_country_of_an_address_speaks_for_its_language(
    country: str, name: str, codec: str
) -> None:
    text = f"email,name\nann@example.{country},{name}\n"
    assert reads(text.encode(codec)) == text
    assert reads(text.replace(country, "com").encode(codec)) != text


def test_a_carriage_return_alone_speaks_for_a_macintosh() -> None:
    name = "Kæthe Kjær"
    lines = [f"a@b.dk,{name}".encode("mac_roman")]
    assert detect_legacy(lines, mac_lines=True) == "mac_roman"
    assert reads(f"email,name\ra@b.dk,{name}\r".encode("mac_roman")).endswith(f"{name}\r")


def test_where_nothing_speaks_for_another_it_is_windows_1252() -> None:
    assert detect_legacy([]) == "cp1252"
    assert detect_legacy([b"Anna \x96 Smith"]) == "cp1252"


@pytest.mark.parametrize("codec", CANDIDATES)
def test_what_can_be_found_can_be_asked_for(codec: str) -> None:
    assert codec_for_label(name_of(codec)) == codec
    assert set(CANDIDATES[codec].languages) <= LetterModel.of_all().keys()


def test_the_words_of_files_are_not_kept_in_memory() -> None:
    codes = range(0x4E00, 0x4E00 + 20_000)
    words = [f"\N{LATIN CAPITAL LETTER A WITH DIAERESIS}{code:x}bc{code:x}" for code in codes]
    for word in words:
        Text.of(word)
    tracemalloc.start()
    for word in words:
        Text.of(word[::-1])
    assert tracemalloc.get_traced_memory()[0] < 1_000_000
    tracemalloc.stop()


def test_the_signs_of_files_are_not_kept_in_memory() -> None:
    letters, signs = range(0x400, 0x428), range(0x2600, 0x2632)
    tracemalloc.start()
    for sign in signs:
        for before, behind in itertools.product(letters, repeat=2):
            Text.of(f"{chr(before)}{chr(sign)}{chr(behind)}")
    assert tracemalloc.get_traced_memory()[0] < 5_000_000
    tracemalloc.stop()
