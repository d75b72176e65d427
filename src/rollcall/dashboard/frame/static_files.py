"""The stylesheet, scripts and icons, at addresses that change with any of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from rollcall.dashboard.frame.headers import STATIC_HEADERS

FOLDER = Path(__file__).parents[1] / "static"
FOREVER = "public, max-age=31536000, immutable"


def _version() -> str:
    digest = hashlib.sha256()
    for file in sorted(FOLDER.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


# One for all of them: a script names the others as its neighbours.
VERSION = _version()
NAMES = frozenset(file.name for file in FOLDER.iterdir())
router = APIRouter(include_in_schema=False)
_files = StaticFiles(directory=FOLDER)


@router.get("/static/{version}/{name}")
async def send_file(request: Request, version: str, name: str) -> Response:
    """Send a file; the browser keeps it for good unless its address is that of another version."""
    if name not in NAMES:
        raise HTTPException(404)
    response = await _files.get_response(name, request.scope)
    is_current = version == VERSION
    cached = {"cache-control": FOREVER if is_current else "no-store"}
    response.headers.update(STATIC_HEADERS | cached)
    return response
