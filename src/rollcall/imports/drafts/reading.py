"""A draft is read: its first rows, and what becomes of each column."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.errors import ValidationFailed
from rollcall.imports.drafts.choices import Choices, FileChoices
from rollcall.imports.drafts.columns import DraftColumns, decide
from rollcall.imports.drafts.means import DraftMeans
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.review import review
from rollcall.imports.intake.sheets import SHEET_DELIMITER
from rollcall.imports.matching.proposals import Proposal, add_proposals, open_columns
from rollcall.imports.matching.suggestions import Suggestions, Target
from rollcall.imports.reading.dialect import DELIMITERS, Dialect, Head, HeaderError
from rollcall.imports.reading.encoding import HEAD_BYTES, asked_encoding
from rollcall.imports.suggesting.suggested import Suggested, suggest_columns
from rollcall.properties.queries import live_properties
from rollcall.properties.values import PropertyType
from rollcall.storage.stored_file import FileDamaged

# So many rows are shown to somebody who looks for the header among them.
FIRST_ROWS = 20


class DraftFileGone(ValidationFailed):
    """The uploaded file is no longer in the storage as it was stored. Upload it again."""


@dataclass(frozen=True, kw_only=True)
class DraftTable:
    """How a draft is read, and its columns.

    `rows` are the first records, blank ones included, as they stand in the file. `properties` are
    those that the team has, by key.
    """

    choices: Choices
    head: Head
    dialect: Dialect
    rows: Sequence[Sequence[str]]
    has_header: bool
    columns: DraftColumns
    properties: Mapping[str, PropertyType]


async def read_draft(
    session: AsyncSession, means: DraftMeans, draft: ContactImportDraft
) -> DraftTable:
    """Return a draft under all that was said of it.

    Raises:
        ValidationFailed: it cannot be read so.
        StorageError: the storage is away.
    """
    choices = Choices.model_validate(draft.choices)
    head = await _read_head(means, draft, choices.file)
    found = await session.scalars(live_properties(draft.team_id))
    properties = {each.key: PropertyType(each.type) for each in found}
    suggested = await suggest_columns(session, draft.team_id, head, None)
    return await asyncio.to_thread(_table, choices, suggested, draft.proposals, properties)


async def propose_columns(
    session: AsyncSession, means: DraftMeans, draft: ContactImportDraft
) -> list[Any]:
    """Return what a language model says of a draft's columns, as `proposals` has it.

    The transaction ends, as others need the connection while an answer is waited for.
    """
    if means.model is None:
        return []
    head = await _read_head(means, draft, Choices.model_validate(draft.choices).file)
    suggested = await suggest_columns(session, draft.team_id, head, None)
    await session.rollback()
    asked = open_columns(suggested.suggestions, suggested.table.records)
    proposed = await means.model.propose(asked)
    return [[index, said.target.value, said.source] for index, said in proposed.items()]


def _table(
    choices: Choices,
    suggested: Suggested,
    proposals: Sequence[Any],
    properties: Mapping[str, PropertyType],
) -> DraftTable:
    table = suggested.table
    found = _with_proposals(suggested.suggestions, table.records, proposals)
    try:
        dialect = replace(suggested, table=replace(table, suggestions=found)).read_dialect()
    except HeaderError as error:
        raise ValidationFailed(str(error)) from None
    decided = decide(table.records, found, choices.columns, properties)
    return DraftTable(
        choices=choices,
        head=table.head,
        dialect=dialect,
        rows=list(itertools.islice(table.records, FIRST_ROWS)),
        has_header=found.header_row is not None,
        columns=review(decided, properties),
        properties=properties,
    )


def _with_proposals(
    found: Suggestions, records: Sequence[Sequence[str]], proposals: Sequence[Any]
) -> Suggestions:
    if not proposals:
        return found
    said = {
        index: Proposal(target=Target(target), source=source) for index, target, source in proposals
    }
    return add_proposals(found, records, said)


async def _read_head(means: DraftMeans, draft: ContactImportDraft, said: FileChoices) -> Head:
    try:
        data = await means.read(draft.object_key, HEAD_BYTES)
    except (FileNotFoundError, FileDamaged):
        raise DraftFileGone from None
    is_sheet = draft.sheet is not None
    encoding = None if is_sheet else asked_encoding(said.encoding, data)
    head = Head(
        data=data,
        complete=draft.size <= HEAD_BYTES,
        encoding=encoding or draft.codec,
        header_row=said.header_row,
    )
    if is_sheet:
        return replace(head, delimiters=SHEET_DELIMITER, sheet=draft.sheet)
    return replace(head, delimiters=said.delimiter or DELIMITERS)
