"""The names of encodings."""

from __future__ import annotations

import codecs

import pytest

from rollcall.imports.encoding_labels import _CODECS, _ENCODINGS, codec_for_label, name_of


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16be", "utf-16-be"),
        ("windows-1250", "cp1250"),
        ("\t Windows-1252\n", "cp1252"),
        ("cp1257", "cp1257"),
        # What browsers read is the larger encoding that the asked one is a part of.
        ("iso-8859-1", "cp1252"),
        ("latin1", "cp1252"),
        ("ascii", "cp1252"),
        ("iso-8859-9", "cp1254"),
        ("tis-620", "cp874"),
        ("gb2312", "gb18030"),
        ("gbk", "gb18030"),
        ("shift_jis", "cp932"),
        ("euc-kr", "cp949"),
        ("ks_c_5601-1987", "cp949"),
        ("big5-hkscs", "cp950"),
        ("euc-jp", "euc_jp"),
        ("iso-2022-jp", "iso2022_jp_ext"),
        ("iso-8859-8-i", "iso8859_8"),
        ("iso_8859-2:1987", "iso8859_2"),
        ("iso-8859-16", "iso8859_16"),
        ("koi8-u", "koi8_u"),
        ("866", "cp866"),
        ("macintosh", "mac_roman"),
        ("x-mac-cyrillic", "mac_cyrillic"),
        ("cp850", "cp850"),
        ("IBM852", "cp852"),
        ("", None),
        ("utf-7", None),
        ("utf-32", None),
        ("klingon", None),
        ("iso-8859-12", None),
        ("windows_1252", None),
        ("replacement", None),
        ("x-user-defined", None),
        # In lower case it is an ASCII k.
        ("\N{KELVIN SIGN}oi8-r", None),
        ("\N{NO-BREAK SPACE}utf-8", None),
    ],
)
def test_labels(label: str, codec: str | None) -> None:
    assert codec_for_label(label) == codec


def test_no_label_means_two_encodings() -> None:
    assert len(_CODECS) == sum(len(encoding.labels.split()) for encoding in _ENCODINGS.values())


@pytest.mark.parametrize("codec", list(_ENCODINGS))
def test_what_an_encoding_is_called_is_a_label_of_it(codec: str) -> None:
    codecs.lookup(codec)
    assert codec_for_label(name_of(codec)) == codec


@pytest.mark.parametrize(("codec", "name"), [("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16LE")])
def test_a_byte_order_mark_is_no_part_of_the_name(codec: str, name: str) -> None:
    assert name_of(codec) == name
