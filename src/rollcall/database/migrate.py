"""Bringing a database's schema to a revision, from a checkout or from an installed wheel."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from rollcall.config import Settings
from rollcall.database.distribute import distribute


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Apply every migration up to `revision`; one that is applied already is not run again.

    On a cluster the large tables are then distributed over its nodes.
    """
    command.upgrade(_config(settings), revision)
    distribute(settings)


def downgrade(settings: Settings, revision: str) -> None:
    """Take back every migration after `revision`; `base` leaves an empty database."""
    command.downgrade(_config(settings), revision)


def newest_revision() -> str:
    """Return the revision that this program knows as the last one."""
    # Read from the names, as the scripts can be loaded by a migration only.
    scripts = (_migrations() / "versions").glob("[0-9][0-9][0-9][0-9]_*.py")
    return max(script.name[:4] for script in scripts)


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
