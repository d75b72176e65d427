"""One API whose servers are frozen and killed, behind a network that can fail.

All tests have it in common, so each of them is also a test of whether it has recovered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from rollcall.config import Settings
from rollcall.database.migrate import upgrade
from rollcall.embedded import EmbeddedServices
from tests.acceptance.conftest import Product
from tests.support.addresses import address_of, at_port
from tests.support.databases import make_key_of
from tests.support.outages import World, start_api, wait_until_well
from tests.support.tcp_proxy import network_to


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Start everything once."""
    folder = tmp_path_factory.mktemp("outages")
    with ExitStack() as stack:
        services = stack.enter_context(EmbeddedServices(folder / "servers", for_tests=True))
        database = stack.enter_context(network_to(*address_of(services.database_url)))
        redis = stack.enter_context(network_to(*address_of(services.redis_url)))
        settings = Settings(
            database_url=at_port(services.database_url, database.port),
            redis_url=at_port(services.redis_url, redis.port),
            storage_url=(folder / "uploads").as_uri(),
            rate_limit=10_000,
            db_timeout_seconds=3,
            db_pool_size=5,
            log_level="warning",
        )
        upgrade(settings)
        api = start_api(Product(settings, folder, stack), make_key_of(settings, "team a"))
        yield World(services=services, database=database, redis=redis, api=api, settings=settings)


@pytest.fixture
def world(shared_world: World) -> World:
    """The API and its servers, all well, and the pool full of connections."""
    wait_until_well(shared_world)
    shared_world.api.forget_log()
    return shared_world
