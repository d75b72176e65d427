"""The name that a failures file is downloaded under."""

from __future__ import annotations

import pytest

from rollcall.imports.failures.file import content_disposition


@pytest.mark.parametrize(
    ("uploaded", "plain", "encoded"),
    [
        ("people.CSV", "people-failures.csv", "people-failures.csv"),
        (None, "import-failures.csv", "import-failures.csv"),
        ("people.csv.gz", "people-failures.csv", "people-failures.csv"),
        ("C:\\docs\\a b.csv", "a b-failures.csv", "a%20b-failures.csv"),
        ("../../etc/passwd", "passwd-failures.csv", "passwd-failures.csv"),
        ('a"b\r\nSet-Cookie: x.csv', "a_bSet-Cookie: x-failures.csv", None),
        ("Kündigungen.csv", "K_ndigungen-failures.csv", "K%C3%BCndigungen-failures.csv"),
        (".csv", "import-failures.csv", "import-failures.csv"),
        ("x" * 500, "x" * 100 + "-failures.csv", None),
    ],
)
def test_the_name_of_the_file(uploaded: str | None, plain: str, encoded: str | None) -> None:
    disposition = content_disposition(uploaded)
    assert disposition.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert disposition.isascii()
    assert disposition.isprintable()
    if encoded is not None:
        assert disposition.endswith(f"''{encoded}")
