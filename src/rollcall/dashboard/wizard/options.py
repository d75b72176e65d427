"""What is to become of the contacts of a draft."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response

from rollcall.dashboard.frame.forms import Errors, check_form
from rollcall.dashboard.frame.open_forms import OpenForm, Sent
from rollcall.dashboard.frame.rendering import go_to, is_script, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.wizard.drafts import CurrentDraft, LockedDraft, Means, draft_path, say
from rollcall.dashboard.wizard.lists import MOST_SHOWN, read_lists
from rollcall.errors import ValidationFailed
from rollcall.imports.drafts.choices import Choices, Step
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.reading import read_draft
from rollcall.imports.drafts.starting import start_check
from rollcall.imports.kinds import OnConflict
from rollcall.imports.note import MAX_NOTE_CHARACTERS, read_note
from rollcall.segments.queries import create_segment
from rollcall.segments.schemas import SegmentName
from rollcall.topics.queries import create_topic
from rollcall.topics.schemas import TopicCreate
from rollcall.topics.subscriptions import Subscription
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

PAGE, PART = "wizard/options.html", "wizard/audience_part.html"
TOPIC = "topic:"
router = dashboard_router("/drafts/{draft_id}")
Typed = Annotated[str, Form()]
Options = Annotated[
    Sent, Depends(OpenForm("on_conflict", "segments", f"{TOPIC}*", "resubscribe", "note"))
]


@router.get("/options")
async def show_options(request: Request, draft: CurrentDraft, session: SessionDep) -> Response:
    """Show what was said of what becomes of the contacts."""
    if draft.import_id is not None:
        return go_to(request, f"/imports/{draft.import_id}")
    return await _show(request, draft, session, PAGE)


@router.post("/options")
async def say_options(
    request: Request, typed: Options, draft: LockedDraft, session: SessionDep, means: Means
) -> Response:
    """Keep what is said; go on to the check, unless a script only has it kept."""
    said = Choices.model_validate(draft.choices).model_copy(update=_read(typed))
    # What is not there, or is another team's, is as good as not chosen.
    said = (await read_lists(session, draft.team_id, said)).still_there(said)
    if is_script(request) and request.headers.get("x-keep") == "true":
        await say(session, draft, lambda _: said)
        return Response(status_code=204)
    await say(session, draft, lambda _: said.model_copy(update={"step": Step.CHECK}))
    import_id, is_new = await start_check(session, draft, await read_draft(session, means, draft))
    await session.commit()
    if is_new:
        request.app.state.notifier.notify(import_id)
    return go_to(request, draft_path(draft.id, "/check"))


@router.post("/segments")
async def add_segment(
    request: Request, draft: LockedDraft, session: SessionDep, segment_name: Typed = ""
) -> Response:
    """Create a segment, and choose it."""
    given, errors = check_form(request, SegmentName, {"name": segment_name.strip()})
    if given is None:
        return await _show(request, draft, session, PART, {"segment": errors["name"]})
    segment = await create_segment(session, draft.team_id, given.name)

    def choose(choices: Choices) -> Choices:
        return choices.model_copy(update={"segments": (*choices.segments, segment.id)})

    await say(session, draft, choose)
    return await _show(request, draft, session, PART)


@router.post("/topics")
async def add_topic(
    request: Request, draft: LockedDraft, session: SessionDep, topic_name: Typed = ""
) -> Response:
    """Create a topic that nobody has who is not asked, and choose it for these contacts."""
    typed = {"name": topic_name.strip(), "default_subscription": Subscription.OPT_OUT}
    given, errors = check_form(request, TopicCreate, typed)
    if given is None:
        return await _show(request, draft, session, PART, {"topic": errors["name"]})
    topic = await create_topic(session, draft.team_id, given)

    def choose(choices: Choices) -> Choices:
        return choices.model_copy(
            update={"topics": {**choices.topics, topic.id: Subscription.OPT_IN}}
        )

    await say(session, draft, choose)
    return await _show(request, draft, session, PART)


async def _show(
    request: Request,
    draft: ContactImportDraft,
    session: SessionDep,
    template: str,
    errors: Errors | None = None,
) -> Response:
    choices = Choices.model_validate(draft.choices)
    lists = await read_lists(session, draft.team_id, choices)
    return render(
        request,
        template,
        status_code=422 if errors else 200,
        draft=draft,
        choices=lists.still_there(choices),
        lists=lists,
        errors=errors or {},
        most_shown=MOST_SHOWN,
        max_note=MAX_NOTE_CHARACTERS,
    )


def _read(typed: Sent) -> dict[str, Any]:
    """Return what the form of the options says.

    Raises:
        ValidationFailed: naming what cannot be.
    """
    try:
        note = read_note(typed.get("note", ""))
        conflict = OnConflict(typed.get("on_conflict", OnConflict.UPSERT))
        segments = tuple(parse_id(id_, "segment") for id_ in typed.getlist("segments"))
        topics = {
            parse_id(name.removeprefix(TOPIC), "topic"): Subscription(said)
            for name, said in typed.items()
            if name.startswith(TOPIC) and said
        }
    except ValueError as error:
        raise ValidationFailed(f"The options cannot be kept: {error}.") from None
    return {
        "on_conflict": conflict,
        "segments": segments,
        "topics": topics,
        "resubscribe": typed.get("resubscribe") == "true",
        "note": note,
    }
