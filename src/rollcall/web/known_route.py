"""The route that a request has taken, for whoever counts requests or tells of them."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from rollcall.metrics.catalogue import REQUEST_SECONDS, REQUESTS

# The key of a request's state under which the template of its route is left.
ROUTE = "route"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Whatever strangers try, it is one line of numbers.
NO_ROUTE = "(none)"
OTHER_METHOD = "(other)"
NO_ANSWER = "(none)"


class KnownRoute:
    """Leave the template of the route in the state, which the layers around this one share.

    It stands next to the router: what lies in between hands a copy of the request on.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            route = getattr(scope.get("route"), "path", None)
            if route and "endpoint" in scope and "state" in scope:
                scope["state"][ROUTE] = route


def count_request(scope: Scope, status: int | None, seconds: float) -> None:
    """Count a request that is over; without a status it was broken off before it was answered."""
    method = scope["method"] if scope["method"] in METHODS else OTHER_METHOD
    route = scope["state"].get(ROUTE, NO_ROUTE)
    REQUESTS.add(method=method, route=route, status=str(status or NO_ANSWER))
    REQUEST_SECONDS.observe(seconds, method=method, route=route)


def count_refusal(status: int) -> None:
    """Count a request that was answered without having been read."""
    REQUESTS.add(method=OTHER_METHOD, route=NO_ROUTE, status=str(status))
