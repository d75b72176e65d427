"""Bringing a database's schema to a revision, from a checkout or from an installed wheel."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from rollcall.config import Settings


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Apply every migration up to `revision`; one that is applied already is not run again."""
    command.upgrade(_config(settings), revision)


def downgrade(settings: Settings, revision: str) -> None:
    """Take back every migration after `revision`; `base` leaves an empty database."""
    command.downgrade(_config(settings), revision)


def _config(settings: Settings) -> Config:
    config = Config()
    options = {
        "script_location": str(_migrations()),
        "path_separator": "os",
        "sqlalchemy.url": settings.sqlalchemy_url,
    }
    for name, value in options.items():
        # Alembic's configuration interpolates percent signs, which encoded passwords have.
        config.set_main_option(name, value.replace("%", "%%"))
    return config


def _migrations() -> Path:
    package = Path(__file__).parents[1]
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent.parent / "migrations"
