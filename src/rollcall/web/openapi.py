"""Examples in the OpenAPI document, one for each body and answer, from each resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from rollcall.web.error_answers import ErrorBody

ID = "01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11"
OTHER_ID = "01935f2c-8a52-7e0b-b1a4-6f1b0f6d3c22"
TIME = "2026-11-20 09:12:44.1873+00"

EXAMPLES: dict[str, Any] = {
    "ErrorBody": {
        "statusCode": 422,
        "message": "Missing `email` field.",
        "name": "missing_required_field",
    },
}


def add_examples(app: FastAPI, examples: Mapping[str, Any]) -> None:
    """Put examples, by the name of their model, into the document that the app serves."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        schemas = document["components"]["schemas"]
        schemas["ErrorBody"] = ErrorBody.model_json_schema()
        for name, example in {**EXAMPLES, **examples}.items():
            # One model with two forms, for what comes in and what goes out, has two schemas.
            for variant in (name, f"{name}-Input", f"{name}-Output"):
                if variant in schemas:
                    schemas[variant]["examples"] = [example]
        return document

    # The way that the framework documents for changing what it has made.
    app.openapi = openapi  # type: ignore[method-assign]
