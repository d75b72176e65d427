"""Addresses of servers, and of what stands in front of them on the loopback interface."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def address_of(url: str) -> tuple[str, int]:
    """Return host and port of an address that has both."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def at_port(url: str, port: int) -> str:
    """Return an address with a port of the loopback interface in the place of the server's own."""
    parts = urlsplit(url)
    credentials, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{credentials}{at}127.0.0.1:{port}"))
