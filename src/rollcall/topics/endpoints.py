"""`/topics`: create, list, get, change, delete."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from rollcall.auth.idempotency import IdempotencyDep
from rollcall.auth.route import CurrentTeam, team_router
from rollcall.topics import queries
from rollcall.topics.models import Topic
from rollcall.topics.queries import live_topics
from rollcall.topics.schemas import (
    TopicCreate,
    TopicCreated,
    TopicDeleted,
    TopicListed,
    TopicPatch,
    TopicShown,
)
from rollcall.web.error_answers import documented
from rollcall.web.pagination import PageOf20, fetch_page
from rollcall.web.session import SessionDep
from rollcall.web.wire import IdText, ListOf, parse_id

router = team_router("/topics", "topics")

TopicId = Annotated[IdText, Path(description="The topic's id.")]


@router.post("", status_code=201, responses=documented(400, 409))
async def create_topic(
    body: TopicCreate,
    team_id: CurrentTeam,
    session: SessionDep,
    idempotency: IdempotencyDep,
) -> TopicCreated:
    """Create a topic. `default_subscription` holds for all who make no choice, for good."""
    await idempotency.check(body.model_dump(mode="json"))
    topic = await queries.create_topic(session, team_id, body)
    return idempotency.remember(TopicCreated(id=topic.id))


@router.get("")
async def list_topics(
    team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> ListOf[TopicListed]:
    """List topics, newest first."""
    query = live_topics(team_id)
    rows, has_more = await fetch_page(session, page, query, Topic.id)
    return ListOf(has_more=has_more, data=[TopicListed.model_validate(row) for (row,) in rows])


@router.get("/{topic_id}", responses=documented(404))
async def get_topic(topic_id: TopicId, team_id: CurrentTeam, session: SessionDep) -> TopicShown:
    """Show a topic."""
    topic = await queries.find_topic(session, team_id, parse_id(topic_id, "id"))
    return TopicShown.model_validate(topic)


@router.patch("/{topic_id}", responses=documented(400, 404))
async def update_topic(
    topic_id: TopicId, body: TopicPatch, team_id: CurrentTeam, session: SessionDep
) -> TopicShown:
    """Change a topic's name, description or visibility."""
    id_ = parse_id(topic_id, "id")
    return TopicShown.model_validate(await queries.change_topic(session, team_id, id_, body))


@router.delete("/{topic_id}", responses=documented(404))
async def delete_topic(
    topic_id: TopicId, team_id: CurrentTeam, session: SessionDep
) -> TopicDeleted:
    """Delete a topic. Contacts stay; what they chose for it is no longer shown."""
    id_ = parse_id(topic_id, "id")
    await queries.delete_topic(session, team_id, id_)
    return TopicDeleted(id=id_)
