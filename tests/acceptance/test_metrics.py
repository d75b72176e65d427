"""`/metrics` of real processes: two API processes on one port, and a worker whose child counts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import httpx
import psycopg
from prometheus_client.parser import text_string_to_metric_families

from rollcall.config import Settings
from tests.acceptance.conftest import Product
from tests.support.patience import wait_until, wait_until_ready
from tests.support.ports import free_port

CSV = b"email,first_name\nada@example.com,Ada\ngrace@example.com,Grace\nnobody,No\n"


def read(port: int) -> dict[str, float]:
    """Return what is told on a port, by name and the values of its labels."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    # The labels are told in the order of their names.
    return {" ".join([each.name, *each.labels.values()]): each.value for each in samples}


def requests(port: int) -> dict[str, float]:
    return {
        name.removeprefix("rollcall_requests_total "): count
        for name, count in read(port).items()
        if name.startswith("rollcall_requests_total ")
    }


def begin_two_apis(product: Product) -> tuple[str, int]:
    """Start an API of two processes; return its address and the port of its metrics."""
    port, metrics = free_port(), free_port()
    product.start("api", "--port", str(port), "--workers", "2", ROLLCALL_METRICS_PORT=str(metrics))
    url = f"http://127.0.0.1:{port}"
    wait_until_ready(url)
    return url, metrics


def upload(url: str, key: str) -> str:
    answer = httpx.post(
        f"{url}/contacts/imports",
        headers={"Authorization": f"Bearer {key}"},
        files={"file": ("contacts.csv", CSV)},
    )
    assert answer.status_code == 201, answer.text
    id_: str = answer.json()["id"]
    return id_


def test_what_two_apis_and_a_worker_have_done(
    product: Product, settings: Settings, make_key: Callable[[str], str]
) -> None:
    url, api_metrics = begin_two_apis(product)
    key = make_key("team a")
    # It was lost by a worker that had fallen silent, so it is tried in a process of its own.
    import_id = upload(url, key)
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE contact_imports SET is_suspect = true, released_at = now() - '9 min'::interval"
        )
    # Each by a connection of its own, which may go to either process.
    for contact in ("ada@example.com", "nobody@example.com", str(uuid.uuid4())):
        httpx.get(f"{url}/contacts/{contact}", headers={"Authorization": f"Bearer {key}"})
    httpx.get(f"{url}/wp-login.php")
    httpx.request("PROPFIND", f"{url}/contacts")
    httpx.request("BREW", f"{url}/contacts")
    assert_apis_have_counted(api_metrics, secrets=["ada", "nobody", import_id, "re_", "team a"])
    worker_metrics = free_port()
    product.start("worker", ROLLCALL_METRICS_PORT=str(worker_metrics))
    wait_until(lambda: is_counted(worker_metrics))
    assert_worker_has_counted(worker_metrics)


def assert_apis_have_counted(port: int, secrets: list[str]) -> None:
    before = read(port)
    assert before["rollcall_backlog_imports small queued"] == 1
    assert 500 < before["rollcall_backlog_oldest_seconds small"] < 900
    assert before["rollcall_workers"] == 0
    assert before["rollcall_uploads_total small"] == 1
    assert before["rollcall_upload_bytes_total"] == len(CSV)
    assert before["rollcall_pool_limit"] > 0
    assert before["rollcall_pool_connections in_use"] == 0
    assert requests(port).items() >= {
        ("GET /contacts/{contact} 404", 3),
        ("GET (none) 404", 1),
        ("(other) /contacts 405", 1),
        ("(other) (none) 400", 1),
        ("POST /contacts/imports 201", 1),
    }
    told = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert [secret for secret in secrets if secret in told] == []


def assert_worker_has_counted(port: int) -> None:
    after = read(port)
    assert after["rollcall_rows_total false created"] == 2
    assert after["rollcall_rows_total false failed"] == 1
    assert after["rollcall_batch_seconds_count"] == 1
    assert after["rollcall_leases_lost_total"] == 0
    assert after["rollcall_workers"] == 1
    assert after["rollcall_backlog_imports small queued"] == 0
    assert after["process_start_time_seconds"] <= time.time()


def is_counted(port: int) -> bool:
    try:
        return read(port)["rollcall_imports_ended_total false none completed"] == 1
    except httpx.TransportError:
        return False
