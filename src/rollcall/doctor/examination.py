"""All looks, one after the other: what cannot be looked at does not keep the others from it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from rollcall.config import ENV_PREFIX, Settings
from rollcall.doctor.database import look_at_database
from rollcall.doctor.findings import Finding, fail, ok, warn
from rollcall.doctor.redis import look_at_redis
from rollcall.doctor.storage import look_at_storage

# Read by the command line and not by a process of the service.
COMMAND_VARIABLES = {"URL", "API_KEY"}


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what there is to say, as soon as it is known."""
    yield from _look_at_settings(settings)
    for subject, look in (
        ("database", look_at_database),
        ("redis", look_at_redis),
        ("storage", look_at_storage),
    ):
        try:
            yield from look(settings)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is told)
            told = f"cannot be looked at: {type(error).__name__}: {str(error).strip()}"
            yield fail(subject, told.replace("\n", " "), "see what it says")


def _look_at_settings(settings: Settings) -> Iterator[Finding]:
    yield ok("settings", "are complete and valid")
    known = {field.upper() for field in Settings.model_fields} | COMMAND_VARIABLES
    said = {name for name in os.environ if name.startswith(ENV_PREFIX)}
    for name in sorted(said):
        if name.removeprefix(ENV_PREFIX) not in known:
            yield warn("settings", f"{name} is read by nobody", "look for a slip of the pen in it")
    if settings.metrics_port and settings.metrics_host not in ("127.0.0.1", "::1", "localhost"):
        yield warn(
            "settings",
            f"metrics are told on {settings.metrics_host}, without a password",
            "let only Prometheus reach that port",
        )
