"""The list of contacts."""

from __future__ import annotations

from fastapi import Request, Response

from rollcall.dashboard.frame.rendering import render
from rollcall.dashboard.frame.route import dashboard_router

router = dashboard_router("/contacts")


@router.get("")
async def list_contacts(request: Request) -> Response:
    """Show contacts."""
    return render(request, "contacts/list.html")
