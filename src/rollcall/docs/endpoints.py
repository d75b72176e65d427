"""The page, its own script, and Swagger UI's files out of an installed package."""

from __future__ import annotations

import hashlib
import importlib.util
from html import escape
from pathlib import Path
from string import Template

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

OWN = Path(__file__).parent
FOREVER = "public, max-age=31536000, immutable"
# Keys are typed into this page: it runs its own scripts only, and sends to its own host only.
# Swagger UI has its icons in `data:` addresses.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def create_docs_router(description: str) -> APIRouter:
    """Return the routes of `/docs`; `description` is the path of the OpenAPI document.

    Every file's address has a version that changes with the files, so browsers keep them for good
    and ask for the page alone.
    """
    swagger_ui = _swagger_ui()
    files = {
        "start.js": OWN,
        "swagger-ui-bundle.js": swagger_ui,
        "swagger-ui.css": swagger_ui,
        "favicon-32x32.png": swagger_ui,
    }
    static = {folder: StaticFiles(directory=folder) for folder in {OWN, swagger_ui}}
    version = _version([folder / name for name, folder in files.items()])
    template = Template((OWN / "page.html").read_text())
    router = APIRouter(include_in_schema=False)

    @router.api_route("/docs", methods=["GET", "HEAD"])
    async def show_page(request: Request) -> Response:
        root = escape(request.scope.get("root_path", "").rstrip("/"))
        page = template.substitute(
            files=f"{root}/docs", version=version, description=f"{root}{description}"
        )
        return HTMLResponse(page, headers=HEADERS | {"cache-control": "no-cache"})

    @router.api_route("/docs/{name}", methods=["GET", "HEAD"])
    async def send_file(request: Request, name: str) -> Response:
        if name not in files:
            raise HTTPException(404)
        response = await static[files[name]].get_response(name, request.scope)
        response.headers.update(HEADERS | {"cache-control": FOREVER})
        return response

    return router


def _swagger_ui() -> Path:
    """Return the folder of Swagger UI's files, without importing the package that has them."""
    spec = importlib.util.find_spec("fastapi_swagger")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "resources"


def _version(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
