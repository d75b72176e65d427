"""HEAD wherever there is GET: the same status and headers, and no body."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The key of a request's scope that tells what is done here from a GET, for what a GET uses up.
IS_HEAD = "rollcall.is_head"


class HeadRequests:
    """Have the app answer HEAD as it would answer GET, and keep the body back.

    What is streamed would cost as much as it costs a GET, or never end, as events do not. So an app
    that has sent its headers without a length is stopped there.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        is_stopped = False

        async def send_head(message: Message) -> None:
            nonlocal is_stopped
            if message["type"] != "http.response.start":
                return
            await send(message)
            await send({"type": "http.response.body", "body": b""})
            if all(name.lower() != b"content-length" for name, _ in message["headers"]):
                is_stopped = True
                answering.cancel()
                # It may be a task of the app's own that is here, which the app ends in turn.
                await asyncio.Event().wait()

        app = self.app({**scope, "method": "GET", IS_HEAD: True}, receive, send_head)
        answering = asyncio.ensure_future(app)
        try:
            await answering
        except asyncio.CancelledError:
            if not is_stopped or not answering.cancelled():
                raise
