"""Which tests a process begins with, and which ones are left for those that are done early."""

from __future__ import annotations

from tests.support.sharing_out import share_out

LONG = [f"tests/acceptance/test_{number}.py::test" for number in range(4)]
OUTAGES = [f"tests/acceptance/outages/test_{number}.py::test" for number in range(3)]
FAULTS = [f"tests/faults/test_{number}.py::test" for number in range(3)]
DATABASE = [f"tests/integration/test_{number}.py::test" for number in range(4)]
UNIT = [f"tests/unit/test_a.py::test[{number}]" for number in range(40)]


def test_every_process_begins_with_what_takes_long() -> None:
    names = [*LONG, *DATABASE, *UNIT]
    order = [names[place] for place in share_out(names, 4)]
    assert sorted(order) == sorted(names)
    parts = [order[begin : begin + 12] for begin in range(0, 48, 12)]
    for part in parts:
        assert part[0] in LONG
        assert part[1] in DATABASE
        assert set(part[2:]) <= set(UNIT)


def test_what_has_servers_in_common_stays_together() -> None:
    names = [*OUTAGES, *FAULTS, *LONG, *UNIT]
    order = [names[place] for place in share_out(names, 4)]
    for together in (OUTAGES, FAULTS):
        begin = order.index(together[0])
        assert order[begin : begin + 3] == together


def test_few_tests_are_all_run() -> None:
    for names in ([], LONG[:1], UNIT[:3], [*LONG, *OUTAGES]):
        assert sorted(share_out(names, 4)) == list(range(len(names)))
