"""A path to a server that can die: nothing that is sent arrives any more, and nobody is told."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.addresses import address_of, at_port

CHUNK = 64 * 1024


@dataclass(eq=False)
class Path:
    """A way to a server on the loopback interface, at a port of its own."""

    target: tuple[str, int]
    port: int = 0
    _is_open: threading.Event = field(default_factory=threading.Event)
    _dead: set[int] = field(default_factory=set)
    _is_refusing: bool = False
    _near: list[socket.socket] = field(default_factory=list)
    _far: list[socket.socket] = field(default_factory=list)

    def die(self) -> None:
        """Pass nothing on, in either direction; what was sent waits for a revival."""
        self._is_open.clear()

    def revive(self) -> None:
        """Pass everything on again."""
        self._is_open.set()

    def die_for(self, port: int) -> None:
        """Do so for the one connection that the server knows by this port."""
        self._dead.add(port)

    def revive_for(self, port: int) -> None:
        """Pass everything on again for that one."""
        self._dead.discard(port)

    def cut(self) -> None:
        """End all connections at once; new ones are passed on."""
        for each in [*self._near, *self._far]:
            _shut_down(each)

    def refuse(self) -> None:
        """End all connections, and all that are begun from now on."""
        self.refuse_others()
        self.cut()

    def refuse_others(self) -> None:
        """End all connections that are begun from now on, and none that there are."""
        self._is_refusing = True

    def accept(self) -> None:
        """Refuse no more."""
        self._is_refusing = False

    def ports(self) -> set[int]:
        """Return by which ports the server knows the connections on this path."""
        return {port for each in list(self._far) if (port := _port_of(each)) is not None}

    def leading(self, url: str) -> str:
        """Return an address with this path in the place of the server's own."""
        return at_port(url, self.port)

    def serve(self, listener: socket.socket, ended: threading.Event) -> None:
        """Take connections until the event is set."""
        listener.settimeout(0.1)
        while not ended.is_set():
            try:
                near, _ = listener.accept()
            except TimeoutError:
                continue
            if self._is_refusing:
                near.close()
                continue
            far = socket.create_connection(self.target)
            self._near.append(near)
            self._far.append(far)
            threading.Thread(target=self._pass_on, args=(near, far, ended), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket, ended: threading.Event) -> None:
        port = _port_of(far)
        with selectors.DefaultSelector() as selector, near, far:
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            try:
                while not ended.is_set():
                    if not self._passes(port):
                        continue
                    for key, _ in selector.select(0.1):
                        data = key.fileobj.recv(CHUNK)  # type: ignore[union-attr]
                        while not self._passes(port):
                            if ended.is_set():
                                return
                        if not data:
                            return
                        key.data.sendall(data)
            except OSError:
                return

    def _passes(self, port: int | None) -> bool:
        """Tell whether a connection is alive, after a moment if it is not."""
        if port in self._dead:
            time.sleep(0.01)
            return False
        return self._is_open.wait(0.1)


@contextmanager
def path_to(url: str) -> Iterator[Path]:
    """Open a path to the server of an address; it and its connections end with the context."""
    path = Path(address_of(url))
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        path.port = listener.getsockname()[1]
        path.revive()
        thread = threading.Thread(target=path.serve, args=(listener, ended))
        thread.start()
        try:
            yield path
        finally:
            ended.set()
            thread.join()
            path.cut()


def _shut_down(each: socket.socket) -> None:
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _port_of(each: socket.socket) -> int | None:
    try:
        port: int = each.getsockname()[1]
    except OSError:
        return None
    return port
