"""Items read in a thread of their own: in order, each given once, and no further than allowed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rollcall.imports.running.read_ahead import ReadAhead, as_exception
from tests.support.patience import wait_until

TINY = 0.001


def reading(
    items: Iterator[int], *, ahead: int = 1, hurry: threading.Event | None = None, **more: object
) -> ReadAhead[int]:
    return ReadAhead(items, ahead=ahead, patience=TINY, hurry=hurry or threading.Event(), **more)  # type: ignore[arg-type]


def nothing() -> None:
    """Do nothing while waiting."""


def take_all(ahead: ReadAhead[int]) -> list[int]:
    return list(iter(lambda: ahead.take(nothing), None))


def test_all_items_come_in_their_order() -> None:
    with reading(iter(range(100)), ahead=3) as ahead:
        assert take_all(ahead) == list(range(100))
        assert ahead.take(nothing) is None
    assert not ahead.is_abandoned


def test_several_takers_get_each_item_once() -> None:
    with reading(iter(range(500)), ahead=2) as ahead, ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take_all, [ahead] * 4))
    assert sorted(item for items in taken for item in items) == list(range(500))
    assert all(items == sorted(items) for items in taken)


def test_it_reads_no_further_ahead_than_it_may() -> None:
    read: list[int] = []
    taken = 0

    def items() -> Iterator[int]:
        for number in range(50):
            # Two wait to be taken, and one that was read has no room yet.
            assert number <= taken + 3
            read.append(number)
            yield number

    with reading(items(), ahead=2) as ahead:
        wait_until(lambda: len(read) == 3)
        for number in range(50):
            # Counted before it is taken: room is there as soon as it is.
            taken += 1
            assert ahead.take(nothing) == number


def test_while_an_item_is_waited_for_the_taker_does_something_else() -> None:
    waited = threading.Event()

    def items() -> Iterator[int]:
        assert waited.wait(60)
        yield 1

    with reading(items()) as ahead:
        assert ahead.take(waited.set) == 1


def test_an_error_comes_behind_the_items_before_it_and_once() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("in the file")

    with reading(items()) as ahead:
        assert ahead.take(nothing) == 1
        with pytest.raises(ValueError, match="in the file"):
            ahead.take(nothing)
        assert ahead.take(nothing) is None


def test_what_is_no_exception_is_raised_as_one() -> None:
    class Panic(BaseException):
        """As polars has it."""

    def items() -> Iterator[int]:
        yield from ()
        raise Panic

    with reading(items()) as ahead, pytest.raises(RuntimeError, match="Panic") as caught:
        ahead.take(nothing)
    assert isinstance(caught.value.__cause__, Panic)
    error = ValueError()
    assert as_exception(error) is error


def test_after_a_stop_nobody_gets_anything() -> None:
    with reading(iter(range(10)), ahead=5) as ahead:
        assert ahead.take(nothing) == 0
        ahead.stop()
        assert ahead.take(nothing) is None


def test_leaving_ends_a_thread_that_waits_for_room() -> None:
    with reading(iter(range(10))) as ahead:
        assert ahead.take(nothing) == 0
    assert not ahead.is_abandoned


@pytest.mark.parametrize("reason", ["stuck", "hurry"])
def test_a_thread_that_does_not_come_back_is_left_to_itself(reason: str) -> None:
    goes_on, hurry = threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        yield 0
        goes_on.wait()

    if reason == "hurry":
        hurry.set()
    with reading(items(), hurry=hurry, is_stuck=lambda: reason == "stuck") as ahead:
        assert ahead.take(nothing) == 0
    try:
        assert ahead.is_abandoned
    finally:
        goes_on.set()
    wait_until(lambda: not ahead.is_abandoned)
