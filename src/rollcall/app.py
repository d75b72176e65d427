"""The API: lifespan, routers, middleware."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from rollcall import __version__, health
from rollcall.api_keys import endpoints as api_keys
from rollcall.api_keys.usage import KeyUsage
from rollcall.audiences import endpoints as audiences
from rollcall.auth import AuthenticatedRoute
from rollcall.config import Settings, load_settings
from rollcall.contacts import endpoints as contacts
from rollcall.contacts import segment_endpoints as contact_segments
from rollcall.contacts import topic_endpoints as contact_topics
from rollcall.db import create_engine, create_reading_sessionmaker, create_sessionmaker
from rollcall.domains import endpoints as domains
from rollcall.error_answers import install_error_handlers
from rollcall.idempotency import AlreadyDone, answer_again
from rollcall.imports import endpoints as imports
from rollcall.imports import failure_endpoints as import_failures
from rollcall.imports import live_endpoints as live_imports
from rollcall.imports.bell import create_bell
from rollcall.imports.failures_file import FailuresFiles
from rollcall.imports.formats.convert import Converter
from rollcall.imports.watcher import Watcher
from rollcall.logs import configure_logging
from rollcall.middleware import NormalizePath, RequestContext
from rollcall.openapi import add_examples
from rollcall.properties import endpoints as properties
from rollcall.rate_limit import RateLimiter
from rollcall.segments import endpoints as segments
from rollcall.stop_signals import calling_on_stop
from rollcall.storage import Storage
from rollcall.topics import endpoints as topics

# Imports stand before contacts: `/contacts/imports` is no contact called "imports".
ROUTERS: tuple[APIRouter, ...] = (
    imports.router,
    import_failures.router,
    live_imports.router,
    contacts.router,
    contact_segments.router,
    contact_topics.router,
    segments.router,
    topics.router,
    properties.router,
    api_keys.router,
    audiences.router,
    domains.router,
)


def create_process_app() -> FastAPI:
    """Return the API for a process that does nothing else."""
    app = create_app()
    # What was loaded stays. To look at all of it again would now and then stop requests for 0.1 s.
    gc.collect()
    gc.freeze()
    return app


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the API of one process, with settings of its own or those of the environment."""
    settings = settings or load_settings()
    configure_logging(settings)
    app = FastAPI(
        title="Rollcall",
        version=__version__,
        summary="Contacts and bulk imports, in your own database.",
        redirect_slashes=False,
        strict_content_type=False,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    for router in ROUTERS:
        assert router.route_class is AuthenticatedRoute, router
        app.include_router(router)
    app.include_router(health.router)
    app.state.routes = [route for router in (*ROUTERS, health.router) for route in router.routes]
    add_examples(app)
    install_error_handlers(app)
    app.add_exception_handler(AlreadyDone, answer_again)
    app.add_middleware(NormalizePath, root_path=settings.root_path)
    app.add_middleware(RequestContext)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    engine = create_engine(settings)
    app.state.sessionmaker = create_sessionmaker(engine)
    app.state.reading_sessionmaker = create_reading_sessionmaker(engine)
    app.state.key_usage = KeyUsage(app.state.sessionmaker)
    app.state.import_watcher = Watcher(app.state.sessionmaker)
    app.state.storage = Storage(settings.storage_url)
    app.state.failures_files = FailuresFiles(app.state.sessionmaker, settings.storage_url)
    app.state.converter = Converter(settings.max_upload_bytes)
    app.state.bell = create_bell(settings.redis_url)
    app.state.rate_limiter = RateLimiter(settings.redis_url, settings.rate_limit)
    try:
        with calling_on_stop(app.state.import_watcher.close):
            yield
    finally:
        await app.state.import_watcher.aclose()
        await app.state.key_usage.aclose()
        await app.state.rate_limiter.aclose()
        await app.state.bell.aclose(close_connection_pool=True)
        await engine.dispose()
