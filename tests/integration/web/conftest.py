"""An API that does not wait for long."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from rollcall.config import Settings
from tests.support.patience import wait_until


@pytest.fixture
def impatient(settings: Settings) -> Settings:
    """Settings with waits that a test can wait for."""
    return settings.model_copy(
        update={
            "header_timeout_seconds": 1.5,
            "body_timeout_seconds": 1.5,
            "answer_timeout_seconds": 1.5,
        }
    )


@pytest.fixture
def url(impatient: Settings, serve: Callable[[Settings], str]) -> str:
    """The base URL of an API with those settings."""
    return serve(impatient)


@pytest.fixture
def nothing_kept(settings: Settings) -> Iterator[Callable[[], None]]:
    """Check that no file is left, whole or not."""
    folder = urlsplit(settings.storage_url).path

    def check() -> None:
        # Folders go away while one looks.
        wait_until(lambda: not any(names for _, _, names in os.walk(folder)))

    yield check
    check()
