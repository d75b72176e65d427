"""The page of a contact: its fields, segments, topics, and its end."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.route import CurrentTeam
from rollcall.contacts.memberships import join_segment, leave_segment, list_segments_of
from rollcall.contacts.models import Contact
from rollcall.contacts.queries import find_contact, hold_contact, is_contact
from rollcall.contacts.schemas import ContactPatch
from rollcall.contacts.write import change_contact, choose_topics, delete_contact, drop_choices
from rollcall.dashboard.contacts.fields import (
    FIELDS,
    PREFIX,
    fingerprint,
    read_fields,
    shown_values,
)
from rollcall.dashboard.frame.forms import Errors
from rollcall.dashboard.frame.open_forms import OpenForm, Sent
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.frame.view import view_of
from rollcall.errors import ValidationFailed
from rollcall.imports.outcomes.origin import find_origin
from rollcall.properties.models import ContactProperty
from rollcall.properties.queries import live_properties
from rollcall.segments.queries import find_segment, list_segments
from rollcall.topics.models import Topic
from rollcall.topics.queries import live_topics, lock_topics
from rollcall.topics.subscriptions import Subscription
from rollcall.web.pagination import MAX_LIMIT, Page
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

LIST = "/contacts"
router = dashboard_router(f"{LIST}/{{contact_id}}")
# More of these than a page can show are left to the API; the page says so.
MOST_PROPERTIES = 500
MOST_TOPICS = 200
CHOICES = {choice.value for choice in Subscription}
Fields = Annotated[Sent, Depends(OpenForm("seen", *FIELDS, f"{PREFIX}*"))]
# By the topics' ids.
TopicChoices = Annotated[Sent, Depends(OpenForm("*"))]


@router.get("")
async def show_contact(
    request: Request, contact_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Show a contact."""
    contact = await find_contact(session, _is(team_id, contact_id))
    properties = await _properties(session, team_id)
    typed = shown_values(contact, properties)
    return await _page(request, session, contact, properties, typed)


