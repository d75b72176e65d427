"""Addresses with and without credentials, and what takes the place of a server."""

from __future__ import annotations

import pytest

from tests.support.addresses import address_of, at_port


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("postgresql://a:p%40ss@db:5432/x?y=z", "postgresql://a:p%40ss@127.0.0.1:7/x?y=z"),
        ("redis://localhost:6379/0", "redis://127.0.0.1:7/0"),
    ],
)
def test_another_port(url: str, there: str) -> None:
    assert at_port(url, 7) == there
    assert address_of(there) == ("127.0.0.1", 7)


def test_without_a_port_it_is_none() -> None:
    with pytest.raises(AssertionError):
        address_of("redis://localhost/0")
