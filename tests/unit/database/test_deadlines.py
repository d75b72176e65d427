"""How long a request may wait for the database, all its waiting taken together."""

from __future__ import annotations

import asyncio
import time

import pytest

from rollcall.database.deadlines import database_budget, waiting


def test_outside_a_budget_each_wait_has_its_own_bound() -> None:
    for _ in range(2):
        with waiting(3.0) as seconds:
            assert seconds == 3.0


def test_a_wait_has_its_own_bound_or_what_is_left_of_the_budget() -> None:
    with database_budget(60.0):
        with waiting(3.0) as seconds:
            assert seconds == 3.0
        with waiting(1000.0) as seconds:
            assert 3.0 < seconds <= 60.0


def test_only_waiting_is_counted() -> None:
    with database_budget(60.0):
        time.sleep(0.01)
        with waiting(1000.0) as seconds:
            assert seconds == 60.0


@pytest.mark.parametrize("fails", [True, False])
def test_what_was_waited_is_gone_also_when_it_was_in_vain(fails: bool) -> None:
    with database_budget(0.01):
        try:
            with waiting(1.0):
                time.sleep(0.02)
                if fails:
                    raise TimeoutError
        except TimeoutError:
            assert fails
        with waiting(1.0) as seconds:
            assert seconds == 0.0
    with waiting(1.0) as seconds:
        assert seconds == 1.0


def test_requests_at_the_same_time_have_a_budget_each() -> None:
    async def request(budget: float) -> float:
        with database_budget(budget):
            await asyncio.sleep(0)
            with waiting(1000.0) as seconds:
                return seconds

    async def serve() -> list[float]:
        return [*await asyncio.gather(request(5.0), request(7.0))]

    assert asyncio.run(serve()) == [5.0, 7.0]


def test_an_inner_budget_ends_with_its_block() -> None:
    with database_budget(60.0):
        with database_budget(1.0), waiting(1000.0) as seconds:
            assert seconds == 1.0
        with waiting(1000.0) as seconds:
            assert seconds == 60.0
