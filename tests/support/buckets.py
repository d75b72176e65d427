"""A bucket of an S3 server that runs in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import httpx
import pytest

# Runs a test of imports once with a folder for uploads, and once with a bucket.
on_each_storage = pytest.mark.parametrize("settings", ["folder", "bucket"], indirect=True)


@contextmanager
def bucket() -> Iterator[str]:
    """Serve an empty bucket, with its address and credentials in the environment; yield its URL."""
    # Loaded by whoever needs them: they take as long as a tenth of all tests' modules.
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
    }
    try:
        with mock.patch.dict(os.environ, variables):
            # What servers hold is all in one place, and outlives them.
            httpx.post(f"{endpoint}/moto-api/reset").raise_for_status()
            client = boto3.client("s3", endpoint_url=endpoint)
            client.create_bucket(Bucket="uploads")
            client.close()
            yield "s3://uploads/files"
    finally:
        server.stop()
