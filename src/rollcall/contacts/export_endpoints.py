"""`/contacts/export.csv`: all contacts, or those of a segment, as a file."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from pydantic import WithJsonSchema
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.route import CurrentTeam, team_router
from rollcall.contacts.export import ContactExport, ExportFilter, TopicFilter
from rollcall.errors import ValidationFailed
from rollcall.segments.queries import find_segment
from rollcall.topics.models import Topic
from rollcall.topics.queries import TopicNotFound, live_topics
from rollcall.topics.subscriptions import Subscription
from rollcall.web.csv_response import CsvResponse
from rollcall.web.error_answers import documented
from rollcall.web.session import SessionDep
from rollcall.web.wire import QueryId

# It stands before `/contacts/{contact}`: no contact has this for an id or an address.
router = team_router("/contacts", "contacts")

CSV_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The contacts, in the order in which they were created",
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "email,first_name,last_name,unsubscribed,plan,segments,topics,id,"
                "created_at,updated_at\r\nada@example.com,Ada,Lovelace,false,pro,Newsletter,"
                "News: opt_in,01935f2c-…,2026-11-20 09:12:44.18+00,2026-11-20 09:12:44.18+00\r\n",
            }
        },
    }
}
# Read as text, so that the endpoint answers for what is neither.
TruthText = Annotated[str | None, WithJsonSchema({"type": "boolean"})]
ChoiceText = Annotated[str | None, WithJsonSchema({"type": "string", "enum": list(Subscription)})]


async def read_filter(
    team_id: CurrentTeam,
    session: SessionDep,
    segment_id: Annotated[
        QueryId, Query(description="Only contacts in the segment with this id.")
    ] = None,
    unsubscribed: Annotated[
        TruthText, Query(description="Only contacts who have unsubscribed, or who have not.")
    ] = None,
    topic_id: Annotated[
        QueryId, Query(description="Only contacts who are subscribed to the topic with this id.")
    ] = None,
    subscription: Annotated[
        ChoiceText,
        Query(description="What holds for the contacts and that topic; `opt_in` by default."),
    ] = None,
) -> ExportFilter:
    """Return which contacts a request asks for.

    Raises:
        SegmentNotFound, TopicNotFound: it asks for those of nothing.
        ValidationFailed: it is not clear what it asks for.
    """
    if subscription is not None and topic_id is None:
        raise ValidationFailed("`subscription` is about a topic: say `topic_id` too.")
    segment, topic = _read_id(segment_id, "segment_id"), _read_id(topic_id, "topic_id")
    is_unsubscribed, choice = _read_truth(unsubscribed), _read_choice(subscription)
    if segment is not None:
        await find_segment(session, team_id, segment)
    chosen = None if topic is None else await _topic_filter(session, team_id, topic, choice)
    return ExportFilter(segment_id=segment, unsubscribed=is_unsubscribed, topic=chosen)


@router.get("/export.csv", response_class=Response, responses={**CSV_FILE, **documented(404)})
async def export_contacts(
    request: Request,
    team_id: CurrentTeam,
    session: SessionDep,
    wanted: Annotated[ExportFilter, Depends(read_filter)],
) -> CsvResponse:
    """Download contacts as CSV, which an import takes again.

    `email`, `first_name`, `last_name`, `unsubscribed`, a column for each property by its key, then
    `segments` and `topics` by their names, `id`, `created_at` and `updated_at`. A cell that a
    spreadsheet would take for a formula begins with a no-break space, which imports strip. The file
    is read page by page while it is sent: what changes meanwhile may be in it or not.
    """
    # However long the client takes, other requests have the connection meanwhile.
    await session.close()
    export = ContactExport(
        sessionmaker=request.app.state.reading_sessionmaker, team_id=team_id, wanted=wanted
    )
    headers = {"content-disposition": 'attachment; filename="contacts.csv"'}
    return CsvResponse(export.stream(), headers=headers)


async def _topic_filter(
    session: AsyncSession, team_id: uuid.UUID, id_: uuid.UUID, subscription: Subscription
) -> TopicFilter:
    topic = await session.scalar(live_topics(team_id).where(Topic.id == id_))
    if topic is None:
        raise TopicNotFound
    return TopicFilter(topic_id=id_, default=topic.default_subscription, subscription=subscription)


def _read_id(value: str | None, name: str) -> uuid.UUID | None:
    try:
        return None if value is None else uuid.UUID(value)
    except ValueError:
        raise ValidationFailed(f"Invalid `{name}`: it must be a valid UUID.") from None


def _read_truth(value: str | None) -> bool | None:
    if value not in (None, "true", "false"):
        raise ValidationFailed("Invalid `unsubscribed`: it must be true or false.")
    return None if value is None else value == "true"


def _read_choice(value: str | None) -> Subscription:
    try:
        return Subscription.OPT_IN if value is None else Subscription(value)
    except ValueError:
        allowed = " or ".join(Subscription)
        raise ValidationFailed(f"Invalid `subscription`: it must be {allowed}.") from None
