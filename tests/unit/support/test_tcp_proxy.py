"""A network lets connections go when both ends have gone."""

from __future__ import annotations

import socket
import threading

import psutil
import pytest

from tests.support.patience import wait_until
from tests.support.tcp_proxy import network_to


def test_connections_that_are_cut_end_at_both_ends_and_new_ones_are_made() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        network_to(*listener.getsockname()) as network,
    ):
        for _ in range(2):
            with (
                socket.create_connection(("127.0.0.1", network.port)) as near,
                listener.accept()[0] as far,
            ):
                near.sendall(b"?")
                assert far.recv(1) == b"?"
                assert network.client_of(far.getpeername()[1]) == near.getsockname()[1]
                network.cut()
                assert (near.recv(1), far.recv(1)) == (b"", b"")
        network.is_refusing = True
        with socket.create_connection(("127.0.0.1", network.port)) as near:
            assert near.recv(1) == b""


@pytest.mark.parametrize("who_ends", ["client", "server"])
def test_connections_that_have_ended_leave_nothing_open(who_ends: str) -> None:
    def serve() -> None:
        for _ in range(20):
            far, _ = listener.accept()
            with far:
                if who_ends == "client":
                    assert far.recv(1) == b""

    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        with network_to(host, port) as network:
            thread = threading.Thread(target=serve)
            thread.start()
            before = psutil.Process().num_fds()
            for _ in range(20):
                with socket.create_connection(("127.0.0.1", network.port)) as near:
                    if who_ends == "server":
                        assert near.recv(1) == b""
            thread.join()
            wait_until(lambda: psutil.Process().num_fds() <= before)
