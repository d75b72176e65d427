"""The peer of an import: the way most services do it, row by row, a thousand to a commit."""

from __future__ import annotations

import csv
import itertools
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from psycopg.types.json import Jsonb

from benchmarks.data import Dataset
from benchmarks.deployment import Deployment
from benchmarks.figure import WrongResult

BATCH_ROWS = 1_000
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
INSERT = """
INSERT INTO peer (team_id, email, first_name, last_name, unsubscribed, properties)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (team_id, email) DO UPDATE SET
    first_name = excluded.first_name, last_name = excluded.last_name,
    unsubscribed = excluded.unsubscribed,
    properties = peer.properties || excluded.properties, updated_at = now()
"""


def row_at_a_time(deployment: Deployment, data: Dataset, file: Path) -> float:
    """Return the seconds from opening the file to the last commit, into an empty table."""
    team_id = uuid.uuid4()
    with deployment.connect() as connection:
        connection.execute("CREATE TABLE peer (LIKE contacts INCLUDING ALL)")
        connection.execute("CHECKPOINT")
        started = time.perf_counter()
        contacts = _contacts(file, team_id)
        while batch := list(itertools.islice(contacts, BATCH_ROWS)):
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(INSERT, batch)
        seconds = time.perf_counter() - started
        (stored,) = connection.execute("SELECT count(*) FROM peer").fetchall()
        connection.execute("DROP TABLE peer")
    if stored != (data.distinct,):
        raise WrongResult(f"the peer has stored {stored[0]} contacts instead of {data.distinct}")
    return seconds


def _contacts(file: Path, team_id: uuid.UUID) -> Iterator[tuple[object, ...]]:
    with file.open(encoding="utf-8", errors="replace", newline="") as text:
        for row in csv.DictReader(text):
            if _is_good(row):
                properties = {"plan": row["plan"], "seats": int(row["seats"]), "city": row["city"]}
                yield (
                    team_id,
                    row["email"].lower(),
                    row["first_name"],
                    row["last_name"],
                    row["unsubscribed"] == "yes",
                    Jsonb(properties),
                )


def _is_good(row: dict[str, str]) -> bool:
    return (
        # csv.DictReader puts cells beyond the header under None.
        len(row) == 7
        and EMAIL.fullmatch(row["email"]) is not None
        and row["unsubscribed"] in {"yes", "no"}
        and row["seats"].isdecimal()
        and not any("\ufffd" in cell for cell in row.values())
    )
