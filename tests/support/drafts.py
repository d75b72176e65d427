"""Drafts as the dashboard makes them, without its pages."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from httpx import Request as HttpRequest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.types import Message

from rollcall.config import Settings
from rollcall.database.engine import create_engine, create_sessionmaker
from rollcall.imports.drafts.changing import change_file
from rollcall.imports.drafts.choices import Choices, FileChoices
from rollcall.imports.drafts.means import DraftMeans
from rollcall.imports.drafts.models import ContactImportDraft
from rollcall.imports.drafts.queries import change_choices, delete_draft, find_draft, lock_draft
from rollcall.imports.drafts.reading import DraftTable, read_draft
from rollcall.imports.drafts.receive import add_draft, receive_draft
from rollcall.imports.drafts.starting import start_check, start_import
from rollcall.imports.formats.convert import Converter
from rollcall.storage.guard import StorageGuard
from rollcall.storage.objects import Storage

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class DraftDesk:
    """Where one team's drafts are made; each call is a request of its own."""

    settings: Settings
    team_id: uuid.UUID

    def upload(self, data: bytes, filename: str = "contacts.csv") -> uuid.UUID:
        """Upload a file as a draft and return its id."""

        async def upload(session: AsyncSession, means: DraftMeans) -> uuid.UUID:
            sent = form_request(data, filename)
            async with receive_draft(sent, self.team_id, means) as file:
                draft = await add_draft(session, self.team_id, file)
                await read_draft(session, means, draft)
                await session.commit()
            return draft.id

        return self.run(upload)

    def table(self, draft_id: uuid.UUID) -> DraftTable:
        """Return how a draft is read."""

        async def read(session: AsyncSession, means: DraftMeans) -> DraftTable:
            draft = await find_draft(session, self.team_id, draft_id)
            return await read_draft(session, means, draft)

        return self.run(read)

    def say(self, draft_id: uuid.UUID, **said: Any) -> None:
        """Change what was said of a draft."""

        async def say(session: AsyncSession, means: DraftMeans) -> None:
            draft = await lock_draft(session, self.team_id, draft_id)
            choices = Choices.model_validate(draft.choices).model_copy(update=said)
            await change_choices(session, draft, choices)
            await session.commit()

        self.run(say)

    def read_as(self, draft_id: uuid.UUID, **said: Any) -> DraftTable:
        """Have the file read in another way."""
        return self.run(
            lambda session, means: change_file(
                session, means, self.team_id, draft_id, FileChoices(**said)
            )
        )

    def check(self, draft_id: uuid.UUID) -> tuple[uuid.UUID, bool]:
        """Start a dry run."""
        return self._start(draft_id, start_check)

    def start(self, draft_id: uuid.UUID) -> tuple[uuid.UUID, bool]:
        """Start the import."""
        return self._start(draft_id, start_import)

    def discard(self, draft_id: uuid.UUID) -> None:
        """Throw a draft away."""

        async def discard(session: AsyncSession, means: DraftMeans) -> None:
            unused = await delete_draft(session, await lock_draft(session, self.team_id, draft_id))
            await session.commit()
            await means.delete(unused)

        self.run(discard)

    def _start(
        self,
        draft_id: uuid.UUID,
        start: Callable[..., Awaitable[tuple[uuid.UUID, bool]]],
    ) -> tuple[uuid.UUID, bool]:
        async def begin(session: AsyncSession, means: DraftMeans) -> tuple[uuid.UUID, bool]:
            draft: ContactImportDraft = await lock_draft(session, self.team_id, draft_id)
            started = await start(session, draft, await read_draft(session, means, draft))
            await session.commit()
            return started

        return self.run(begin)

    def run(self, do: Callable[[AsyncSession, DraftMeans], Awaitable[Result]]) -> Result:
        """Do something with a session and the means of an API process."""
        means = DraftMeans(
            storage=Storage(self.settings.storage_url),
            guard=StorageGuard(
                Storage(self.settings.storage_url),
                lambda: psycopg.connect(self.settings.psycopg_dsn, autocommit=True),
            ),
            converter=Converter(self.settings.max_upload_bytes),
            model=None,
            max_bytes=self.settings.max_upload_bytes,
        )

        async def run() -> Result:
            engine = create_engine(self.settings)
            try:
                async with create_sessionmaker(engine)() as session:
                    return await do(session, means)
            finally:
                await engine.dispose()

        return asyncio.run(run())


def form_request(data: bytes, filename: str) -> Request:
    """Return a request with a file, as a browser sends it."""
    sent = HttpRequest("POST", "http://localhost/", files={"file": (filename, data)})
    body = sent.read()
    headers = [(name.lower(), value) for name, value in sent.headers.raw]

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": headers}, receive)