@router.post("")
async def change_fields(
    request: Request, contact_id: str, form: Fields, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Change the fields of a contact, unless somebody else has meanwhile."""
    contact = await hold_contact(session, team_id, parse_id(contact_id, "id"))
    properties = await _properties(session, team_id)
    shown = shown_values(contact, properties)
    typed = {name: _as_sent(form.get(name, "")) for name in shown}
    if form.get("seen") != fingerprint(contact):
        differ = {name: shown[name] for name in shown if typed[name] != shown[name]}
        if differ:
            return await _page(request, session, contact, properties, typed, differ=differ)
    read = read_fields(request, typed, shown, properties)
    errors = read.errors
    if read.patch is not None and not errors:
        errors = await _change(request, session, contact, read.patch)
    if errors:
        return await _page(request, session, contact, properties, typed, errors=errors)
    return go_to(request, f"{LIST}/{contact.id}", "contacts.saved")


@router.post("/segments")
async def add_to_segment(
    request: Request,
    contact_id: str,
    team_id: CurrentTeam,
    session: SessionDep,
    segment_id: Annotated[str, Form()] = "",
) -> Response:
    """Put a contact into a segment."""
    id_, joined = parse_id(contact_id, "id"), parse_id(segment_id, "segment_id")
    await join_segment(session, team_id, str(id_), joined)
    segment = await find_segment(session, team_id, joined)
    return go_to(request, f"{LIST}/{id_}", "contacts.joined", name=segment.name)


@router.post("/segments/{segment_id}/remove")
async def remove_from_segment(
    request: Request, contact_id: str, segment_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Take a contact out of a segment."""
    id_, left = parse_id(contact_id, "id"), parse_id(segment_id, "segment_id")
    segment = await find_segment(session, team_id, left)
    await leave_segment(session, team_id, str(id_), left)
    return go_to(request, f"{LIST}/{id_}", "contacts.left", name=segment.name)


@router.post("/topics")
async def choose(
    request: Request, contact_id: str, form: TopicChoices, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Choose for a contact what it wants to hear about; an empty choice is the topic's default."""
    contact = await hold_contact(session, team_id, parse_id(contact_id, "id"))
    topics = await _topics(session, team_id)
    wanted = {str(topic.id): form[str(topic.id)] for topic in topics if str(topic.id) in form}
    chosen = {id_: choice for id_, choice in wanted.items() if choice in CHOICES}
    dropped = [id_ for id_, choice in wanted.items() if not choice and id_ in contact.topics]
    await lock_topics(session, team_id, [uuid.UUID(id_) for id_ in chosen])
    if chosen:
        await choose_topics(session, contact, chosen)
    if dropped:
        await drop_choices(session, contact, dropped)
    return go_to(request, f"{LIST}/{contact.id}", "contacts.topics_saved")


@router.get("/delete")
async def ask_before_deleting(
    request: Request, contact_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Ask whether a contact is to be deleted."""
    contact = await find_contact(session, _is(team_id, contact_id))
    return render(request, "contacts/delete.html", contact=contact)


@router.post("/delete")
async def end_contact(
    request: Request, contact_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Delete a contact."""
    condition = _is(team_id, contact_id)
    contact = await find_contact(session, condition)
    await delete_contact(session, team_id, condition)
    return go_to(request, LIST, "contacts.deleted", email=contact.email)


def _is(team_id: uuid.UUID, contact_id: str) -> Any:
    return is_contact(team_id, str(parse_id(contact_id, "id")))


async def _change(
    request: Request, session: AsyncSession, contact: Contact, patch: ContactPatch
) -> Errors:
    condition = is_contact(contact.team_id, str(contact.id))
    try:
        await change_contact(session, contact.team_id, condition, patch)
    except ValidationFailed as error:
        if patch.email is None or "`email`" not in str(error):
            raise
        return {"email": view_of(request).texts("contacts.email_taken")}
    return {}


async def _page(
    request: Request,
    session: AsyncSession,
    contact: Contact,
    properties: list[ContactProperty],
    typed: Mapping[str, str],
    **said: dict[str, str],
) -> Response:
    """Return the page with what was typed; `errors` and `differ` are by the fields' names."""
    team_id = contact.team_id
    page = Page(limit=MAX_LIMIT)
    joined, is_in_more = await list_segments_of(session, team_id, contact.id, page)
    segments, are_more = await list_segments(session, team_id, page)
    topics = await _topics(session, team_id)
    names = {segment.id for segment in joined}
    status = 422 if said.get("errors") else 409 if said.get("differ") else 200
    return render(
        request,
        "contacts/contact.html",
        status_code=status,
        contact=contact,
        properties=properties,
        typed=typed,
        seen=fingerprint(contact),
        joined=joined,
        joinable=[segment for segment in segments if segment.id not in names],
        topics=topics,
        # How many are shown of what there is more of.
        shown={
            "joined": MAX_LIMIT if is_in_more else 0,
            "segments": MAX_LIMIT if are_more else 0,
            "topics": await _cut_at(session, live_topics(team_id), topics, MOST_TOPICS),
            "properties": await _cut_at(
                session, live_properties(team_id), properties, MOST_PROPERTIES
            ),
        },
        origin=await find_origin(session, contact),
        **{"errors": {}, "differ": {}, **said},
    )


async def _cut_at(
    session: AsyncSession, query: Select[Any], shown: Sequence[Any], most: int
) -> int:
    """Return how many are shown of more, 0 where all are."""
    if len(shown) < most:
        return 0
    count = await session.scalar(select(func.count()).select_from(query.subquery()))
    return most if (count or 0) > most else 0


async def _properties(session: AsyncSession, team_id: uuid.UUID) -> list[ContactProperty]:
    query = live_properties(team_id).order_by(ContactProperty.id).limit(MOST_PROPERTIES)
    return list(await session.scalars(query))


async def _topics(session: AsyncSession, team_id: uuid.UUID) -> list[Topic]:
    query = live_topics(team_id).order_by(Topic.id.desc()).limit(MOST_TOPICS)
    return list(await session.scalars(query))


def _as_sent(text: str) -> str:
    """Return a text as it was before a browser's form made its line breaks two characters."""
    return text.replace("\r\n", "\n")
