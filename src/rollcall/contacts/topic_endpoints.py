"""`/contacts/{…}/topics`: what a contact wants to hear about."""

from __future__ import annotations

from rollcall.auth.route import CurrentTeam, team_router
from rollcall.contacts.endpoints import ContactKey
from rollcall.contacts.queries import find_contact, is_contact
from rollcall.contacts.schemas import ContactTopic, ContactTopicsSaved, GivenChoices
from rollcall.contacts.write import choose_topics
from rollcall.topics.models import Topic
from rollcall.topics.queries import live_topics, lock_topics
from rollcall.topics.subscriptions import Subscription
from rollcall.web.error_answers import documented
from rollcall.web.pagination import PageOf20, fetch_page
from rollcall.web.session import SessionDep
from rollcall.web.wire import ListOf

router = team_router("/contacts/{contact}/topics", "contact topics")


@router.get("", responses=documented(404))
async def list_topics_of_contact(
    contact: ContactKey, team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> ListOf[ContactTopic]:
    """List all topics, newest first, with what holds for a contact."""
    found = await find_contact(session, is_contact(team_id, contact))
    query = live_topics(team_id)
    rows, has_more = await fetch_page(session, page, query, Topic.id)
    return ListOf(has_more=has_more, data=[_show(topic, found.topics) for (topic,) in rows])


@router.patch("", responses=documented(400, 404))
async def update_topics_of_contact(
    contact: ContactKey,
    body: GivenChoices,
    team_id: CurrentTeam,
    session: SessionDep,
) -> ContactTopicsSaved:
    """Choose for a contact. Topics that are not named keep what holds for them."""
    found = await find_contact(session, is_contact(team_id, contact))
    chosen = {choice.id: choice.subscription for choice in body}
    topics = await lock_topics(session, team_id, chosen)
    explicit = {str(id_): choice.value for id_, choice in chosen.items()}
    await choose_topics(session, found, explicit)
    return ContactTopicsSaved(
        id=found.id,
        contact_id=found.id,
        topics=[_show(topics[id_], explicit) for id_ in chosen],
    )


def _show(topic: Topic, explicit: dict[str, str]) -> ContactTopic:
    return ContactTopic(
        id=topic.id,
        name=topic.name,
        description=topic.description,
        subscription=Subscription(explicit.get(str(topic.id), topic.default_subscription)),
        created_at=topic.created_at,
    )
