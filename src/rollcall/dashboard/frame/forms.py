"""What was typed into a form: read by the shapes of the API, with an error beside each field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from rollcall.dashboard.frame.view import view_of
from rollcall.wrong_values import explain

Model = TypeVar("Model", bound=BaseModel)
Errors = dict[str, str]


def check_form(
    request: Request, shape: type[Model], given: Mapping[str, Any]
) -> tuple[Model | None, Errors]:
    """Return what was typed in the shape that the API takes; or an error for each wrong field."""
    try:
        return shape.model_validate(dict(given)), {}
    except ValidationError as error:
        texts = view_of(request).texts
        errors: Errors = {}
        for problem in error.errors():
            field = str(problem["loc"][0]) if problem["loc"] else ""
            errors.setdefault(field, _in_words(texts, problem))
        return None, errors


def _in_words(texts: Any, problem: Any) -> str:
    kind = problem["type"]
    if kind in ("string_too_short", "missing"):
        return str(texts("forms.empty"))
    if kind == "string_too_long":
        return str(texts("forms.too_long", count=problem["ctx"]["max_length"]))
    sentence = explain(problem)
    return f"{sentence[0].upper()}{sentence[1:]}."
