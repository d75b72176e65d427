"""Topics: list, create, change, delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.forms import Errors, check_form
from rollcall.dashboard.frame.pager import pager_of
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.topics import queries
from rollcall.topics.models import Topic
from rollcall.topics.schemas import TopicCreate, TopicPatch, Visibility
from rollcall.topics.subscriptions import Subscription
from rollcall.web.pagination import PageOf20, fetch_page
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

LIST = "/topics"
router = dashboard_router(LIST)


async def _typed(
    name: Annotated[str, Form()] = "",
    description: Annotated[str, Form()] = "",
    default_subscription: Annotated[str, Form()] = Subscription.OPT_OUT,
    visibility: Annotated[str, Form()] = Visibility.PRIVATE,
) -> dict[str, Any]:
    return {
        "name": name.strip(),
        "description": description.strip() or None,
        "default_subscription": default_subscription,
        "visibility": visibility,
    }


Typed = Annotated[dict[str, Any], Depends(_typed)]
NOTHING = {
    "name": "",
    "description": None,
    "default_subscription": Subscription.OPT_OUT,
    "visibility": Visibility.PRIVATE,
}


@router.get("")
async def list_topics(
    request: Request, team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> Response:
    """Show topics, newest first."""
    rows, has_more = await fetch_page(session, page, queries.live_topics(team_id), Topic.id)
    topics = [topic for (topic,) in rows]
    pager = pager_of(request, page, topics, has_more)
    return render(request, "lists/topics.html", topics=topics, pager=pager)


@router.get("/new")
async def ask_for_topic(request: Request) -> Response:
    """Show the form of a new topic."""
    return _form(request, None, NOTHING)


@router.post("/new")
async def create_topic(
    request: Request, team_id: CurrentTeam, session: SessionDep, typed: Typed
) -> Response:
    """Create a topic."""
    given, errors = check_form(request, TopicCreate, typed)
    if given is None:
        return _form(request, None, typed, errors)
    await queries.create_topic(session, team_id, given)
    return go_to(request, LIST, "topics.created", name=given.name)


@router.get("/{topic_id}/edit")
async def ask_for_changes(
    request: Request, topic_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Show the form of a topic."""
    topic = await queries.find_topic(session, team_id, parse_id(topic_id, "id"))
    kept = {name: getattr(topic, name) for name in NOTHING}
    return _form(request, topic, kept)


@router.post("/{topic_id}/edit")
async def change_topic(
    request: Request, topic_id: str, team_id: CurrentTeam, session: SessionDep, typed: Typed
) -> Response:
    """Change a topic's name, description and visibility; what is the rule is so for good."""
    id_ = parse_id(topic_id, "id")
    given, errors = check_form(request, TopicPatch, typed)
    if given is None:
        topic = await queries.find_topic(session, team_id, id_)
        return _form(request, topic, typed, errors)
    topic = await queries.change_topic(session, team_id, id_, given)
    return go_to(request, LIST, "topics.saved", name=topic.name)


@router.get("/{topic_id}/delete")
async def ask_before_deleting(
    request: Request, topic_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Ask whether a topic is to be deleted, and say what that means."""
    topic = await queries.find_topic(session, team_id, parse_id(topic_id, "id"))
    return render(request, "lists/topic_delete.html", topic=topic)


@router.post("/{topic_id}/delete")
async def delete_topic(
    request: Request, topic_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Delete a topic; contacts stay."""
    topic = await queries.find_topic(session, team_id, parse_id(topic_id, "id"))
    await queries.delete_topic(session, team_id, topic.id)
    return go_to(request, LIST, "topics.deleted", name=topic.name)


def _form(
    request: Request, topic: Topic | None, typed: dict[str, Any], errors: Errors | None = None
) -> Response:
    return render(
        request,
        "lists/topic_form.html",
        status_code=422 if errors else 200,
        topic=topic,
        typed=typed,
        errors=errors or {},
    )
