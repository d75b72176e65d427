"""The list of contacts, and a new one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from rollcall.auth.route import CurrentTeam
from rollcall.contacts.queries import ContactNotFound, find_contact, is_contact
from rollcall.contacts.schemas import ContactCreate
from rollcall.contacts.write import save_contact
from rollcall.dashboard.contacts.listing import Filters, Place, list_page
from rollcall.dashboard.frame.forms import check_form
from rollcall.dashboard.frame.rendering import go_to, is_script, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.frame.view import view_of
from rollcall.errors import ValidationFailed
from rollcall.segments.queries import find_segment, list_segments
from rollcall.web.pagination import MAX_LIMIT, Page
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

LIST = "/contacts"
FORM = "contacts/new.html"
router = dashboard_router(LIST)
Typed = Annotated[str, Form()]
Asked = Annotated[str, Query()]


@router.get("")
async def list_contacts(  # noqa: PLR0913, PLR0917  (what is looked for)
    request: Request,
    team_id: CurrentTeam,
    session: SessionDep,
    search: Asked = "",
    segment_id: Asked = "",
    state: Asked = "",
    after: Asked = "",
    before: Asked = "",
) -> Response:
    """Show contacts, for scripts the list alone."""
    chosen = parse_id(segment_id, "segment_id") if segment_id else None
    filters = Filters(search=" ".join(search.split()), segment_id=chosen, state=state)
    try:
        listed = await list_page(request, session, team_id, filters, Place(after, before))
    except ValueError:
        raise ValidationFailed("Invalid `after`: it is no place in a list.") from None
    if is_script(request):
        return render(request, "contacts/results.html", listed=listed, filters=filters)
    segments, are_more = await list_segments(session, team_id, Page(limit=MAX_LIMIT))
    if chosen is not None and all(segment.id != chosen for segment in segments):
        segments.append(await find_segment(session, team_id, chosen))
    return render(
        request,
        "contacts/list.html",
        listed=listed,
        filters=filters,
        segments=segments,
        more_than=MAX_LIMIT if are_more else 0,
    )


@router.get("/new")
async def ask_for_contact(request: Request) -> Response:
    """Show the form of a new contact."""
    return render(request, FORM, typed={}, errors={})


@router.post("/new")
async def create_contact(
    request: Request,
    team_id: CurrentTeam,
    session: SessionDep,
    email: Typed = "",
    first_name: Typed = "",
    last_name: Typed = "",
) -> Response:
    """Create a contact, unless there is one with this address."""
    typed = {"email": email.strip(), "first_name": first_name, "last_name": last_name}
    values: dict[str, Any] = {name: value.strip() or None for name, value in typed.items()}
    given, errors = check_form(request, ContactCreate, {**values, "email": typed["email"]})
    if not typed["email"]:
        errors["email"] = view_of(request).texts("forms.empty")
    elif given is not None and await _is_known(session, team_id, given.email):
        errors["email"] = view_of(request).texts("contacts.email_taken")
    if given is None or errors:
        return render(request, FORM, status_code=422, typed=typed, errors=errors)
    id_ = await save_contact(session, team_id, given)
    return go_to(request, f"{LIST}/{id_}", "contacts.created", email=given.email)


async def _is_known(session: AsyncSession, team_id: CurrentTeam, email: str) -> bool:
    try:
        await find_contact(session, is_contact(team_id, email))
    except ContactNotFound:
        return False
    return True
