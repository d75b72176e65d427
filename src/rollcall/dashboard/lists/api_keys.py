"""API keys: list, create with the token shown once, rename, revoke."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response

from rollcall.api_keys import queries
from rollcall.api_keys.schemas import KeyCreate, KeyName
from rollcall.auth.models import ApiKey, Permission
from rollcall.auth.route import CurrentTeam
from rollcall.dashboard.frame.forms import Errors, check_form
from rollcall.dashboard.frame.pager import pager_of
from rollcall.dashboard.frame.rendering import go_to, render
from rollcall.dashboard.frame.route import CurrentSession, dashboard_router
from rollcall.web.pagination import PageOf20, fetch_page
from rollcall.web.session import SessionDep
from rollcall.web.wire import parse_id

LIST = "/api-keys"
router = dashboard_router(LIST)
Typed = Annotated[str, Form()]


@router.get("")
async def list_api_keys(
    request: Request, signed_in: CurrentSession, session: SessionDep, page: PageOf20
) -> Response:
    """Show the keys that are not revoked, newest first."""
    query = queries.live_keys(signed_in.team_id)
    rows, has_more = await fetch_page(session, page, query, ApiKey.id)
    keys = [key for (key,) in rows]
    pager = pager_of(request, page, keys, has_more)
    return render(request, "lists/api_keys.html", keys=keys, pager=pager, own=signed_in.api_key_id)


@router.get("/new")
async def ask_for_key(request: Request) -> Response:
    """Show the form of a new key."""
    return _form(request, None, "", Permission.FULL_ACCESS)


@router.post("/new")
async def create_api_key(
    request: Request,
    team_id: CurrentTeam,
    session: SessionDep,
    name: Typed = "",
    permission: Typed = Permission.FULL_ACCESS,
) -> Response:
    """Create a key and show its token, which nobody can show again."""
    # A key without a name is one that nobody dares to revoke; the API takes it all the same.
    _, errors = check_form(request, KeyName, {"name": name.strip()})
    given, wrong = check_form(request, KeyCreate, {"name": name.strip(), "permission": permission})
    errors |= wrong
    if given is None or errors:
        return _form(request, None, name, permission, errors)
    token = queries.new_token()
    await queries.add_key(session, team_id, given.name, given.permission, token)
    return render(
        request, "lists/api_key_token.html", status_code=201, name=given.name, token=token
    )


@router.get("/{key_id}/edit")
async def ask_for_other_name(
    request: Request, key_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Show the form of a key."""
    key = await queries.find_live_key(session, team_id, parse_id(key_id, "id"))
    return _form(request, key, key.name, key.permission)


@router.post("/{key_id}/edit")
async def rename_api_key(
    request: Request, key_id: str, team_id: CurrentTeam, session: SessionDep, name: Typed = ""
) -> Response:
    """Give a key another name."""
    id_ = parse_id(key_id, "id")
    given, errors = check_form(request, KeyName, {"name": name.strip()})
    if given is None:
        key = await queries.find_live_key(session, team_id, id_)
        return _form(request, key, name, key.permission, errors)
    await queries.rename_key(session, team_id, id_, given.name)
    return go_to(request, LIST, "api_keys.renamed", name=given.name)


@router.get("/{key_id}/revoke")
async def ask_before_revoking(
    request: Request, key_id: str, signed_in: CurrentSession, session: SessionDep
) -> Response:
    """Ask whether a key is to be revoked, and say what that means."""
    key = await queries.find_live_key(session, signed_in.team_id, parse_id(key_id, "id"))
    is_own = key.id == signed_in.api_key_id
    return render(request, "lists/api_key_revoke.html", key=key, is_own=is_own)


@router.post("/{key_id}/revoke")
async def revoke_api_key(
    request: Request, key_id: str, team_id: CurrentTeam, session: SessionDep
) -> Response:
    """Revoke a key; sessions that it began are over too."""
    key = await queries.revoke_key(session, team_id, parse_id(key_id, "id"))
    return go_to(request, LIST, "api_keys.revoked", name=key.name)


def _form(
    request: Request,
    key: ApiKey | None,
    name: str,
    permission: str,
    errors: Errors | None = None,
) -> Response:
    return render(
        request,
        "lists/api_key_form.html",
        status_code=422 if errors else 200,
        key=key,
        name=name,
        permission=permission,
        errors=errors or {},
    )
