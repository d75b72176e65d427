"""The logs of an API and a worker, as JSON, in all that can happen: with ids and without people."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import psycopg

from rollcall.config import Settings
from tests.acceptance.conftest import Process, Product
from tests.support.patience import wait_until, wait_until_ready
from tests.support.ports import free_port
from tests.support.raw_http import connected, upload_head

NAME = "Plantedson"
ADDRESS = "planted.person@example.com"
WRONG_KEY = "re_planted_0123456789abcdef"
LOGGED = {"ROLLCALL_LOG_FORMAT": "json", "ROLLCALL_LOG_LEVEL": "debug"}
# What the database then says of a contact has all of it in its message.
REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last_name = 'Refused' THEN
        RAISE EXCEPTION 'no % and no %', NEW.email, NEW.first_name USING DETAIL = NEW.first_name;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION refuse();
"""
GOOD = f"email,first_name\n{ADDRESS},{NAME}\n{NAME},no address\n".encode()
REFUSED = f"email,first_name,last_name\n{ADDRESS},{NAME},Refused\n".encode()


def lines(process: Process) -> list[dict[str, Any]]:
    return [json.loads(line) for line in process.log.read_text().splitlines()]


def ask_everything(client: httpx.Client) -> set[int]:
    """Send requests of every outcome; return the statuses."""
    contact = {"email": ADDRESS, "first_name": NAME}
    answers = [
        client.post("/contacts", json=contact),
        client.get(f"/contacts/{ADDRESS}"),
        client.get(f"/contacts/{NAME}"),
        client.get(f"/contacts/{NAME.lower()}/segments"),
        client.patch(f"/contacts/{ADDRESS}", json={"first_name": [NAME]}),
        client.post("/contacts", json={**contact, "last_name": "Refused"}),
        client.post("/contacts", json={**contact, "properties": {NAME: NAME}}),
        client.get("/contacts", headers={"Authorization": f"Bearer {WRONG_KEY}"}),
        client.get("/contacts/export.csv"),
        client.post(
            "/contacts/imports",
            files={"file": (f"{NAME}.csv", GOOD)},
            data={"column_map": json.dumps({"email": f"No {NAME}"})},
        ),
        client.post("/contacts/imports", files={"file": (f"{NAME}.xlsx", b"PK\x03\x04" + GOOD)}),
        client.delete(f"/contacts/{ADDRESS}"),
    ]
    return {answer.status_code for answer in answers}


def upload(client: httpx.Client, content: bytes) -> str:
    answer = client.post("/contacts/imports", files={"file": (f"{NAME}.csv", content)})
    id_: str = answer.json()["id"]
    return id_


def test_ids_are_in_the_logs_and_people_are_not(
    product: Product, settings: Settings, make_key: Callable[[str], str]
) -> None:
    port, key = free_port(), make_key("team a")
    api = product.start("api", "--port", str(port), **LOGGED)
    worker = product.start("worker", **LOGGED)
    url = f"http://127.0.0.1:{port}"
    wait_until_ready(url)
    with psycopg.connect(settings.psycopg_dsn, autocommit=True) as connection:
        connection.execute(REFUSE)
        ((team_id,),) = connection.execute("SELECT team_id::text FROM teams").fetchall()
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as client:
        assert ask_everything(client) >= {200, 201, 403, 404, 422, 500}
        good, refused = upload(client, GOOD), upload(client, REFUSED)
        with connected(url) as raw:
            raw.send(upload_head(key, content_length=10_000) + GOOD)
        wait_until(lambda: any(line["event"] == "client broke off" for line in lines(api)))
        wait_until(lambda: told(worker, "import run broken off", refused))
        wait_until(lambda: told(worker, "import run ended", good))
    for process in (api, worker):
        text = process.log.read_text()
        planted = (NAME, NAME.lower(), ADDRESS, "planted.person", WRONG_KEY, key, "planted_")
        assert [each for each in planted if each in text] == []
    assert_requests_are_told(lines(api), team_id)
    accepted = [line for line in lines(api) if line["event"] == "import accepted"]
    ours = {(good, team_id), (refused, team_id)}
    assert {(line["import_id"], line["team_id"]) for line in accepted} >= ours
    about = [line for line in lines(worker) if line["event"].startswith("import run")]
    assert {(line["import_id"], line["team_id"]) for line in about} >= ours


def told(process: Process, event: str, import_id: str) -> bool:
    return any(
        line["event"] == event and line.get("import_id") == import_id for line in lines(process)
    )


def assert_requests_are_told(found: list[dict[str, Any]], team_id: str) -> None:
    requests = [line for line in found if line["event"] == "request"]
    assert all(line["request_id"] for line in requests)
    # But for those without a team, or with a key of nobody.
    assert {line.get("team_id", team_id) for line in requests} == {team_id}
    assert "/contacts/(withheld)" in {line["path"] for line in requests}
    (failed,) = [line for line in found if line["event"] == "request failed"]
    assert "RaiseException: (withheld)" in failed["exception"]
    assert (failed["team_id"], failed["path"]) == (team_id, "/contacts")
