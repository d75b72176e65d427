"""Pages: what of the query is taken, and which of the rows that were read are shown."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from rollcall.errors import ValidationFailed
from rollcall.web.pagination import Page, page_parameters

ID = uuid.UUID("01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11")


def read(limit: str | None = None, after: str | None = None, before: str | None = None) -> Page:
    """Read the parameters of a request as the endpoints do, of lists with 20 on a page."""
    page = asyncio.run(page_parameters(20).dependency(limit=limit, after=after, before=before))
    assert isinstance(page, Page)
    return page


def test_without_parameters_it_is_the_first_page() -> None:
    assert read() == Page(limit=20)


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("100", 100), ("007", 7)])
def test_a_limit_is_a_number_from_1_to_100(text: str, limit: int) -> None:
    assert read(limit=text).limit == limit


@pytest.mark.parametrize(
    "text", ["", "0", "101", "-1", "+5", "5.0", " 5", "x", "\u0665", "²", "1_0", "9" * 10_000]
)
def test_another_limit_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValidationFailed, match="Invalid `limit`: it must be a number from 1 to"):
        read(limit=text)


def test_a_cursor_is_an_id() -> None:
    assert read(after=str(ID)) == Page(limit=20, after=ID)
    assert read(before=str(ID), limit="3") == Page(limit=3, before=ID)


@pytest.mark.parametrize("text", ["", "x", str(ID)[:-1]])
def test_another_cursor_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValidationFailed, match="Invalid `after`: it must be a valid UUID"):
        read(after=text)
    with pytest.raises(ValidationFailed, match="Invalid `before`"):
        read(before=text)


def test_both_cursors_are_refused() -> None:
    with pytest.raises(ValidationFailed, match="either `after` or `before`"):
        read(after=str(ID), before=str(ID))


@pytest.mark.parametrize(
    ("rows", "page", "shown"),
    [
        # One row more than the page tells of more; it is not shown.
        ([5, 4, 3], Page(limit=2), ([5, 4], True)),
        ([5, 4], Page(limit=2), ([5, 4], False)),
        ([], Page(limit=2), ([], False)),
        ([5, 4, 3], Page(limit=2, after=ID), ([5, 4], True)),
        # What is before an id is read from there on, and shown newest first all the same.
        ([3, 4, 5], Page(limit=2, before=ID), ([4, 3], True)),
        ([3, 4], Page(limit=2, before=ID), ([4, 3], False)),
    ],
)
def test_a_page_is_newest_first_and_says_whether_there_is_more(
    rows: list[int], page: Page, shown: tuple[list[int], bool]
) -> None:
    assert page.cut(rows) == shown
