"""PostgreSQL and Redis from wheels, under one data directory: for `dev`, `services` and the tests.

Both listen on the loopback interface only, on free ports, and ask for a password. What they store
is kept between runs. As root they run as an ordinary user, since PostgreSQL refuses to be root.
"""

from __future__ import annotations

import fcntl
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import redis

from rollcall.embedded_files import (
    program_path,
    account_for,
    make_private_directory,
    read_or_create_secret,
    tail,
    let_in,
)
from rollcall.processes import CALLER, Account, spawn, stop, stop_leftovers

LOOPBACK = "127.0.0.1"
USER = DATABASE = "rollcall"
# Recovery after a crash replays up to max_wal_size of log, and a fast shutdown writes all of
# shared_buffers to a disk that may be slow.
POSTGRES_PATIENCE = 120.0
REDIS_PATIENCE = 30.0

# A development machine has memory to spare and imports write a lot: large enough buffers and few
# checkpoints. A commit is as durable as in production, so that `kill -9` loses nothing.
POSTGRES_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # There is no standby, so the log needs to serve crash recovery only.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# The tests throw their data away, and make and drop a database each.
TEST_SETTINGS = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
