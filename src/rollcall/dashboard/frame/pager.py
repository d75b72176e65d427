"""Where the neighbouring pages of a keyset list are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from rollcall.dashboard.frame.paths import here, path
from rollcall.web.pagination import Page

CURSORS = ("after", "before")


@dataclass(frozen=True)
class Pager:
    """Addresses of the neighbouring pages; None where there is none."""

    newer: str | None
    older: str | None


def pager_of(request: Request, page: Page, items: Sequence[Any], has_more: bool) -> Pager:
    """Return the neighbours of a page, with all filters that its address has.

    Args:
        items: what the page shows, newest first; each has an `id`.
        has_more: whether there are more in the direction of travel.
    """
    if not items:
        is_beyond = page.after is not None or page.before is not None
        return Pager(_address(request) if is_beyond else None, None)
    has_older = page.before is not None or has_more
    has_newer = page.after is not None or (page.before is not None and has_more)
    return Pager(
        newer=_address(request, before=items[0].id) if has_newer else None,
        older=_address(request, after=items[-1].id) if has_older else None,
    )


def _address(request: Request, **cursor: uuid.UUID) -> str:
    kept = [item for item in request.query_params.multi_items() if item[0] not in CURSORS]
    query = urlencode([*kept, *cursor.items()])
    return path(request, here(request)) + (f"?{query}" if query else "")
