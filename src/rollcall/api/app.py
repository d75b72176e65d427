"""The API: lifespan, routers, middleware."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from rollcall import __version__
from rollcall.api import health
from rollcall.api.stop_signals import calling_on_stop
from rollcall.api_keys import endpoints as api_keys
from rollcall.api_keys import examples as key_examples
from rollcall.audiences import endpoints as audiences
from rollcall.audiences import examples as audience_examples
from rollcall.auth.idempotency import AlreadyDone, answer_again
from rollcall.auth.route import AuthenticatedRoute
from rollcall.auth.usage import KeyUsage
from rollcall.config import Settings, load_settings
from rollcall.contacts import endpoints as contacts
from rollcall.contacts import examples as contact_examples
from rollcall.contacts import export_endpoints as contact_exports
from rollcall.contacts import segment_endpoints as contact_segments
from rollcall.contacts import topic_endpoints as contact_topics
from rollcall.dashboard.routers import create_dashboard_router
from rollcall.database.connections import connect
from rollcall.database.engine import (
    create_connector,
    create_engine,
    create_reading_sessionmaker,
    create_sessionmaker,
)
from rollcall.docs.endpoints import create_docs_router
from rollcall.domains import endpoints as domains
from rollcall.imports import examples as import_examples
from rollcall.imports.endpoints import create as create_import
from rollcall.imports.endpoints import failures as import_failures
from rollcall.imports.endpoints import live as live_imports
from rollcall.imports.endpoints import preview as import_previews
from rollcall.imports.endpoints import read as imports
from rollcall.imports.failures.file import FailuresFiles
from rollcall.imports.formats.convert import Converter
from rollcall.imports.live.watcher import Watcher
from rollcall.imports.mending.surveys import Surveys
from rollcall.imports.mending.work import MendingWork
from rollcall.imports.suggesting.language_model import LanguageModel
from rollcall.imports.wake import Notifier
from rollcall.logs import configure_logging
from rollcall.metrics.serving import join as join_metrics
from rollcall.properties import endpoints as properties
from rollcall.properties import examples as property_examples
from rollcall.segments import endpoints as segments
from rollcall.segments import examples as segment_examples
from rollcall.storage.guard import StorageGuard
from rollcall.storage.objects import Storage
from rollcall.topics import endpoints as topics
from rollcall.topics import examples as topic_examples
from rollcall.web.error_answers import install_error_handlers
from rollcall.web.head_requests import HeadRequests
from rollcall.web.http_protocol import HTTP_LIMITS, HttpLimits
from rollcall.web.known_route import KnownRoute
from rollcall.web.middleware import NormalizePath, RequestContext
from rollcall.web.openapi import add_examples
from rollcall.web.rate_limit import RateLimiter
from rollcall.web.under_way import RequestsUnderWay

EXAMPLES = {
    name: example
    for resource in (
        import_examples,
        contact_examples,
        segment_examples,
        topic_examples,
        property_examples,
        key_examples,
        audience_examples,
    )
    for name, example in resource.EXAMPLES.items()
}
# Imports stand before contacts: `/contacts/imports` is no contact called "imports". So do exports.
ROUTERS: tuple[APIRouter, ...] = (
    create_import.router,
    import_previews.router,
    imports.router,
    import_failures.router,
    live_imports.router,
    contact_exports.router,
    contacts.router,
    contact_segments.router,
    contact_segments.members,
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
    join_metrics()
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
        # The framework's own pages load scripts from a host on the internet.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        strict_content_type=False,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.requests = RequestsUnderWay()
    for router in ROUTERS:
        assert router.route_class is AuthenticatedRoute, router
        app.include_router(router)
    assert app.openapi_url
    others = (health.router, create_docs_router(app.openapi_url), create_dashboard_router())
    for router in others:
        app.include_router(router)
    app.state.routes = [route for router in (*ROUTERS, *others) for route in router.routes]
    add_examples(app, EXAMPLES)
    install_error_handlers(app)
    app.add_exception_handler(AlreadyDone, answer_again)
    app.add_middleware(KnownRoute)
    app.add_middleware(HeadRequests)
    app.add_middleware(NormalizePath, root_path=settings.root_path)
    app.add_middleware(
        RequestContext,
        under_way=app.state.requests,
        body_seconds=settings.body_timeout_seconds,
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
    settings: Settings = app.state.settings
    app.state.connector = connector = create_connector(settings)
    engine = create_engine(settings, connector)
    app.state.sessionmaker = create_sessionmaker(engine)
    app.state.reading_sessionmaker = create_reading_sessionmaker(engine)
    app.state.key_usage = KeyUsage(app.state.sessionmaker)
    app.state.import_watcher = Watcher(app.state.sessionmaker)
    app.state.storage = Storage(settings.storage_url)
    app.state.storage_guard = StorageGuard(
        app.state.storage, lambda: connect(settings.psycopg_dsn, "rollcall-api", {})
    )
    app.state.mending_work = MendingWork(app.state.sessionmaker, settings.storage_url)
    app.state.mending_surveys = Surveys(app.state.mending_work)
    app.state.failures_files = FailuresFiles(app.state.sessionmaker, settings.storage_url)
    app.state.converter = Converter(settings.max_upload_bytes)
    # Somebody looks at a preview and waits, which an import of a large workbook must not prolong.
    app.state.preview_converter = Converter(settings.max_upload_bytes)
    app.state.language_model = LanguageModel.of(settings)
    app.state.notifier = Notifier(settings.redis_url)
    app.state.rate_limiter = RateLimiter(settings.redis_url, settings.rate_limit)

    def stop() -> None:
        app.state.import_watcher.close()
        app.state.requests.cut_after(settings.api_shutdown_seconds)

    try:
        with calling_on_stop(stop):
            # The server's connections find it there.
            yield {HTTP_LIMITS: _http_limits(settings)}
    finally:
        await app.state.import_watcher.aclose()
        await app.state.mending_surveys.aclose()
        await app.state.mending_work.aclose()
        await app.state.key_usage.aclose()
        await app.state.rate_limiter.aclose()
        await app.state.notifier.aclose()
        if app.state.language_model is not None:
            await app.state.language_model.aclose()
        await engine.dispose()


def _http_limits(settings: Settings) -> HttpLimits:
    return HttpLimits(
        head_seconds=settings.header_timeout_seconds,
        body_seconds=settings.body_timeout_seconds,
        answer_seconds=settings.answer_timeout_seconds,
    )
