"""Rows in the binary format arrive as they were sent."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollcall.imports.copying import binary_copy
from rollcall.imports.copying.binary_copy import (
    JSONB_VERSION,
    Booleans,
    Column,
    Same,
    Texts,
    Uuids,
    encode_rows,
)

TEXT = st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
ROW = st.tuples(
    st.uuids(), TEXT, st.none() | st.booleans(), TEXT, st.sampled_from(["{}", '{"a":1}'])
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=12), chunk_rows=st.integers(1, 13))
def test_rows_arrive_as_they_were_sent(
    connection: psycopg.Connection[Any],
    rows: list[tuple[Any, ...]],
    chunk_rows: int,
) -> None:
    same = uuid.uuid4()
    ids, first, flags, second, objects = zip(*rows, strict=True) if rows else ((),) * 5
    known = [bool(flag) for flag in flags]
    columns: list[Column] = [
        Uuids(np.frombuffer(b"".join(id_.bytes for id_ in ids), np.uint8).reshape(-1, 16)),
        Texts(pl.Series(first, dtype=pl.String)),
        Booleans(pl.Series(flags, dtype=pl.Boolean)),
        Same(same.bytes),
        Texts(pl.Series(second, dtype=pl.String)),
        Texts(pl.Series([JSONB_VERSION + object_ for object_ in objects], dtype=pl.String)),
        Uuids(np.frombuffer(b"".join(id_.bytes for id_ in ids), np.uint8).reshape(-1, 16)),
        Texts(pl.Series(first, dtype=pl.String)),
        Booleans(pl.Series(known, dtype=pl.Boolean)),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(binary_copy, "CHUNK_ROWS", chunk_rows)
        chunks = list(encode_rows(columns, len(rows)))
    with connection.transaction(force_rollback=True):
        connection.execute(
            "CREATE TEMPORARY TABLE t (n int GENERATED ALWAYS AS IDENTITY, a uuid, b text,"
            " c boolean, d uuid, e text, f jsonb, g uuid, h text, i boolean)"
        )
        statement = "COPY t (a, b, c, d, e, f, g, h, i) FROM STDIN (FORMAT binary)"
        with connection.cursor().copy(statement) as copy:
            for chunk in chunks:
                copy.write(chunk)
        stored = connection.execute(
            "SELECT a, b, c, d, e, f::text, g, h, i FROM t ORDER BY n"
        ).fetchall()
    expected = [
        (id_, a, flag, same, b, object_.replace(":", ": "), id_, a, bool(flag))
        for id_, a, flag, b, object_ in rows
    ]
    assert stored == expected
