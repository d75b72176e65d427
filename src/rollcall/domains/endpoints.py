"""`/domains`: always empty, for clients that ask for it to see whether a key works."""

from __future__ import annotations

from pydantic import BaseModel

from rollcall.auth.route import CurrentTeam, team_router
from rollcall.web.wire import ListOf

router = team_router("/domains", "domains")


class Domain(BaseModel):
    """A sending domain. There are none: this server sends no e-mails."""

    id: str


@router.get("")
async def list_domains(team_id: CurrentTeam) -> ListOf[Domain]:
    """List sending domains: none, as this server sends no e-mails."""
    return ListOf(has_more=False, data=[])
