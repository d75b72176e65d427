"""The base of all tables, and the columns that they share."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from sqlalchemy import DateTime, MetaData, Uuid, func, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING_CONVENTION = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


# Every table has the team first in its primary key, so that the database itself keeps teams
# apart and the tables can be distributed by team.
TeamId = Annotated[uuid.UUID, mapped_column(Uuid, primary_key=True)]
# Time-ordered, so that newest-first lists page by key without a sort.
Id = Annotated[uuid.UUID, mapped_column(Uuid, primary_key=True, server_default=text("uuidv7()"))]
Timestamp = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
