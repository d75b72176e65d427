"""The list of imports."""

from __future__ import annotations

from fastapi import Request, Response

from rollcall.dashboard.frame.rendering import render
from rollcall.dashboard.frame.route import dashboard_router

router = dashboard_router("/imports")


@router.get("")
async def list_imports(request: Request) -> Response:
    """Show imports."""
    return render(request, "imports/list.html")
