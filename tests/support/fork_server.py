"""Loads Rollcall once, and then becomes a `rollcall …` process as often as it is asked to.

`python -m tests.support.fork_server DESCRIPTOR` has the other end of a socket of `forks`. Of what a
process of Rollcall does, loading its code takes the longest by far.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass, field

# What API, worker and command line load, without the parts that have threads of their own from the
# beginning: of these only the one that forks would be left. Each process loads them for itself.
MODULES = (
    "arq",
    "arq.worker",
    "numpy",
    "obstore.store",
    "psycopg",
    "pydantic_settings",
    "rollcall.api.app",
    "rollcall.api.server",
    "rollcall.cli.app",
    "rollcall.client.importing",
    "uvicorn.loops.uvloop",
    "uvicorn.lifespan.on",
)
HEAD = struct.Struct("!I")
# What is sent with a request: input, output, error output, and where the exit status is written.
STREAMS = 4


@dataclass
class ForkServer:
    """The process that forks, as long as it is still itself."""

    requests: socket.socket
    # Where the exit status of each running process is written, by its id.
    statuses: dict[int, int] = field(default_factory=dict)

    def serve(self) -> list[str] | None:
        """Fork on request: return the arguments in each new process, and None in the end."""
        ended, woken = os.pipe()
        os.set_blocking(woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        while True:
            readable, _, _ = select.select([self.requests.fileno(), ended], [], [])
            if ended in readable:
                os.read(ended, 4096)
                self._tell_who_ended()
            if self.requests.fileno() not in readable:
                continue
            request = self._receive()
            if request is None:
                return None
            said, streams = request
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for descriptor in (ended, woken, streams.pop(), *self.statuses.values()):
                    os.close(descriptor)
                self.requests.close()
                return _become(said, streams)
            self.statuses[pid] = streams.pop()
            for descriptor in streams:
                os.close(descriptor)
            self.requests.sendall(HEAD.pack(pid))

    def _receive(self) -> tuple[dict[str, object], list[int]] | None:
        head, streams, _, _ = socket.recv_fds(self.requests, HEAD.size, STREAMS)
        if not head:
            return None
        (size,) = HEAD.unpack(head)
        body = b""
        while len(body) < size:
            body += self.requests.recv(size - len(body))
        return json.loads(body), list(streams)

    def _tell_who_ended(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            descriptor = self.statuses.pop(pid)
            with suppress(BrokenPipeError):
                os.write(descriptor, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(descriptor)


def _become(said: dict[str, object], streams: list[int]) -> list[str]:
    """Be the process that was asked for, up to what it runs; return its arguments."""
    os.setsid()
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    folder, environment, arguments = said["folder"], said["environment"], said["arguments"]
    assert isinstance(folder, str)
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    return arguments


def main() -> None:
    """Serve until the other end is closed, or run the command that was asked for."""
    requests = socket.socket(fileno=int(sys.argv[1]))
    for module in MODULES:
        importlib.import_module(module)
    # A collection in one process would otherwise copy the memory that all of them have in common.
    gc.collect()
    gc.freeze()
    arguments = ForkServer(requests).serve()
    if arguments is not None:
        sys.argv = ["rollcall", *arguments]
        runpy.run_module("rollcall", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
