"""The bytes of a file: encodings, and what is no character in them."""

import codecs

from tests.support.import_cases.case import NONE_BUT_ONE_FAILED, ONE, Case, failed, first

# Longer than what the encoding is found out by; ignored, and soon read.
BLANK_RECORDS = (b" " * 999 + b"\n") * 300

ENCODINGS = [
    Case(
        "utf-8 without BOM", "email,first_name\na@b.co,Zoë\n".encode(), ONE, contacts=first("Zoë")
    ),
    Case(
        "utf-8 with BOM",
        "\ufeffemail,first_name\na@b.co,Zoë\n".encode(),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "utf-8 with BOM before a quoted header",
        '\ufeff"email","first_name"\na@b.co,Zoë\n'.encode(),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "two BOMs",
        "\ufeff\ufeffemail,first_name\na@b.co,Zoë\n".encode(),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "three BOMs before a quoted header",
        '\ufeff\ufeff\ufeff"email","first_name"\na@b.co,Zoë\n'.encode(),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "two BOMs of utf-16 before a quoted header with delimiters and a line break",
        codecs.BOM_UTF16_LE
        + '\ufeff"email","first, \nsecond",first_name\na@b.co,x,Zoë\n'.encode("utf-16-le"),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "a BOM inside the file is stripped as other invisible characters are",
        "email,first_name\na@b.co,\ufeffZoë\n".encode(),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "utf-16 little-endian",
        codecs.BOM_UTF16_LE + "email,first_name\r\na@b.co,Zoë 😀\r\n".encode("utf-16-le"),
        ONE,
        contacts=first("Zoë 😀"),
    ),
    Case(
        "utf-16 big-endian",
        codecs.BOM_UTF16_BE + "email;first_name\na@b.co;Zoë\n".encode("utf-16-be"),
        ONE,
        contacts=first("Zoë"),
    ),
    Case(
        "utf-16 with a lone surrogate",
        codecs.BOM_UTF16_LE
        + "email,first_name\na@b.co,x\ud800y\nb@b.co,ok\n".encode("utf-16-le", "surrogatepass"),
        (1, 0, 0, 1),
        failed(2, "first_name", "invalid_encoding"),
        {"b@b.co": {"first_name": "ok"}},
    ),
    Case(
        "utf-16 with half a character at the end",
        codecs.BOM_UTF16_LE + "email,first_name\na@b.co,x".encode("utf-16-le") + b"y",
        NONE_BUT_ONE_FAILED,
        failed(2, "first_name", "invalid_encoding"),
    ),
    Case(
        "utf-16 with half a character in a column that is not mapped",
        codecs.BOM_UTF16_BE + "email,other\na@b.co,x".encode("utf-16-be") + b"\0",
        ONE,
    ),
    Case(
        "windows-1252 umlauts",
        "email,first_name,last_name\na@b.co,Jürgen,Müller\nb@b.co,Käthe,Weiß\n".encode("cp1252"),
        (2, 0, 0, 0),
        contacts={
            "a@b.co": {"first_name": "Jürgen", "last_name": "Müller"},
            "b@b.co": {"last_name": "Weiß"},
        },
    ),
    Case(
        "one bad byte among good utf-8 fails its record only",
        "email,first_name\na@b.co,Jürgen\nb@b.co,Käthe\nc@b.co,".encode()
        + b"M\xfcller\nd@b.co,Zoe\n",
        (3, 0, 0, 1),
        failed(4, "first_name", "invalid_encoding"),
        {"d@b.co": {"first_name": "Zoe"}},
    ),
    Case(
        "a bad byte in a column that is not mapped",
        "email,first_name,note\na@b.co,Jürgen,é".encode() + b"\xff\n",
        ONE,
        contacts=first("Jürgen"),
    ),
    Case(
        "a bad byte in the e-mail comes before the e-mail rule",
        "\ufeffemail\n".encode() + b"a\xff@b.co\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "invalid_encoding"),
    ),
    Case(
        "windows-1252 after an ASCII head of 300 KB",
        b"email,first_name\n"
        b"a@b.co," + b"x" * 60 + b"\n" + BLANK_RECORDS + b"b@b.co,M\xfcller\nc@b.co,ok\n",
        (3, 0, 0, 0),
        contacts={"b@b.co": {"first_name": "Müller"}},
    ),
    Case(
        "bad utf-8 after an ASCII head of 300 KB, and good one after it",
        b"email,first_name\n" + BLANK_RECORDS + b"b@b.co,M\xfcller\nc@b.co,ok\n"
        b"d@b.co,M\xc3\xbcller\ne@b.co,Z\xc3\xb6e\n",
        (3, 0, 0, 1),
        failed(302, "first_name", "invalid_encoding"),
        {"d@b.co": {"first_name": "Müller"}},
    ),
    Case(
        "iso-2022-jp, which has no bytes above 127",
        "email,first_name\na@b.co,山田 ｱ\n".encode("iso2022_jp_ext"),
        ONE,
        contacts=first("山田 ｱ"),
    ),
    Case(
        "names in windows-1250",
        "email,first_name\na@b.co,Řehoř\n".encode("cp1250"),
        ONE,
        contacts=first("Řehoř"),
    ),
    Case(
        "names in Shift_JIS, half a character of one is a delimiter",
        "email|first_name\na@b.co|ソニア\nb@b.co|ポール\n".encode("cp932"),
        (2, 0, 0, 0),
        contacts={"b@b.co": {"first_name": "ポール"}},
    ),
    Case(
        "a bad sequence in GB18030 fails its record only",
        "email,first_name\na@b.co,王小明\n".encode("gb18030")
        + b"b@b.co,\xff\n"
        + "c@b.co,李秀英\n".encode("gb18030"),
        (2, 0, 0, 1),
        failed(3, "first_name", "invalid_encoding"),
        {"c@b.co": {"first_name": "李秀英"}},
    ),
    Case(
        "utf-16 without BOM",
        "email,first_name\r\na@b.co,Zoë 😀\r\n".encode("utf-16-le"),
        ONE,
        contacts=first("Zoë 😀"),
    ),
    Case(
        "utf-16 without BOM that fails one record",
        "email,first_name\na@b.co,x\ud800y\nb@b.co,山\n".encode("utf-16-be", "surrogatepass"),
        (1, 0, 0, 1),
        failed(2, "first_name", "invalid_encoding"),
        {"b@b.co": {"first_name": "山"}},
    ),
    Case(
        "good utf-8 after an ASCII head of 300 KB",
        b"email,first_name\n" + BLANK_RECORDS + "a@b.co,Müller\n".encode(),
        ONE,
        contacts=first("Müller"),
    ),
    Case(
        "a sequence cut off by the end of the head is no error",
        b"email,first_name,note\na@b.co,J\xc3\xbcrgen," + b"x" * (256 * 1024 - 38) + "ü\n".encode(),
        ONE,
        contacts=first("Jürgen"),
    ),
    Case(
        "a UTF-8 encoded surrogate",
        b"\xef\xbb\xbfemail,first_name\na@b.co,\xed\xa0\x80\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "first_name", "invalid_encoding"),
    ),
]
