"""The floor of an import: what PostgreSQL needs for the same contacts and nothing else."""

from __future__ import annotations

import json
import struct
import time
import uuid
from collections.abc import Iterator

from benchmarks.data import Cells, Dataset
from benchmarks.deployment import Connection, Deployment
from benchmarks.figure import WrongResult

COPY = (
    "COPY floor (team_id, id, email, first_name, last_name, unsubscribed, properties)"
    " FROM STDIN (FORMAT binary)"
)
PIECE = 1024 * 1024


class Floor:
    """A binary COPY of a data set, sorted by address, into an empty copy of `contacts`."""

    def __init__(self, data: Dataset):
        self._rows = data.distinct
        self._payload = b"".join(_binary_rows(sorted(data.stored())))

    def measure(self, deployment: Deployment) -> float:
        """Return the seconds of one COPY; nothing is left of it."""
        with deployment.connect() as connection:
            connection.execute("CREATE TABLE floor (LIKE contacts INCLUDING ALL)")
            connection.execute("CHECKPOINT")
            seconds = self._copy(connection)
            (stored,) = connection.execute("SELECT count(*) FROM floor").fetchall()
            connection.execute("DROP TABLE floor")
            connection.execute("CHECKPOINT")
        if stored != (self._rows,):
            raise WrongResult(f"the floor has {stored[0]} rows instead of {self._rows}")
        return seconds

    def _copy(self, connection: Connection) -> float:
        started = time.perf_counter()
        with connection.cursor().copy(COPY) as copy:
            for start in range(0, len(self._payload), PIECE):
                copy.write(self._payload[start : start + PIECE])
        return time.perf_counter() - started


def _binary_rows(contacts: list[Cells]) -> Iterator[bytes]:
    team = uuid.uuid4().bytes
    yield b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
    for number, cells in enumerate(contacts):
        email, first, last, unsubscribed, plan, seats, city = cells
        properties = json.dumps({"plan": plan, "seats": seats, "city": city}, ensure_ascii=False)
        fields = [
            team,
            # Ascending ids, as a server that gives them out one after the other would make.
            struct.pack("!QQ", (1 << 60) + 0x7000, (1 << 63) + number),
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
