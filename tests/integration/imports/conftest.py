"""What the tests of imports have in common."""

from __future__ import annotations

import uuid

import httpx
import pytest

from rollcall.config import Settings
from tests.integration.imports.uploads import Importer


@pytest.fixture
def importer(client: httpx.Client, settings: Settings, team_id: uuid.UUID) -> Importer:
    """The test's team, and the means to import files at once."""
    return Importer(client=client, settings=settings, team_id=team_id)
