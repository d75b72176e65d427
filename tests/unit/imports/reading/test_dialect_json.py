"""How a file is read, as an import's row keeps it, across versions."""

from __future__ import annotations

from rollcall.imports.reading.dialect import Dialect


def test_a_row_from_before_there_were_more_fields_is_read_with_their_defaults() -> None:
    stored = {"encoding": "utf-8", "delimiter": ",", "header": ["a", "b"], "header_row": 1}
    dialect = Dialect.from_json(stored)
    assert (dialect.header, dialect.unread, dialect.sheet) == (("a", "b"), (), None)
    assert Dialect.from_json(dialect.as_json()) == dialect


def test_names_that_were_kept_with_invisible_characters_are_those_of_today() -> None:
    header = ["First\N{NO-BREAK SPACE}Name", "\N{ZERO WIDTH SPACE}E-mail"]
    stored = {"encoding": "utf-8", "delimiter": ",", "header": header, "header_row": 1}
    assert Dialect.from_json(stored).header == ("First Name", "E-mail")
