"""What the tests of imports have in common."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest

from rollcall.config import Settings
from tests.support.uploads import Importer


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    """Settings with a folder for uploads, or a bucket; see `buckets.on_each_storage`."""
    if getattr(request, "param", "folder") == "folder":
        yield settings
        return
    # The oldest dependencies are tried without a server of buckets.
    from tests.support.buckets import bucket

    with bucket() as url:
        yield settings.model_copy(update={"storage_url": url})


@pytest.fixture
def importer(client: httpx.Client, settings: Settings, team_id: uuid.UUID) -> Importer:
    """The test's team, and the means to import files at once."""
    return Importer(client=client, settings=settings, team_id=team_id)
