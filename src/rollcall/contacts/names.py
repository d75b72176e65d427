"""What is said of contacts whose names have to be found.

Names stand beside the contacts, sorted: indexes on them would take a third of an import's time
(docs/decisions/0016). Whoever gives contacts names writes down in the same transaction which
contacts these are. A sweep sorts them into a layer, whose leaves hold about two hundred names each,
and makes few layers of many. A search looks into each layer, and at what still waits.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import BigInteger, Text, Uuid, insert
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rollcall.database.base import Base, Id, TeamId
from rollcall.database.statements import load_statements

STATEMENTS = load_statements(__package__, "names.sql")


class NameLayer(Base):
    """Names that were sorted at one time: `size` entries, a contact having up to two."""

    __tablename__ = "contact_name_layers"

    team_id: Mapped[TeamId]
    id: Mapped[Id]
    size: Mapped[int] = mapped_column(BigInteger)


class NameLeaf(Base):
    """Entries of a layer that follow each other: a name as it is compared, and whose it is.

    An entry may be out of date. Who reads it looks at the contact.
    """

    __tablename__ = "contact_name_leaves"

    team_id: Mapped[TeamId]
    layer_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    last_key: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    last_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    keys: Mapped[list[str]] = mapped_column(ARRAY(Text(collation="C")))
    contact_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))


class PendingNames(Base):
    """Contacts whose names are in no layer yet: those from one id to another, or a list."""

    __tablename__ = "contact_names_pending"

    team_id: Mapped[TeamId]
    id: Mapped[Id]
    first_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    last_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    contact_ids: Mapped[list[uuid.UUID] | None] = mapped_column(ARRAY(Uuid))


async def note_names(
    session: AsyncSession, team_id: uuid.UUID, contact_id: uuid.UUID, fields: dict[str, Any]
) -> None:
    """Note that a contact has been given these fields, if there is a name among them."""
    if "first_name" in fields or "last_name" in fields:
        await session.execute(
            insert(PendingNames).values(team_id=team_id, contact_ids=[contact_id])
        )


async def forget_names(
    session: AsyncSession,
    team_id: uuid.UUID,
    contact_id: uuid.UUID,
    names: tuple[str | None, str | None],
) -> None:
    """Take the names of a contact that is deleted out of all layers."""
    parameters = {"team_id": team_id, "id": contact_id, "first": names[0], "last": names[1]}
    connection = await session.connection()
    for statement in ("shorten_leaves", "drop_ends"):
        await connection.exec_driver_sql(STATEMENTS[statement], parameters)
