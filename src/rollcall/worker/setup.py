"""What a worker and the processes in which it tries imports alone have in common."""

from __future__ import annotations

import gc
import sys

from rollcall.config import Settings
from rollcall.database.connections import parameters
from rollcall.database.worker_connection import WorkerConnection
from rollcall.logs import configure_logging
from rollcall.memory import give_memory_back

SWITCH_SECONDS = 0.0005
# How many leases one transaction may last. A batch takes a second or two; what takes this long
# is a worker that hangs, and its locks would keep everybody else from taking over.
TRANSACTION_LEASES = 20


def prepare_process(settings: Settings) -> None:
    """Have this process log, use memory and share the interpreter as suits imports."""
    give_memory_back()
    configure_logging(settings)
    # Long-lived objects are not looked at again by every collection while files are parsed.
    gc.collect()
    gc.freeze()
    # Threads that talk to the database need the interpreter often and briefly. While another one
    # parses, each time would cost them the default of 5 ms.
    sys.setswitchinterval(SWITCH_SECONDS)


def connect_worker(settings: Settings) -> WorkerConnection:
    """Return a new connection in autocommit mode, whose sessions hold locks only for so long."""
    # A worker that is killed or frozen in the middle of a batch must not hold its locks for long.
    limits = {
        "idle_in_transaction_session_timeout": f"{settings.lease_seconds:.0f}s",
        "transaction_timeout": f"{settings.lease_seconds * TRANSACTION_LEASES:.0f}s",
    }
    dsn = settings.psycopg_dsn
    connection = WorkerConnection.connect(
        dsn, autocommit=True, **parameters(dsn, "rollcall-worker", limits)
    )
    try:
        connection.make_known()
    except BaseException:
        connection.close()
        raise
    return connection
