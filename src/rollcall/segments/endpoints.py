"""`/segments`: create, list, get, rename, delete."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from rollcall.auth.idempotency import IdempotencyDep
from rollcall.auth.route import CurrentTeam, team_router
from rollcall.segments import queries
from rollcall.segments.schemas import (
    SegmentDeleted,
    SegmentListed,
    SegmentName,
    SegmentNamed,
    SegmentShown,
)
from rollcall.web.error_answers import documented
from rollcall.web.pagination import PageOf20
from rollcall.web.session import SessionDep
from rollcall.web.wire import IdText, ListOf, parse_id

router = team_router("/segments", "segments")

SegmentId = Annotated[IdText, Path(description="The segment's id.")]


@router.post("", status_code=201, responses=documented(400, 409))
async def create_segment(
    body: SegmentName,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> SegmentNamed:
    """Create a segment."""
    await idempotency.check(body.model_dump(mode="json"))
    segment = await queries.create_segment(session, team_id, body.name)
    return idempotency.remember(SegmentNamed.model_validate(segment))


@router.get("")
async def list_segments(
    team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> ListOf[SegmentListed]:
    """List segments, newest first."""
    segments, has_more = await queries.list_segments(session, team_id, page)
    return ListOf(has_more=has_more, data=[SegmentListed.model_validate(s) for s in segments])


@router.get("/{segment_id}", responses=documented(404))
async def get_segment(
    segment_id: SegmentId, team_id: CurrentTeam, session: SessionDep
) -> SegmentShown:
    """Show a segment."""
    segment = await queries.find_segment(session, team_id, parse_id(segment_id, "id"))
    return SegmentShown.model_validate(segment)


@router.patch("/{segment_id}", responses=documented(400, 404))
async def rename_segment(
    segment_id: SegmentId, body: SegmentName, team_id: CurrentTeam, session: SessionDep
) -> SegmentNamed:
    """Give a segment another name."""
    id_ = parse_id(segment_id, "id")
    return SegmentNamed.model_validate(
        await queries.rename_segment(session, team_id, id_, body.name)
    )


@router.delete("/{segment_id}")
async def delete_segment(
    segment_id: SegmentId, team_id: CurrentTeam, session: SessionDep
) -> SegmentDeleted:
    """Delete a segment; its contacts stay. The answer is the same when there is none."""
    id_ = parse_id(segment_id, "id")
    await queries.delete_segment(session, team_id, id_)
    return SegmentDeleted(id=id_)
