"""How a bucket is talked to: with limits of time that are chosen on purpose."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from obstore.store import from_url

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

# A bucket's requests are small: parts of an upload, and pieces of a file. One that takes longer is
# given up, and tried again a few times: what lasts longer than that, others have to wait for.
CLIENT_OPTIONS: ClientConfig = {
    "connect_timeout": timedelta(seconds=5),
    "timeout": timedelta(seconds=20),
}
# What is set of these in the environment (`AWS_ALLOW_HTTP` …) has to be said again beside options.
CLIENT_VARIABLES = (
    "allow_http",
    "allow_invalid_certificates",
    "connect_timeout",
    "proxy_ca_certificate",
    "proxy_excludes",
    "proxy_url",
    "root_certificate",
    "timeout",
    "user_agent",
)
RETRIES: RetryConfig = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {
        "init_backoff": timedelta(milliseconds=200),
        "max_backoff": timedelta(seconds=5),
        "base": 2,
    },
}


def open_bucket(url: str) -> ObjectStore:
    """Return the bucket at `s3://bucket/prefix`; nothing is asked of it yet."""
    return from_url(url, client_options=_client_options(), retry_config=RETRIES)


def _client_options() -> ClientConfig:
    variables = {name: os.environ.get(f"AWS_{name.upper()}") for name in CLIENT_VARIABLES}
    said = {name: value for name, value in variables.items() if value}
    return cast("ClientConfig", {**CLIENT_OPTIONS, **said})
