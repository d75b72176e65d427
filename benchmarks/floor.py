"""The floor: what PostgreSQL needs for the same rows and nothing else."""

from __future__ import annotations

import json
import struct
import time
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg

from benchmarks.data import contacts

COPY = (
    "COPY floor (team_id, id, email, first_name, last_name, unsubscribed, properties)"
    " FROM STDIN (FORMAT binary)"
)
PIECE = 1024 * 1024


def sorted_binary_copy(connection: psycopg.Connection[Any], count: int) -> float:
    """Return the seconds of a binary COPY, sorted by address, into an empty copy of `contacts`."""
    connection.execute("CREATE TABLE floor (LIKE contacts INCLUDING ALL)")
    payload = b"".join(_binary_rows(count))
    connection.execute("CHECKPOINT")
    started = time.perf_counter()
    with connection.cursor().copy(COPY) as copy:
        for start in range(0, len(payload), PIECE):
            copy.write(payload[start : start + PIECE])
    seconds = time.perf_counter() - started
    connection.execute("DROP TABLE floor")
    return seconds


def _binary_rows(count: int) -> Iterator[bytes]:
    team = uuid.uuid4().bytes
    yield b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
    for number, cells in enumerate(sorted(contacts(count))):
        email, first, last, unsubscribed, plan, seats, city = cells
        properties = json.dumps(
            {"plan": plan, "seats": int(seats), "city": city}, ensure_ascii=False
        )
        # Ascending ids, as a server that gives them out one after the other would make.
        id_ = struct.pack("!QQ", (1 << 60) + 0x7000, (1 << 63) + number)
        fields = [
            team,
            id_,
            email.encode(),
            first.encode(),
            last.encode(),
            b"\1" if unsubscribed == "yes" else b"\0",
            b"\1" + properties.encode(),
        ]
        yield struct.pack("!h", len(fields)) + b"".join(
            struct.pack("!i", len(field)) + field for field in fields
        )
    yield struct.pack("!h", -1)
