"""The product as it runs in production, for tests over HTTP."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from rollcall.config import Settings
from tests.acceptance.clients.install import (
    NODE_CLIENTS_MISSING,
    ClientsUnavailable,
    install_clients,
)
from tests.support.product import Process, Product, Team, in_ci, leave_out

__all__ = ["Process", "Product", "Team", "in_ci"]

Connection = psycopg.Connection[Any]


@pytest.fixture
def product(settings: Settings, tmp_path: Path) -> Iterator[Product]:
    """The parts of the product as processes; all of them are ended with the test."""
    with ExitStack() as stack:
        yield Product(settings, tmp_path, stack)


@pytest.fixture
def base_url(product: Product) -> str:
    """A running API and worker."""
    product.start("worker")
    return product.start_api()


@pytest.fixture
def http(base_url: str, team_key: str) -> Iterator[httpx.Client]:
    """An HTTP client of the running product."""
    with Team(base_url, team_key).client() as client:
        yield client


@pytest.fixture(scope="session")
def node_clients() -> Path:
    """The folder in which the Node clients are installed; CI must have Node, others should."""
    try:
        return install_clients()
    except ClientsUnavailable as unavailable:
        leave_out(NODE_CLIENTS_MISSING, unavailable)


@pytest.fixture
def client_environment(node_clients: Path, team: Team, tmp_path: Path) -> dict[str, str]:
    """The environment of a Node client: a team of the running product, and an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return {
        "PATH": f"{node_clients / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "RESEND_BASE_URL": team.url,
        "RESEND_API_KEY": team.key,
    }


@contextmanager
def held_back(settings: Settings, team_id: uuid.UUID, email: str) -> Iterator[Connection]:
    """Write a contact and do not commit, so that an import waits at it until that is undone."""
    with psycopg.connect(settings.psycopg_dsn) as connection:
        connection.execute(
            "INSERT INTO contacts (team_id, email) VALUES (%s, %s)", (team_id, email)
        )
        yield connection
        connection.rollback()
