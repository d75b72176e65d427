"""Pages of failed rows with their cells, found by what a survey says of places in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rollcall.imports.checkpoint import START, Checkpoint
from rollcall.imports.mending.work import Mending, MendingWork, read_feed

# So many rows are looked at for a page; then it is what was found, and somebody may go on.
LOOKED_AT = 20_000


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Which failed rows are looked for: of a state, and of those open, some that fail one way."""

    state: str = "open"
    code: str | None = None
    column: int | None = None
    after: int | None = None
    before: int | None = None
    limit: int = 50


@dataclass
class FoundRows:
    """A page of rows, and where more may be: behind the row `after`, or before the row `before`."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class Span:
    """Some failed rows in succession, and where the file is read for them."""

    first: int
    last: int | None
    start: Checkpoint


async def find_rows(
    work: MendingWork, mending: Mending, sought: Sought, shown: list[int]
) -> FoundRows:
    """Return a page of the rows that are looked for, with the cells of some columns."""
    seeker = _Seeker(work, mending, sought, shown)
    if sought.before is not None:
        return await seeker.backward(sought.before)
    return await seeker.forward(sought.after or 0)


async def read_rows(
    work: MendingWork, mending: Mending, numbers: list[int], shown: list[int]
) -> list[dict[str, Any]]:
    """Return certain rows, in whatever state they are; those that have not failed are none."""
    async with work.sessionmaker() as session:
        feed = await read_feed(session, mending, 0, only=numbers)
    if not feed["rows"]:
        return []
    what = {"job": "rows", "state": "all", "shown": shown}
    start = place_before(mending, feed["rows"][0][0]) or START
    async with work.job(mending, what, start, is_quick=True) as job:
        rows: list[dict[str, Any]] = (await job.feed(feed)).said
        await job.end()
    return rows


class _Seeker:
    """Looks for the rows of a page, as far as it has to."""

    def __init__(self, work: MendingWork, mending: Mending, sought: Sought, shown: list[int]):
        self._work = work
        self._mending = mending
        self._limit = sought.limit
        self._what = {
            "job": "rows",
            "state": sought.state,
            "code": sought.code,
            "column": sought.column,
            "shown": shown,
        }
        self._spans = spans(mending, sought)
        self._rows: list[dict[str, Any]] = []
        self._looked_at = 0
        # The last row that was looked at, going one way or the other.
        self._reached = 0

    async def forward(self, after: int) -> FoundRows:
        """Return the page behind a row."""
        is_broken_off = False
        for span in self._spans:
            if not is_broken_off and (span.last is None or span.last > after):
                is_broken_off = await self._read_on(span, max(after, span.first - 1))
        page = FoundRows(self._rows[: self._limit])
        if len(self._rows) > self._limit:
            page.after = page.rows[-1]["row"]
        elif is_broken_off:
            page.after = self._reached
        if after > 0:
            page.before = page.rows[0]["row"] if page.rows else after + 1
        return page

    async def _read_on(self, span: Span, after: int) -> bool:
        """Read a span from behind a row on; tell whether that is enough."""
        start = place_before(self._mending, after + 1) or span.start
        async with self._work.job(self._mending, self._what, start, is_quick=True) as job:
            async for feed in self._work.feeds(self._mending, after, span.last):
                self._rows += (await job.feed(feed)).said
                if self._note(feed, feed["rows"][-1][0]):
                    break
            await job.end()
        return self._is_enough

    async def backward(self, before: int) -> FoundRows:
        """Return the page before a row."""
        is_broken_off = False
        for span in reversed(self._spans):
            last = before - 1 if span.last is None else min(span.last, before - 1)
            while not is_broken_off and last >= span.first:
                last = await self._read_back(span, last)
                is_broken_off = self._is_enough
        page = FoundRows(self._rows[-self._limit :])
        if len(self._rows) > self._limit:
            page.before = page.rows[0]["row"]
        elif is_broken_off:
            page.before = self._reached
        page.after = page.rows[-1]["row"] if page.rows else before - 1
        return page

    async def _read_back(self, span: Span, last: int) -> int:
        """Read the block of a span that ends with a row; return the row before it."""
        async with self._work.sessionmaker() as session:
            feed = await read_feed(session, self._mending, span.first - 1, last, from_end=True)
        if not feed["rows"]:
            return span.first - 1
        first: int = feed["rows"][0][0]
        start = place_before(self._mending, first) or span.start
        async with self._work.job(self._mending, self._what, start, is_quick=True) as job:
            self._rows = (await job.feed(feed)).said + self._rows
            await job.end()
        self._note(feed, first)
        return first - 1

    def _note(self, feed: dict[str, Any], reached: int) -> bool:
        self._looked_at += len(feed["rows"])
        self._reached = reached
        return self._is_enough

    @property
    def _is_enough(self) -> bool:
        return len(self._rows) > self._limit or self._looked_at >= LOOKED_AT


def place_before(mending: Mending, row: int) -> Checkpoint | None:
    """Return the last known place of the file that stands before a row."""
    places = (mending.mend.survey or {}).get("places", [])
    at = [Checkpoint(place[1], place[2]) for place in places if place[1] < row]
    return at[-1] if at else None


def spans(mending: Mending, sought: Sought) -> list[Span]:
    """Return the parts of the file that have rows that are looked for, as far as that is known."""
    survey = mending.survey
    if survey is None:
        return [Span(1, None, START)]
    groups = [(each["code"], each["column"]) for each in survey["groups"]]
    wanted = (sought.code, sought.column)
    number = str(groups.index(wanted)) if wanted in groups else None
    found: list[Span] = []
    places = survey["places"]
    for at, (row, start_row, offset, still_open, mended, by_group) in enumerate(places):
        is_last = at + 1 == len(places)
        last = None if is_last else places[at + 1][0] - 1
        count = _count(sought, number, still_open, mended, by_group)
        if not count:
            continue
        if found and found[-1].last == row - 1:
            found[-1] = Span(found[-1].first, last, found[-1].start)
        else:
            found.append(Span(row, last, Checkpoint(start_row, offset)))
    return found


def _count(
    sought: Sought, number: str | None, still_open: int, mended: int, by_group: dict[str, int]
) -> int:
    if sought.code is not None:
        return by_group.get(number, 0) if number is not None else 0
    return {"open": still_open, "mended": mended}.get(sought.state, still_open + mended)
