"""Parameters of every connection to the database, and connections of threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

# What a thread of a worker works with: in autocommit mode, and rows are tuples.
Connection = psycopg.Connection[tuple[object, ...]]
Connect = Callable[[], Connection]

# A host that vanishes, or a network that drops what it is sent, closes no connection. The kernel
# of either side looks after this many seconds of silence, and gives the other up after three looks
# or when what it has sent is not acknowledged in time.
KEEPALIVE_IDLE_SECONDS = 10
KEEPALIVE_INTERVAL_SECONDS = 5
KEEPALIVE_COUNT = 3
UNACKNOWLEDGED_SECONDS = 10
# Per address that the database's name stands for.
CONNECT_SECONDS = 5

CLIENT_SIDE = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": KEEPALIVE_IDLE_SECONDS,
    "keepalives_interval": KEEPALIVE_INTERVAL_SECONDS,
    "keepalives_count": KEEPALIVE_COUNT,
    "tcp_user_timeout": UNACKNOWLEDGED_SECONDS * 1000,
}
SERVER_SIDE = {
    "tcp_keepalives_idle": f"{KEEPALIVE_IDLE_SECONDS}s",
    "tcp_keepalives_interval": f"{KEEPALIVE_INTERVAL_SECONDS}s",
    "tcp_keepalives_count": f"{KEEPALIVE_COUNT}",
    "tcp_user_timeout": f"{UNACKNOWLEDGED_SECONDS}s",
    # A statement whose client has gone is not worked on any further.
    "client_connection_check_interval": "1s",
}


def connect(dsn: str, name: str, limits: Mapping[str, str]) -> psycopg.Connection[Any]:
    """Return a new connection in autocommit mode; see `parameters`."""
    return psycopg.connect(dsn, autocommit=True, **parameters(dsn, name, limits))


def parameters(dsn: str, name: str, limits: Mapping[str, str]) -> dict[str, Any]:
    """Return what a connection is made with besides its address.

    What the address says itself comes first: none of it is overruled.

    Args:
        dsn: the database's address, `postgresql://…`.
        name: what the database calls the sessions, as in `pg_stat_activity`.
        limits: settings of the session, such as `lock_timeout`.
    """
    given = conninfo_to_dict(dsn)
    ours = {"application_name": name, **CLIENT_SIDE}
    chosen: dict[str, Any] = {key: value for key, value in ours.items() if key not in given}
    session = [f"-c {setting}={value}" for setting, value in {**SERVER_SIDE, **limits}.items()]
    # Of two options for one setting, the server takes the later one.
    chosen["options"] = " ".join([*session, str(given.get("options", ""))]).strip()
    return chosen
