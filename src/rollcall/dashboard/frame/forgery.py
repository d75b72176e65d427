"""Whether a form was sent from a page of this dashboard, and by this browser."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import urlsplit

from fastapi import Request

from rollcall.errors import RollcallError

FIELD = "csrf"
HEADER = "x-csrf-token"


class ForgedRequest(RollcallError):
    """This was not sent from a page of this dashboard, or the page is an old one. Load it again."""

    status = 403
    name = "forged_request"


def form_token(secret: str) -> str:
    """Return what a form has to bring along, made of the secret in the browser's cookie."""
    digest = hmac.digest(secret.encode(), b"rollcall dashboard form", "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def refuse_other_sites(request: Request) -> None:
    """Refuse what a page of another site has sent.

    Raises:
        ForgedRequest: the browser says so.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_own = site in ("same-origin", "none")
    else:
        # Browsers say it only where nobody listens.
        origin = request.headers.get("origin")
        is_own = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not is_own:
        raise ForgedRequest


async def require_token(request: Request, secret: str, *, in_form: bool) -> None:
    """Refuse what does not bring the token of this browser.

    Args:
        in_form: look into the body too, which is read for that.

    Raises:
        ForgedRequest: there is none, or another.
    """
    sent: object = request.headers.get(HEADER)
    if sent is None and in_form and _is_form(request):
        sent = (await request.form()).get(FIELD)
    if (
        not secret
        or not isinstance(sent, str)
        or not hmac.compare_digest(sent.encode(), form_token(secret).encode())
    ):
        raise ForgedRequest


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("application/x-www-form-urlencoded", "multipart/form-data")
