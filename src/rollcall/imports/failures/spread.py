"""Where in its file an import has failed: how dense it is in parts of the same number of rows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from sqlalchemy import BigInteger, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.imports.models import ContactImport, StoredFailure

PARTS = 80
# Of each part; how close together these are tells how many the others are.
MOST_COUNTED = 1_000


@dataclass(frozen=True, kw_only=True)
class FilePart:
    """Rows of a file, counted as a spreadsheet does, and the share of them that has failed."""

    first_row: int
    last_row: int
    failed: float


async def find_spread(
    session: AsyncSession, found: ContactImport, header_row: int
) -> list[FilePart]:
    """Return the parts of an import's file in their order; none when nothing has failed.

    `header_row` is 0 of a file without a header.
    It reads 80,000 entries of an index at most, however many rows have failed.
    """
    of_import = (StoredFailure.team_id == found.team_id, StoredFailure.import_id == found.id)
    last = await session.scalar(select(func.max(StoredFailure.row)).where(*of_import))
    if last is None:
        return []
    # Rows without any content are no records, so that the last failure may stand behind the total.
    parts = divide(header_row + 1, max(last, header_row + found.total))
    asked = (
        func.unnest(
            literal([first for first, _ in parts], ARRAY(BigInteger)),
            literal([last for _, last in parts], ARRAY(BigInteger)),
        )
        .table_valued("first_row", "last_row")
        .render_derived()
    )
    failed = (
        select(StoredFailure.row)
        .where(*of_import, StoredFailure.row.between(asked.c.first_row, asked.c.last_row))
        .order_by(StoredFailure.row)
        .limit(MOST_COUNTED)
        .correlate(asked)
        .subquery()
        .lateral()
    )
    counted = select(array([func.count(failed.c.row), func.max(failed.c.row)])).select_from(failed)
    rows = await session.execute(
        select(asked.c.first_row, asked.c.last_row, counted.scalar_subquery())
    )
    return sorted((_part(*row) for row in rows.tuples()), key=lambda part: part.first_row)


def _part(first: int, last: int, counted: tuple[int, int | None]) -> FilePart:
    count, last_counted = counted
    seen = last if count < MOST_COUNTED or last_counted is None else last_counted
    return FilePart(first_row=first, last_row=last, failed=count / (seen - first + 1))


def divide(first: int, last: int) -> list[tuple[int, int]]:
    """Divide rows into at most `PARTS` parts, whose sizes differ by one row at most."""
    rows = last - first + 1
    count = min(PARTS, rows)
    edges = [first + rows * number // count for number in range(count + 1)]
    return [(begin, end - 1) for begin, end in itertools.pairwise(edges)]
