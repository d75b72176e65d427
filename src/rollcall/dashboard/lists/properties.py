"""Contact properties: list, define, change the fallback value, delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response

from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.forms import Errors, check_form
from rollcall.dashboard.frame.pager import pager_of
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import dashboard_router
from rollcall.dashboard.frame.view import view_of
from rollcall.properties import queries
from rollcall.properties.models import ContactProperty
from rollcall.properties.schemas import PropertyCreate, PropertyPatch
from rollcall.properties.values import PropertyType, PropertyValue
from rollcall.web.pagination import PageOf20, fetch_page
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

LIST = "/properties"
TRUTH = {"true": True, "false": False}
router = dashboard_router(LIST)


async def _typed(
    key: Annotated[str, Form()] = "",
    type: Annotated[str, Form()] = PropertyType.STRING,  # noqa: A002
    fallback_value: Annotated[str, Form()] = "",
) -> dict[str, str]:
    return {"key": key.strip(), "type": type, "fallback_value": fallback_value.strip()}


Typed = Annotated[dict[str, str], Depends(_typed)]
NOTHING = {"key": "", "type": PropertyType.STRING, "fallback_value": ""}


@router.get("")
async def list_properties(
    request: Request, team_id: CurrentTeam, session: SessionDep, page: PageOf20
) -> Response:
    """Show properties, newest first."""
    query = queries.live_properties(team_id)
    rows, has_more = await fetch_page(session, page, query, ContactProperty.id)
    properties = [row for (row,) in rows]
    pager = pager_of(request, page, properties, has_more)
    return render(request, "lists/properties.html", properties=properties, pager=pager)


@router.get("/new")
async def ask_for_property(request: Request) -> Response:
    """Show the form of a new property."""
    return _form(request, None, NOTHING)


@router.post("/new")
async def define_property(
    request: Request, team_id: CurrentTeam, session: SessionDep, typed: Typed
) -> Response:
    """Define a property."""
    values, errors = _read_fallback(request, typed, typed["type"])
    given, wrong = check_form(request, PropertyCreate, values)
    errors |= wrong
    if given is None or errors:
        return _form(request, None, typed, errors)
    defined = await queries.define_property(
        session, team_id, given.key, given.type, given.fallback_value
    )
    if defined is None:
        taken = view_of(request).texts("properties.taken")
        return _form(request, None, typed, {"key": taken})
    return go_to(request, LIST, "properties.created", name=given.key)


@router.get("/{property_id}/edit")
async def ask_for_fallback(
    request: Request, property_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Show the form of a property."""
    found = await queries.find_property(session, team_id, parse_id(property_id, "id"))
    return _form(request, found, {**NOTHING, "fallback_value": write(found.fallback_value)})


@router.post("/{property_id}/edit")
async def change_fallback(
    request: Request, property_id: str, team_id: CurrentTeam, session: SessionDep, typed: Typed
) -> Response:
    """Change a property's fallback value; its key and its type are for good."""
    found = await queries.find_property(session, team_id, parse_id(property_id, "id"))
    values, errors = _read_fallback(request, typed, found.type)
    given, wrong = check_form(request, PropertyPatch, values)
    errors |= wrong
    if given is None or errors:
        return _form(request, found, typed, errors)
    await queries.change_fallback(session, found, given.fallback_value)
    return go_to(request, LIST, "properties.saved", name=found.key)


@router.get("/{property_id}/delete")
async def ask_before_deleting(
    request: Request, property_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Ask whether a property is to be deleted, and say what that means."""
    found = await queries.find_property(session, team_id, parse_id(property_id, "id"))
    return render(request, "lists/property_delete.html", property=found)


@router.post("/{property_id}/delete")
async def delete_property(
    request: Request, property_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Delete a property, with its values in all contacts."""
    found = await queries.find_property(session, team_id, parse_id(property_id, "id"))
    await queries.delete_property(session, team_id, found.id)
    return go_to(request, LIST, "properties.deleted", name=found.key)


def write(value: PropertyValue | None) -> str:
    """Return a value as it is typed into a field."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _read_fallback(
    request: Request, typed: dict[str, str], type_: str
) -> tuple[dict[str, Any], Errors]:
    """Return what was typed with the fallback value of this type; nothing typed is none."""
    text = typed["fallback_value"]
    try:
        return {**typed, "fallback_value": _read(text, type_) if text else None}, {}
    except (KeyError, ValueError):
        wrong = view_of(request).texts(f"properties.no_{type_}")
        return {**typed, "fallback_value": None}, {"fallback_value": wrong}


def _read(text: str, type_: str) -> PropertyValue:
    if type_ == PropertyType.BOOLEAN:
        return TRUTH[text.lower()]
    if type_ == PropertyType.NUMBER:
        number = float(text)
        return int(number) if number.is_integer() else number
    return text


def _form(
    request: Request,
    found: ContactProperty | None,
    typed: dict[str, str],
    errors: Errors | None = None,
) -> Response:
    return render(
        request,
        "lists/property_form.html",
        status_code=422 if errors else 200,
        property=found,
        typed=typed,
        errors=errors or {},
        types=list(PropertyType),
    )
