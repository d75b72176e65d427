"""The one problem that is reported of a record with several."""

from tests.support.import_cases.case import NONE_BUT_ONE_FAILED, Case, failed
from tests.support.oracle import ColumnMap, Failure, Options, PropertyMapping

TWO_BOOLEANS = ColumnMap(
    unsubscribed="u",
    properties={"n": PropertyMapping("n", "number"), "b": PropertyMapping("b", "boolean")},
)

FIRST_PROBLEM = [
    Case(
        "structure before all else",
        b"email,first_name\n\0,\xff,x\n",
        NONE_BUT_ONE_FAILED,
        failed(2, None, "too_many_cells"),
    ),
    Case(
        "encoding before characters, in any column",
        b"\xef\xbb\xbfemail,first_name,last_name\nbad\0,x,\xff\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "last_name", "invalid_encoding"),
    ),
    Case(
        "characters before length",
        b"email,last_name\n" + b"x" * 10_001 + b",\0\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "last_name", "invalid_character"),
    ),
    Case(
        "length before the e-mail",
        b"email,last_name\nbad," + b"x" * 10_001,
        NONE_BUT_ONE_FAILED,
        failed(2, "last_name", "value_too_long"),
    ),
    Case(
        "e-mail before unsubscribed",
        b"unsubscribed,email\nmaybe,bad\n",
        NONE_BUT_ONE_FAILED,
        failed(2, "email", "invalid_email"),
    ),
    Case(
        "unsubscribed before properties, properties in the order of the map",
        b"b,n,u,email\nx,x,x,a@b.co\nx,x,1,a@b.co\nx,1,1,a@b.co\n",
        (0, 0, 0, 3),
        (
            Failure(2, "u", "invalid_boolean"),
            Failure(3, "n", "invalid_number"),
            Failure(4, "b", "invalid_boolean"),
        ),
        options=Options(TWO_BOOLEANS),
    ),
    Case(
        "problems of one kind in the order of the fields, not of the file",
        b"last_name,first_name,email\n\0,\0,a@b.co\n\0,x,\0\n",
        (0, 0, 0, 2),
        (Failure(2, "first_name", "invalid_character"), Failure(3, "email", "invalid_character")),
    ),
]
