"""The names of encodings: labels by which people ask for one, and names by which we tell of one.

Labels are those of the WHATWG Encoding Standard (https://encoding.spec.whatwg.org/#names-and-labels),
which every browser knows, and a few for what it lacks and files are in all the same. As there, the
label of a part means the whole: `gb2312` is read as GB 18030, `iso-8859-1` as Windows-1252.
"""

from __future__ import annotations

from typing import NamedTuple


class _Encoding(NamedTuple):
    name: str
    labels: str


# By the Python codec that reads them. The standard's "replacement" and "x-user-defined" are not
# here: nothing that a person wrote can be read in them.
_ENCODINGS = {
    "utf-8": _Encoding(
        "UTF-8", "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8"
    ),
    "utf-16-le": _Encoding(
        "UTF-16LE", "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"
    ),
    "utf-16-be": _Encoding("UTF-16BE", "unicodefffe utf-16be"),
    "cp866": _Encoding("CP866", "866 cp866 csibm866 ibm866"),
    "iso8859_2": _Encoding(
        "ISO-8859-2",
        "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    ),
    "iso8859_3": _Encoding(
        "ISO-8859-3",
        "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
    ),
    "iso8859_4": _Encoding(
        "ISO-8859-4",
        "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
    ),
    "iso8859_5": _Encoding(
        "ISO-8859-5",
        "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5"
        " iso_8859-5:1988",
    ),
    "iso8859_6": _Encoding(
        "ISO-8859-6",
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e"
        " iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
    ),
    "iso8859_7": _Encoding(
        "ISO-8859-7",
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597"
        " iso_8859-7 iso_8859-7:1987 sun_eu_greek",
    ),
    # Its two kinds differ in the direction in which lines are shown.
    "iso8859_8": _Encoding(
        "ISO-8859-8",
        "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598"
        " iso_8859-8 iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical",
    ),
    "iso8859_10": _Encoding(
        "ISO-8859-10", "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6"
    ),
    "iso8859_13": _Encoding("ISO-8859-13", "iso-8859-13 iso8859-13 iso885913"),
    "iso8859_14": _Encoding("ISO-8859-14", "iso-8859-14 iso8859-14 iso885914"),
    "iso8859_15": _Encoding(
        "ISO-8859-15", "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9"
    ),
    "iso8859_16": _Encoding("ISO-8859-16", "iso-8859-16"),
    "koi8_r": _Encoding("KOI8-R", "cskoi8r koi koi8 koi8-r koi8_r"),
    "koi8_u": _Encoding("KOI8-U", "koi8-ru koi8-u"),
    "mac_roman": _Encoding("Macintosh", "csmacintosh mac macintosh x-mac-roman"),
    "mac_cyrillic": _Encoding("X-Mac-Cyrillic", "x-mac-cyrillic x-mac-ukrainian"),
    "cp874": _Encoding(
        "Windows-874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"
    ),
    "cp1250": _Encoding("Windows-1250", "cp1250 windows-1250 x-cp1250"),
    "cp1251": _Encoding("Windows-1251", "cp1251 windows-1251 x-cp1251"),
    "cp1252": _Encoding(
        "Windows-1252",
        "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1"
        " iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
    ),
    "cp1253": _Encoding("Windows-1253", "cp1253 windows-1253 x-cp1253"),
    "cp1254": _Encoding(
        "Windows-1254",
        "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5"
        " latin5 windows-1254 x-cp1254",
    ),
    "cp1255": _Encoding("Windows-1255", "cp1255 windows-1255 x-cp1255"),
    "cp1256": _Encoding("Windows-1256", "cp1256 windows-1256 x-cp1256"),
    "cp1257": _Encoding("Windows-1257", "cp1257 windows-1257 x-cp1257"),
    "cp1258": _Encoding("Windows-1258", "cp1258 windows-1258 x-cp1258"),
    "gb18030": _Encoding(
        "GB18030",
        "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gb18030 gbk iso-ir-58 x-gbk",
    ),
    "cp950": _Encoding("Big5", "big5 big5-hkscs cn-big5 csbig5 x-x-big5"),
    "euc_jp": _Encoding("EUC-JP", "cseucpkdfmtjapanese euc-jp x-euc-jp"),
    "iso2022_jp_ext": _Encoding("ISO-2022-JP", "csiso2022jp iso-2022-jp"),
    "cp932": _Encoding(
        "Shift_JIS",
        "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    ),
    "cp949": _Encoding(
        "EUC-KR",
        "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601"
        " ksc_5601 windows-949",
    ),
    # What MS-DOS wrote, and consoles of Windows write still. The standard has none of them.
    "cp437": _Encoding("CP437", "cp437 ibm437"),
    "cp737": _Encoding("CP737", "cp737 ibm737"),
    "cp775": _Encoding("CP775", "cp775 ibm775"),
    "cp850": _Encoding("CP850", "cp850 ibm850"),
    "cp852": _Encoding("CP852", "cp852 ibm852"),
    "cp855": _Encoding("CP855", "cp855 ibm855"),
    "cp857": _Encoding("CP857", "cp857 ibm857"),
    "cp862": _Encoding("CP862", "cp862 ibm862"),
    # Nor those of the Macintosh before OS X but two.
    "mac_greek": _Encoding("X-Mac-Greek", "x-mac-greek"),
    "mac_latin2": _Encoding("X-Mac-CE", "x-mac-ce"),
    "mac_turkish": _Encoding("X-Mac-Turkish", "x-mac-turkish"),
}
_CODECS = {
    label: codec for codec, encoding in _ENCODINGS.items() for label in encoding.labels.split()
}
# The codecs for files that begin with a byte order mark, which is believed before any label.
_WITHOUT_MARK = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}
# The standard's blanks, which are fewer than Python's.
_BLANKS = "\t\n\f\r "


def codec_for_label(label: str) -> str | None:
    """Return the Python codec for an encoding that somebody asks for; None if there is none."""
    label = label.strip(_BLANKS)
    # Letters beyond ASCII that become an ASCII one in lower case are others all the same.
    return _CODECS.get(label.lower()) if label.isascii() else None


def name_of(codec: str) -> str:
    """Return an encoding's name as people know it, which is a label of it as well."""
    encoding = _ENCODINGS.get(_WITHOUT_MARK.get(codec, codec))
    return encoding.name if encoding else codec


def encoding_names() -> list[str]:
    """Return the names of all encodings that can be asked for, those of the standard first."""
    return [encoding.name for encoding in _ENCODINGS.values()]
