"""Who may commit: batches are committed in the order of the file, or not at all."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rollcall.imports.running.commit_order import BrokenOff, CommitOrder, OutOfTurn


def test_the_first_waits_for_nobody_and_the_others_for_those_before() -> None:
    order = CommitOrder()
    order.wait(0)
    with pytest.raises(OutOfTurn):
        order.wait(1, timeout=0)
    order.end(0)
    order.wait(1)
    with pytest.raises(OutOfTurn):
        order.wait(2, timeout=0)


def test_threads_commit_in_the_order_of_their_numbers() -> None:
    order = CommitOrder()
    committed: list[int] = []
    together = threading.Barrier(8)

    def commit(number: int) -> None:
        together.wait()
        order.wait(number)
        committed.append(number)
        order.end(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(commit, reversed(range(8))))
    assert committed == list(range(8))


def test_what_waits_behind_a_failed_batch_is_broken_off() -> None:
    order = CommitOrder()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(order.wait, 3)
        order.break_off(1)
        with pytest.raises(BrokenOff):
            waiting.result()
    with pytest.raises(BrokenOff):
        order.wait(2)


def test_batches_up_to_the_failed_one_still_commit() -> None:
    order = CommitOrder()
    order.break_off(1)
    order.wait(0)
    order.end(0)
    order.wait(1)


@pytest.mark.parametrize("failed", [(1, 3), (3, 1)])
def test_of_several_failures_the_first_in_the_file_counts(failed: tuple[int, int]) -> None:
    order = CommitOrder()
    for number in failed:
        order.break_off(number)
    order.end(0)
    order.wait(1)
    with pytest.raises(BrokenOff):
        order.wait(2)
