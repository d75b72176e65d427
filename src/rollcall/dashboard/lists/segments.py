"""Segments: list, create, rename, delete."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.forms import check_form
from rollcall.dashboard.frame.pager import pager_of
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.segments import queries
from rollcall.segments.schemas import SegmentName
from rollcall.web.pagination import PageOf20
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

LIST = "/segments"
# So many contacts of a segment are counted for the list, which is to be there at once.
COUNTED = 10_000
FORM = "lists/segment_form.html"
router = dashboard_router(LIST)
Typed = Annotated[str, Form()]


@router.get("")
async def list_segments(
    request: Request, team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> Response:
    """Show segments, newest first."""
    segments, has_more = await queries.list_segments(session, team_id, page)
    pager = pager_of(request, page, segments, has_more)
    ids = [segment.id for segment in segments]
    return render(
        request,
        "lists/segments.html",
        segments=segments,
        pager=pager,
        # One more than is told exactly.
        members=await queries.count_members(session, team_id, ids, COUNTED + 1),
        counted=COUNTED,
    )


@router.get("/new")
async def ask_for_name(request: Request) -> Response:
    """Show the form of a new segment."""
    return render(request, FORM, segment=None, name="", errors={})


@router.post("/new")
async def create_segment(
    request: Request, team_id: CurrentTeam, session: SessionDep, name: Typed = ""
) -> Response:
    """Create a segment."""
    given, errors = check_form(request, SegmentName, {"name": name.strip()})
    if given is None:
        return render(request, FORM, status_code=422, segment=None, name=name, errors=errors)
    await queries.create_segment(session, team_id, given.name)
    return go_to(request, LIST, "segments.created", name=given.name)


@router.get("/{segment_id}/edit")
async def ask_for_other_name(
    request: Request, segment_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Show the form of a segment."""
    segment = await queries.find_segment(session, team_id, parse_id(segment_id, "id"))
    return render(request, FORM, segment=segment, name=segment.name, errors={})


@router.post("/{segment_id}/edit")
async def rename_segment(
    request: Request, segment_id: str, team_id: CurrentTeam, session: SessionDep, name: Typed = ""
) -> Response:
    """Give a segment another name."""
    id_ = parse_id(segment_id, "id")
    given, errors = check_form(request, SegmentName, {"name": name.strip()})
    if given is None:
        segment = await queries.find_segment(session, team_id, id_)
        return render(request, FORM, status_code=422, segment=segment, name=name, errors=errors)
    await queries.rename_segment(session, team_id, id_, given.name)
    return go_to(request, LIST, "segments.renamed", name=given.name)


@router.get("/{segment_id}/delete")
async def ask_before_deleting(
    request: Request, segment_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Ask whether a segment is to be deleted, and say what that means."""
    segment = await queries.find_segment(session, team_id, parse_id(segment_id, "id"))
    return render(request, "lists/segment_delete.html", segment=segment)


@router.post("/{segment_id}/delete")
async def delete_segment(
    request: Request, segment_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Delete a segment; its contacts stay."""
    id_ = parse_id(segment_id, "id")
    segment = await queries.find_segment(session, team_id, id_)
    await queries.delete_segment(session, team_id, id_)
    return go_to(request, LIST, "segments.deleted", name=segment.name)
