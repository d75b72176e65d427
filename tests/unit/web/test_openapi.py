"""Examples stand in the document with the model that they are of, in each of its forms."""

from __future__ import annotations

from fastapi import FastAPI
from pydantic import BaseModel, Field

from rollcall.web.openapi import add_examples


class Shelf(BaseModel):
    books: list[str] = Field(default_factory=list)


def test_an_example_stands_with_its_model_whether_it_comes_in_or_goes_out() -> None:
    app = FastAPI()

    @app.post("/shelves")
    async def create(shelf: Shelf) -> Shelf:
        return shelf

    example = {"books": ["Emma"]}
    add_examples(app, {"Shelf": example, "Unknown": {"a": 1}})
    schemas = app.openapi()["components"]["schemas"]
    forms = {name for name in schemas if name.partition("-")[0] == "Shelf"}
    assert forms
    assert all(schemas[name]["examples"] == [example] for name in forms)
    assert "Unknown" not in schemas
    assert schemas["ErrorBody"]["examples"][0]["statusCode"] == 422
