"""Ids that are made of an import and a row: they sort as the list does, and can be read again."""

from __future__ import annotations

import uuid

import pytest

from rollcall.imports.failures.item_ids import ItemIds

IMPORT, OTHER_IMPORT = uuid.UUID(int=1), uuid.UUID(int=2)
ITEMS = [(0, 0), (1, 0), (1, 1), (1, 255), (2, 0), (50_000_000, 3), ((1 << 54) - 1, 255)]


@pytest.fixture
def ids() -> ItemIds:
    return ItemIds("failures", IMPORT)


def test_ids_are_uuid8_in_the_order_of_the_list(ids: ItemIds) -> None:
    made = [ids.make(row, number) for row, number in ITEMS]
    assert {(id_.version, id_.variant) for id_ in made} == {(8, uuid.RFC_4122)}
    assert made == sorted(set(made))


@pytest.mark.parametrize(("row", "number"), ITEMS)
def test_an_id_says_row_and_number(ids: ItemIds, row: int, number: int) -> None:
    assert ids.read(ids.make(row, number)) == (row, number)


def test_they_are_the_same_whenever_they_are_made(ids: ItemIds) -> None:
    """Nothing stores them, so what a client has kept must be found again after an update."""
    assert ids.make(7, 2) == ItemIds("failures", IMPORT).make(7, 2)
    assert ids.make(7, 2) == uuid.UUID("693dc99b-2aee-8ff4-8000-000000000702")


@pytest.mark.parametrize(
    "id_",
    [
        ItemIds("warnings", IMPORT).make(7),
        ItemIds("failures", OTHER_IMPORT).make(7),
        uuid.UUID(int=0),
        uuid.UUID("01935f2c-7d3a-7c41-9c1e-2f6f0f2f9b11"),
    ],
)
def test_an_id_of_another_list_is_refused(ids: ItemIds, id_: uuid.UUID) -> None:
    with pytest.raises(ValueError, match=str(id_)):
        ids.read(id_)
