"""Named statements are found in the files beside their modules."""

from __future__ import annotations

import pytest

from rollcall.database.statements import load_statements


def test_statements_are_read_by_their_names_without_the_semicolon() -> None:
    statements = load_statements("rollcall.imports.running", "leases.sql")
    assert {"hold", "renew", "release"} <= statements.keys()
    assert all(statement and not statement.endswith(";") for statement in statements.values())
    assert not any("-- name:" in statement for statement in statements.values())


def test_a_file_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        load_statements("rollcall.imports.running", "unknown.sql")
