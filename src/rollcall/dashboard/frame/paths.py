"""Addresses of the dashboard, behind whatever prefix a proxy strips."""

from __future__ import annotations

from fastapi import Request

PREFIX = "/dashboard"


def root(request: Request) -> str:
    """Return the path of the dashboard as the browser sees it, without a slash at its end."""
    return f"{request.scope.get('root_path', '').rstrip('/')}{PREFIX}"


def path(request: Request, below: str) -> str:
    """Return the path of a page as the browser sees it; `/segments` is `below` the dashboard."""
    return f"{root(request)}{below}"


def here(request: Request) -> str:
    """Return where a request went, below the dashboard and without its query."""
    whole: str = request.scope["path"]
    return whole.removeprefix(root(request)).removeprefix(PREFIX)
