"""Records: their cells, blanks and lengths."""

from tests.support.import_cases.case import NONE_BUT_ONE_FAILED, ONE, Case, failed, first

RECORDS = [
    Case(
        "short record",
        b"email,first_name,last_name\na@b.co,Ann\n",
        ONE,
        contacts={"a@b.co": {"first_name": "Ann", "last_name": None}},
    ),
    Case(
        "short record without its e-mail",
        b"first_name,email\nAnn\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "missing_email"),
    ),
    Case("extra empty cells", b'email,first_name\na@b.co,Ann,, ,"",\n', ONE, contacts=first("Ann")),
    Case(
        "extra cell with content",
        b"email,first_name\na@b.co,Ann,,x\n",
        NONE_BUT_ONE_FAILED,
        failed(2, None, "too_many_cells"),
    ),
    Case(
        "an extra NUL is content",
        b"email\na@b.co,\0\n",
        NONE_BUT_ONE_FAILED,
        failed(2, None, "too_many_cells"),
    ),
    Case(
        "blank lines everywhere",
        b"\n\r\n \nemail,first_name\n\na@b.co,Ann\n\n\n \t \n,\n\xc2\xa0,\nbad,x\n\n\n",
        (1, 0, 0, 1),
        failed(12, "email", "invalid_email"),
        first("Ann"),
    ),
    Case(
        "blank records of quotes and delimiters",
        b'email,first_name\n"",""\n,,,,\n" "\na@b.co,Ann\n',
        ONE,
        contacts=first("Ann"),
    ),
    Case(
        "content in a column that is not mapped makes no blank record",
        b"email,note\n,hello\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "missing_email"),
    ),
    Case(
        "a record of one NUL is not blank",
        b"email\n\0\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "invalid_character"),
    ),
    Case(
        "a zero-width space is no content",
        "email\n\u200b\n".encode(),
    ),
    Case("only a header", b"email,first_name"),
    Case(
        "one column",
        b"email\na@b.co\nb@b.co\n",
        (2, 0, 0, 0),
        contacts={"b@b.co": {"first_name": None, "unsubscribed": False}},
    ),
    Case(
        "300 columns",
        b",".join([b"c%d" % n for n in range(299)] + [b"email"])
        + b"\n"
        + b"x," * 299
        + b"a@b.co\n",
        ONE,
    ),
    Case(
        "cells are stripped",
        "email,first_name\n \ta@b.co ,\u00a0\u2003 Ann Lee\u3000\n".encode(),
        ONE,
        contacts=first("Ann Lee"),
    ),
    Case(
        "quoted blanks are stripped too",
        b'email,first_name\n"a@b.co\n"," Ann\r\n"\n',
        ONE,
        contacts=first("Ann"),
    ),
    Case(
        "NUL in a mapped cell",
        b"email,first_name\na@b.co,A\0nn\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "first_name", "invalid_character"),
    ),
    Case("NUL in a column that is not mapped", b"email,note\na@b.co,A\0nn\n", ONE),
    Case(
        "10,000 characters",
        b"email,first_name\na@b.co, " + b"x" * 10_000 + b" \n",
        ONE,
        contacts=first("x" * 10_000),
    ),
    Case(
        "10,000 characters outside the BMP",
        b"email,first_name\na@b.co," + "😀".encode() * 10_000,
        ONE,
        contacts=first("😀" * 10_000),
    ),
    Case(
        "10,001 characters",
        b"email,first_name\na@b.co," + b"x" * 10_001 + b"\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "first_name", "value_too_long"),
    ),
    Case(
        "10,001 characters in the e-mail",
        b"email\n" + b"x" * 10_001,
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "value_too_long"),
    ),
    Case(
        "200,000 characters in a column that is not mapped",
        b"email,note\na@b.co," + b"x" * 200_000 + b"\n",
        ONE,
    ),
    Case(
        "control characters are text",
        b"email,first_name\na@b.co,x\x01\x7f\x1by\n",
        ONE,
        contacts=first("x\x01\x7f\x1by"),
    ),
]
