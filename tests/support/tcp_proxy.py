"""A network between a client and a server, that can swallow what it is sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Network:
    """Passes bytes on in both directions while `is_swallowing` is false.

    While it is true, connections are made and nothing is ever passed on, which is not known to
    either side: what is sent is acknowledged. While `is_refusing` is true, no connection is made.
    """

    def __init__(self, target: tuple[str, int]):
        self.target = target
        self.is_swallowing = False
        self.is_refusing = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._sockets: list[socket.socket] = []
        self._clients: dict[int, int] = {}

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def serve(self) -> None:
        """Accept connections until the network is closed."""
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self.is_refusing:
                    near.close()
                    continue
                if self.is_swallowing:
                    # Nobody is asked for it, and it stays open.
                    self._sockets.append(near)
                    self._start(_drain, near)
                    continue
                try:
                    far = socket.create_connection(self.target)
                except OSError:
                    near.close()
                    continue
                self._sockets += [near, far]
                with suppress(OSError):
                    self._clients[far.getsockname()[1]] = near.getpeername()[1]
                self._start(self._connect, near, far)

    def cut(self) -> None:
        """Break all connections that there are; new ones are made."""
        for each in list(self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def client_of(self, port: int) -> int | None:
        """Return the client's port of the connection that the server knows by this one."""
        return self._clients.get(port)

    def take_no_more(self) -> None:
        """End `serve`; what is connected stays so."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def close(self) -> None:
        """Break all connections."""
        self.cut()
        # Those that pass something on take their own away meanwhile.
        for each in list(self._sockets):
            each.close()

    def _start(self, work: object, *arguments: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        thread.start()
        return thread

    def _connect(self, near: socket.socket, far: socket.socket) -> None:
        """Pass on what both say until both have ended; an end that was swallowed is none."""
        back = self._start(self._pass_on, far, near)
        self._pass_on(near, far)
        back.join()
        for each in (near, far):
            each.close()
            self._sockets.remove(each)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self.is_swallowing:
                    sink.sendall(data)
        if not self.is_swallowing:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)


def _drain(near: socket.socket) -> None:
    with suppress(OSError):
        while near.recv(65536):
            pass


@contextmanager
def network_to(host: str, port: int) -> Iterator[Network]:
    """Put a network in front of a server; its port is on the loopback interface."""
    network = Network((host, port))
    thread = threading.Thread(target=network.serve)
    thread.start()
    try:
        yield network
    finally:
        network.take_no_more()
        # What has just come in is among those that are broken.
        thread.join()
        network.close()
