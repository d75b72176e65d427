"""What is said of a cell while it is typed against what the engine says of its record."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from rollcall.imports.checkpoint import START
from rollcall.imports.column_map import ColumnMap
from rollcall.imports.mapping.mapper import map_chunk
from rollcall.imports.mapping.plan import Plan, make_plan
from rollcall.imports.mending.checks import Problem, first_problem
from rollcall.imports.mending.layout import checking
from rollcall.imports.reading.chunks import Chunk
from rollcall.imports.reading.records import ParsedRecords
from rollcall.imports.sentences import UNREADABLE_BEGINS
from tests.support import cell_strategies as pools
from tests.support.oracle_cells import strip

HEADER = ("E", "Out", "Name", "Vip", "Price", "Preis", "Plan", "Status")
COLUMN_MAP = ColumnMap.model_validate(
    {
        "email": "E",
        "full_name": "Name",
        "unsubscribed": "Out",
        "properties": {
            "vip": {"column": "Vip", "type": "boolean"},
            "price": {"column": "Price", "type": "number"},
            "preis": {"column": "Preis", "type": "number", "decimal": ","},
            "plan": {"column": "Plan"},
        },
    }
)
PLAN = checking(make_plan(COLUMN_MAP, HEADER))
WITH_REASONS = checking(make_plan(COLUMN_MAP, (*HEADER, "import_row", "import_error")))
OTHER_WORDS = checking(
    make_plan(
        ColumnMap.model_validate(
            {"email": "E", "unsubscribed": {"column": "Status", "true_when": ["Gone"]}}
        ),
        HEADER,
    )
)

CELLS = st.one_of(
    st.sampled_from(
        [
            *pools.EMAILS,
            *pools.PASTED_EMAILS,
            *pools.BAD_EMAILS,
            *pools.TRUE_AND_FALSE,
            *pools.NUMBERS,
            *pools.NO_NUMBERS,
            *pools.COMMA_NUMBERS,
            *pools.HOSTILE,
            *pools.FORMULAS,
            *pools.BLANKS,
            *pools.LONG,
            *pools.BROKEN,
            "Unsubscribed",
            "SUBSCRIBED",
            "\ufffd",
            "O\u212a",
        ]
    ),
    st.text(max_size=12),
    st.from_regex(r"[+-]?[0-9]{0,4}[.,' ]?[0-9]{0,4}([eE][+-]?[0-9]{0,3})?", fullmatch=True),
)
RECORDS = st.lists(st.lists(CELLS, min_size=1, max_size=11), min_size=1, max_size=6)


def engine(plan: Plan, records: Sequence[list[str]]) -> dict[int, tuple[str, str | None]]:
    """Return what each of some records fails with: the code and the name of the column."""
    chunk = Chunk(
        first_row=0,
        last_row=len(records) - 1,
        start=START,
        resume=START,
        records=ParsedRecords(records),
    )
    return {each.row: (each.code, each.column) for each in map_chunk(chunk, plan).failures}


def named(plan: Plan, problem: Problem) -> tuple[str, str | None]:
    columns = {target.index: target.column for target in plan.targets}
    assert problem.column is not None
    return problem.code, columns.get(problem.column)


def is_blank(record: list[str]) -> bool:
    return not any(strip(cell) for cell in record)


@given(records=RECORDS, plan=st.sampled_from([PLAN, OTHER_WORDS]))
@example(records=[["a@b.co", "", "", "", "1e400", "1.234,5"]], plan=PLAN)
def test_a_record_is_taken_here_if_and_only_if_the_engine_takes_it(
    records: list[list[str]], plan: Plan
) -> None:
    said = engine(plan, records)
    for at, record in enumerate(records):
        if is_blank(record):
            # The engine passes over it, and here it has no address.
            assert at not in said
            continue
        problem = first_problem(plan, record)
        assert (problem and named(plan, problem)) == said.get(at)


@given(record=st.lists(CELLS, min_size=8, max_size=8), is_unreadable=st.booleans())
@example(record=["x\ufffd@b.co"] * 8, is_unreadable=True)
def test_a_cell_that_nobody_could_read_has_to_be_typed_again(
    record: list[str], is_unreadable: bool
) -> None:
    reason = f'{UNREADABLE_BEGINS}column "E"' if is_unreadable else "another one"
    record = [*record, "7", reason]
    problem = first_problem(WITH_REASONS, record)
    assert (problem and named(WITH_REASONS, problem)) == engine(WITH_REASONS, [record]).get(0)
