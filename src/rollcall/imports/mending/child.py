"""The process that reads failed rows with their cells, mends them, and has the engine judge them.

It goes on from job to job, for to start it takes longer than most jobs do. A job begins with a line
of JSON, the order: `job`, where the file is and from which place on it is read, and what the job
itself needs. Then come lines with some failed rows each, in ascending order, and a line `null` at
the end. Each line is answered: with a line of JSON that has the sizes of two parts, these being
JSON and bytes of CSV. Where the storage is away, the JSON of the answer is an object with `away`,
where the file is gone one with `gone`, and the process ends. `children` talks to it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from rollcall.imports.checkpoint import Checkpoint
from rollcall.imports.mending.jobs import Job, NumbersJob, RowsJob, TryJob, ValuesJob, WriteJob
from rollcall.imports.mending.reader import FailedRows
from rollcall.imports.mending.survey_job import SurveyJob
from rollcall.storage.objects import Storage
from rollcall.storage.stored_file import Expected, FileDamaged, StorageError

JOBS: dict[str, Any] = {
    "rows": RowsJob,
    "values": ValuesJob,
    "try": TryJob,
    "write": WriteJob,
    "survey": SurveyJob,
    "numbers": NumbersJob,
}


def main() -> None:
    """Do jobs until there are no more."""
    if "--nice" in sys.argv:
        # Those who import and those who wait for a page come first.
        os.nice(10)
    try:
        while order := sys.stdin.buffer.readline():
            _do(json.loads(order))
    except StorageError as error:
        _answer({"away": error.reason})
    except FileNotFoundError:
        _answer({"gone": "The uploaded file of this import is no longer in the storage."})
    except FileDamaged:
        _answer({"gone": "The stored file of this import is no longer what was uploaded."})


def _do(order: dict[str, Any]) -> None:
    start = Checkpoint(*order["start"])
    storage = Storage(order["storage_url"])
    with storage.open(order["key"], start.offset, Expected(size=order["size"])) as file:
        job: Job = JOBS[order["job"]](FailedRows(file, order, start), order)
        _answer(None)
        while (feed := json.loads(sys.stdin.buffer.readline() or b"null")) is not None:
            _answer(*job.take(feed))
        _answer(job.end())


def _answer(said: Any, data: bytes = b"") -> None:
    text = json.dumps(said).encode()
    output = sys.stdout.buffer
    output.write(b"%d %d\n" % (len(text), len(data)))
    output.write(text)
    output.write(data)
    output.flush()


if __name__ == "__main__":
    main()
