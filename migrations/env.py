"""Runs the migrations, on the database of `rollcall migrate` or of the environment."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool, text

from rollcall.auth import models as _api_keys  # noqa: F401  (fills Base.metadata)
from rollcall.auth.idempotency import IdempotencyKey as _IdempotencyKey  # noqa: F401
from rollcall.config import load_settings
from rollcall.contacts import models as _contacts  # noqa: F401
from rollcall.contacts import names as _names  # noqa: F401
from rollcall.dashboard.frame import models as _dashboard  # noqa: F401
from rollcall.database.base import Base
from rollcall.imports import models as _imports  # noqa: F401
from rollcall.imports.drafts import models as _drafts  # noqa: F401
from rollcall.imports.mending import models as _mending  # noqa: F401
from rollcall.properties import models as _properties  # noqa: F401
from rollcall.segments import models as _segments  # noqa: F401
from rollcall.topics import models as _topics  # noqa: F401

# A migration that has to wait for a lock must not make everybody else wait behind it.
LOCK_TIMEOUT = "5s"
# Two processes that migrate at the same time do it one after the other.
ADVISORY_LOCK = 7_265_019_334


def run() -> None:
    """Bring the database to the wanted revision, all of it in one transaction."""
    url = context.config.get_main_option("sqlalchemy.url") or load_settings().sqlalchemy_url
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({ADVISORY_LOCK})"))
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        context.configure(
            connection=connection, target_metadata=Base.metadata, compare_server_default=True
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
