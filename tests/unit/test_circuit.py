"""Not everybody waits for what is away, and one at a time sees whether it is back."""

from __future__ import annotations

import pytest

from rollcall.circuit import Circuit
from tests.support.patience import wait_until

# Longer than a test runs, and over as soon as it has begun.
LONG, NO_TIME = 86_400.0, 0.0


def test_while_all_is_well_all_are_let_through() -> None:
    circuit = Circuit(LONG)
    assert [circuit.lets_through() for _ in range(3)] == [True] * 3
    circuit.succeeded()
    assert circuit.lets_through()


def test_after_a_failure_nobody_is_let_through_until_the_pause_is_over() -> None:
    circuit = Circuit(LONG)
    circuit.failed()
    assert [circuit.lets_through() for _ in range(3)] == [False] * 3


def test_after_a_pause_one_is_let_through_and_the_others_wait_for_the_next() -> None:
    circuit = Circuit(NO_TIME)
    circuit.failed()
    circuit._pause = LONG
    assert [circuit.lets_through() for _ in range(3)] == [True, False, False]


def test_a_success_lets_all_through_again() -> None:
    circuit = Circuit(LONG)
    circuit.failed()
    circuit.succeeded()
    assert [circuit.lets_through() for _ in range(3)] == [True] * 3


@pytest.mark.parametrize("succeeds_between", [True, False])
def test_of_many_failures_one_in_a_pause_is_logged(succeeds_between: bool) -> None:
    circuit = Circuit(LONG)
    logged = []
    for _ in range(3):
        logged.append(circuit.failed())
        if succeeds_between:
            circuit.succeeded()
    assert logged == [True, False, False]


def test_failures_are_logged_again_when_the_pause_is_over() -> None:
    circuit = Circuit(0.001)
    assert circuit.failed()
    wait_until(circuit.failed)
