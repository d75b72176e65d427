"""The OpenAPI document against the live server: what it says is what is served."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import jsonschema

from tests.support.patience import PATIENCE

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


def test_every_answer_is_one_that_the_document_describes(
    api: str, team_key: str, tmp_path: Path
) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{api}/openapi.json"),
        *("--header", f"Authorization: Bearer {team_key}"),
        *("--checks", ",".join(CHECKS)),
        *("--phases", "examples,coverage,fuzzing"),
        *("--max-examples", "20", "--generation-deterministic", "--no-color"),
        *("--request-timeout", str(PATIENCE)),
        *("--exclude-path-regex", "^/(readyz|healthz)$"),
    ]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]


def test_the_document_describes_the_upload_and_the_key(api: str) -> None:
    document = httpx.get(f"{api}/openapi.json").json()
    upload = document["paths"]["/contacts/imports"]["post"]
    form = upload["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["required"] == ["file"]
    assert {"column_map", "on_conflict", "segments", "topics"} < form["properties"].keys()
    assert {"201", "401", "403", "409", "413", "422", "429"} < upload["responses"].keys()
    scheme = document["components"]["securitySchemes"]["HTTPBearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert path in ("/healthz", "/readyz") or operation["security"], (method, path)
    assert httpx.get(f"{api}/docs").status_code == 200


def test_the_document_describes_the_events(api: str) -> None:
    document = httpx.get(f"{api}/openapi.json").json()
    operation = document["paths"]["/contacts/imports/{import_id}/events"]["get"]
    answers = operation["responses"]
    example = answers["200"]["content"]["text/event-stream"]["example"]
    assert example.startswith("event: progress")
    (data,) = (line for line in example.splitlines() if line.startswith("data: "))
    shown = json.loads(data.removeprefix("data: "))
    schema = document["components"]["schemas"]["ImportShown"]
    assert shown.keys() == schema["properties"].keys()
    root = {**schema, "components": document["components"]}
    jsonschema.Draft202012Validator(root).validate(shown)
    assert "content" not in answers["204"]
    for status in ("401", "403", "404", "422", "429", "500"):
        assert answers[status]["content"].keys() == {"application/json"}
    assert "Last-Event-ID" in {parameter["name"] for parameter in operation["parameters"]}


def test_the_document_describes_the_failures_file(api: str) -> None:
    document = httpx.get(f"{api}/openapi.json").json()
    answers = document["paths"]["/contacts/imports/{import_id}/failures.csv"]["get"]["responses"]
    assert answers["200"]["content"].keys() == {"text/csv"}
    for status in ("401", "403", "404", "422", "429", "500"):
        assert answers[status]["content"].keys() == {"application/json"}


def test_every_body_and_answer_has_an_example_that_fits(api: str) -> None:
    document = httpx.get(f"{api}/openapi.json").json()
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        # Domains are there for clients that list them; there never is one.
        if schema["type"] != "object" or name.startswith("ListOf_") or name == "Domain":
            continue
        (example,) = schema["examples"]
        root = {**schema, "components": document["components"]}
        jsonschema.Draft202012Validator(root).validate(example)
        assert example.keys() <= schema["properties"].keys(), name
    assert {
        "ImportShown",
        "FailureListed",
        "WarningListed",
        "ContactCreate",
        "ErrorBody",
    } < schemas.keys()


def test_the_document_says_what_parameters_may_be(api: str) -> None:
    document = httpx.get(f"{api}/openapi.json").json()
    found = 0
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                name, schema = parameter["name"], parameter["schema"]
                # A contact's is its id or its e-mail address.
                if name.endswith("_id") or name in ("after", "before"):
                    assert schema["format"] == "uuid", (path, name)
                    found += 1
                if name in ("after", "before"):
                    assert "exclude each other" in parameter["description"]
                if name in ("status", "code"):
                    assert schema["enum"], (path, name)
    assert found > 40
    schemas = document["components"]["schemas"]
    statuses = ["queued", "in_progress", "completed", "failed"]
    assert schemas["ImportStatus"]["enum"] == statuses
    for parameter in document["paths"]["/contacts/imports"]["get"]["parameters"]:
        if parameter["name"] == "status":
            assert parameter["schema"]["enum"] == statuses
    for name in ("ImportShown", "ContactShown", "SegmentShown", "TopicShown", "FailureListed"):
        assert schemas[name]["properties"]["id"]["format"] == "uuid", name
