"""Suggestions for a file, with all that is known of its team."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.imports.column_map import DEFAULT_FIELDS, ColumnMap
from rollcall.imports.matching.header import describe_columns, match_header
from rollcall.imports.matching.proposals import add_proposals, open_columns
from rollcall.imports.matching.suggest import suggest
from rollcall.imports.matching.suggestions import Suggestions
from rollcall.imports.reading.dialect import Dialect, Head, read_dialect
from rollcall.imports.suggesting.language_model import LanguageModel
from rollcall.imports.suggesting.memory import recall
from rollcall.imports.suggesting.table import Table, read_table
from rollcall.properties.queries import live_properties
from rollcall.properties.values import PropertyType


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """A file's table, with suggestions that took the team into account."""

    table: Table

    @property
    def suggestions(self) -> Suggestions:
        return self.table.suggestions

    def column_map(self) -> ColumnMap | None:
        """Return the map that can be sent as it stands; None where no column has addresses."""
        if not self.suggestions.has_email:
            return None
        return ColumnMap.model_validate(self.suggestions.column_map())

    def read_dialect(self) -> Dialect:
        """Return how the file is read, whatever its columns are.

        Raises:
            HeaderError: it cannot be.
        """
        column_map = self.column_map()
        wanted = DEFAULT_FIELDS if column_map is None else list(column_map.columns())
        # Nothing is required: the row of the header is known by now, if there is one.
        return read_dialect(self.table.head, wanted, [])

    def settle(self) -> tuple[Dialect, ColumnMap]:
        """Return how the file is read, and the map that is taken.

        Raises:
            ValidationFailed: no column looks like addresses.
            HeaderError: the header cannot be read.
        """
        column_map = self.column_map()
        if column_map is None:
            self.read_dialect()
            found = describe_columns(self.table.header)
            raise ValidationFailed(
                "No column of the `file` is known by its name or its cells to have the e-mail"
                " addresses. Say which it is in the `column_map`."
                + (f" Found: {found}" if found else " It has no header row.")
            )
        return match_header(self.table.head, column_map)


async def suggest_columns(
    session: AsyncSession, team_id: uuid.UUID, head: Head, model: LanguageModel | None
) -> Suggested:
    """Return what the columns of a file mean, as far as can be told.

    Args:
        session: to look at what the team has.
        team_id: whose file it is.
        head: of the file.
        model: is asked about columns whose names say nothing, if there is one.
    """
    # Slow enough to be kept away from the event loop.
    table = await asyncio.to_thread(read_table, head)
    found = await session.scalars(live_properties(team_id))
    properties = {each.key: PropertyType(each.type) for each in found}
    suggestions = await asyncio.to_thread(
        suggest,
        table.records,
        properties=properties,
        remembered=await recall(session, team_id, table.header),
        header_row=table.suggestions.header_row,
    )
    if model is not None:
        # Others need the connection while an answer is waited for; nothing is written yet.
        await session.rollback()
        proposals = await model.propose(open_columns(suggestions, table.records))
        suggestions = add_proposals(suggestions, table.records, proposals)
    return Suggested(table=replace(table, suggestions=suggestions))
