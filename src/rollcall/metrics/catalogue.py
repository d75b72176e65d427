"""Every metric of Rollcall; docs/operations.md tells what each is for."""

from __future__ import annotations

from rollcall.metrics.recording import Counter, Gauge, Histogram, Metric

REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
BATCH_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
OUTCOMES = ("created", "updated", "skipped", "failed")
# Codes of imports' errors that are no fault of the file: somebody who runs this has to look.
ALARMING = ("worker_crashed", "database_error", "storage_error", "internal_error", "file_missing")

REQUESTS = Counter(
    name="rollcall_requests_total",
    help="Requests that were answered or broken off, by the route's template.",
    labels=("method", "route", "status"),
)
REQUEST_SECONDS = Histogram(
    name="rollcall_request_seconds",
    help="From a request's head to the end of its answer, uploads and streams included.",
    labels=("method", "route"),
    buckets=REQUEST_BUCKETS,
)
UPLOADS = Counter(
    name="rollcall_uploads_total",
    help="Uploads that became imports, by the lane that these stand in.",
    labels=("lane",),
)
UPLOAD_BYTES = Counter(
    name="rollcall_upload_bytes_total",
    help="Bytes of CSV that uploads have brought to the storage, refused ones included.",
)
POOL_CONNECTIONS = Gauge(
    name="rollcall_pool_connections",
    help="Connections to the database: in use by requests, and open in all.",
    labels=("state",),
)
POOL_LIMIT = Gauge(
    name="rollcall_pool_limit",
    help="As many connections as requests may use at the same time.",
)
POOL_EXHAUSTED = Counter(
    name="rollcall_pool_exhausted_total",
    help="Requests for which no connection to the database was free in time.",
)
IMPORTS_ENDED = Counter(
    name="rollcall_imports_ended_total",
    help="Imports that have ended; the reason is the code of their error, or none.",
    labels=("status", "reason", "dry_run"),
    known=(
        {"status": "completed", "reason": "none", "dry_run": "false"},
        *({"status": "failed", "reason": reason, "dry_run": "false"} for reason in ALARMING),
    ),
)
ROWS = Counter(
    name="rollcall_rows_total",
    help="Records of committed batches, by what became of them.",
    labels=("outcome", "dry_run"),
    known=tuple({"outcome": outcome, "dry_run": "false"} for outcome in OUTCOMES),
)
BATCH_SECONDS = Histogram(
    name="rollcall_batch_seconds",
    help="From when a connection takes a batch up until it is committed.",
    buckets=BATCH_BUCKETS,
)
BATCHES_REPEATED = Counter(
    name="rollcall_batches_repeated_total",
    help="Batches begun again because another transaction was in their way.",
)
LEASES_LOST = Counter(
    name="rollcall_leases_lost_total",
    help="Runs of this worker that ended because others have taken over their import, or ended it.",
)
SILENT_SESSIONS_ENDED = Counter(
    name="rollcall_silent_sessions_ended_total",
    help="Database sessions of silent workers that this worker has had ended.",
)
DATABASE_UP = Gauge(
    name="rollcall_database_up",
    help="1 if the database has answered when these numbers were asked for.",
)
BACKLOG_IMPORTS = Gauge(
    name="rollcall_backlog_imports",
    help="Imports that have not ended: queued, running, waiting, or left by a silent worker.",
    labels=("lane", "state"),
)
BACKLOG_OLDEST_SECONDS = Gauge(
    name="rollcall_backlog_oldest_seconds",
    help="For how long the oldest of those waits that no worker has.",
    labels=("lane",),
)
ROWS_PER_SECOND = Gauge(
    name="rollcall_rows_per_second",
    help="Records per second of all imports that run, on all workers together.",
)
WORKERS = Gauge(
    name="rollcall_workers",
    help="Workers that are alive, as the database knows them.",
)

CATALOGUE: tuple[Metric, ...] = (
    REQUESTS,
    REQUEST_SECONDS,
    UPLOADS,
    UPLOAD_BYTES,
    POOL_CONNECTIONS,
    POOL_LIMIT,
    POOL_EXHAUSTED,
    IMPORTS_ENDED,
    ROWS,
    BATCH_SECONDS,
    BATCHES_REPEATED,
    LEASES_LOST,
    SILENT_SESSIONS_ENDED,
    DATABASE_UP,
    BACKLOG_IMPORTS,
    BACKLOG_OLDEST_SECONDS,
    ROWS_PER_SECOND,
    WORKERS,
)
# These belong to the service as a whole: whoever is asked looks them up.
LOOKED_UP = (DATABASE_UP, BACKLOG_IMPORTS, BACKLOG_OLDEST_SECONDS, ROWS_PER_SECOND, WORKERS)
