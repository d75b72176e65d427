"""Ports for programs that are told one and bind it only a second later."""

from __future__ import annotations

import itertools
import os
import random
import socket
from collections.abc import Iterator

# Outside of what systems give away by themselves, as from port 32768 on Linux does: anything that
# asks for any free port could otherwise be given this one in the meantime.
FIRST = 20_000
# Each of the processes that share out the tests has its own, so that no two try the same.
PORTS = 1000
PROCESSES = 12


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    for port in _ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("an endless iterator has ended")


def _own_ports() -> Iterator[int]:
    """Go round through this process's ports, beginning anywhere: other runs may go on beside it."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST + number % PROCESSES * PORTS
    begin = random.randrange(PORTS)
    return itertools.cycle([*range(first + begin, first + PORTS), *range(first, first + begin)])


_ports = _own_ports()
