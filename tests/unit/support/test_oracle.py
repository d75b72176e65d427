"""The oracle against the hand-written cases, and the csv reader and strategies they rest on."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import Phase, example, given, seed, settings
from hypothesis import strategies as st

from tests.support.import_cases import CASES
from tests.support.import_cases.case import Case, without_values
from tests.support.legacy import detect_legacy
from tests.support.oracle import Contact, HeaderError, Outcome, open_table, run_import
from tests.support.oracle_reader import Style, read_records
from tests.support.oracle_text import looks_like_utf8
from tests.support.strategies import Scenario, scenarios, two_imports

FAILURE_CODES = [
    "too_many_cells",
    "unterminated_quote",
    "invalid_encoding",
    "invalid_character",
    "value_too_long",
    "missing_email",
    "invalid_email",
    "invalid_boolean",
    "invalid_number",
]
WARNING_CODES = ["repeated_email", "resubscribed", "kept_unsubscribed", "cleaned_email"]
HEADER_PROBLEMS = ["empty_file", "missing_column", "duplicate_column"]
COUNTS = ["created", "updated", "skipped", "failed"]
VALUE_TYPES = ["str", "int", "float", "bool"]
EVENTS = {
    *(*FAILURE_CODES, *WARNING_CODES, *HEADER_PROBLEMS, *COUNTS, *VALUE_TYPES),
    "created, then changed",
}
# Five are usually enough. An event that one round in two misses is missed by all once in a billion.
MAX_ROUNDS = 30


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    contacts = case.start()
    if case.header_error:
        with pytest.raises(HeaderError) as caught:
            run_import(case.data, case.options, contacts, detect_legacy=detect_legacy)
        assert caught.value.kind == case.header_error
        assert contacts == case.start()
        return
    outcome = run_import(case.data, case.options, contacts, detect_legacy=detect_legacy)
    assert without_values(outcome.failures) == case.failures
    assert (outcome.created, outcome.updated, outcome.skipped, outcome.failed) == case.counts
    for email, fields in case.contacts.items():
        assert {name: getattr(contacts[email], name) for name in fields} == dict(fields)


def test_case_names_are_unique() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


def test_header_error_says_what_is_missing_and_what_was_found() -> None:
    with pytest.raises(HeaderError) as caught:
        run_import(b" Mail ,first_name\n", Case("", b"").options, {})
    assert caught.value.names == ("email",)
    assert caught.value.found == ("Mail", "first_name")


def test_a_legacy_file_is_read_in_the_detected_encoding() -> None:
    contacts: dict[str, Contact] = {}
    data = "email,first_name\na@b.co,Łukasz\n".encode("cp1250")
    run_import(data, Case("", b"").options, contacts, detect_legacy=lambda head: "cp1250")
    assert contacts["a@b.co"].first_name == "Łukasz"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"ascii", True),
        (b"\xc3\xa9", True),
        (b"\xe9", False),
        (b"\xc3\xa9 \xe9 ", False),
        (b"\xc3\xa9\xc3\xa9 \xe9 ", True),
        (b"\xc3\xa9 \xc3", True),
        (b"\xc3\xa9\xc3\xa9 \xc3", True),
        (b"\xef\xbf\xbd", True),
        (b"\xc3", False),
    ],
)
def test_looks_like_utf8(head: bytes, expected: bool) -> None:
    assert looks_like_utf8(head) is expected


# The reader: the records and the open quote are compared with csv's state machine, written out.


TEXTS = st.text(alphabet=st.sampled_from('",;\t|\r\na \0\ud800😀\u2028\x85\\'), max_size=30)


STYLES = st.builds(Style, st.sampled_from([",", ";", "\t"]), st.booleans(), st.booleans())


@settings(max_examples=1_000)
@given(TEXTS, STYLES)
@example('a,"b""', Style(","))
@example('a,"b"\r', Style(","))
@example('"\n', Style(","))
@example("", Style(","))
@example("a\\\n,b", Style(",", escapes=True))
@example('a, "b"', Style(",", skips_blanks=True))
def test_the_csv_module_is_the_state_machine(text: str, style: Style) -> None:
    wanted = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=style.delimiter,
        skipinitialspace=style.skips_blanks,
        escapechar="\\" if style.escapes else None,
    )
    assert [cells for cells, _ in style.machine().records(text)] == list(wanted)


@settings(max_examples=1_000)
@given(TEXTS, STYLES)
def test_records_are_those_of_the_csv_module_but_for_stray_quotes(text: str, style: Style) -> None:
    records = list(read_records(text, style))
    assert [record.row for record in records] == list(range(1, len(records) + 1))
    assert sum(record.lines for record in records) == len(list(io.StringIO(text, newline="")))
    if not any(record.unterminated for record in records):
        machine = style.machine()
        assert [list(record.cells) for record in records] == [
            cells for cells, _ in machine.records(text)
        ]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('a@b.co,"Bob,Smith\nb@b.co,Ann\n', ["a@b.co", '"Bob', "Smith"]),
        ('a@b.co,"x\ny","Bob\nb@b.co,Ann\n', ["a@b.co", "x\ny", '"Bob']),
        ('"a@b.co,Bob\n', ['"a@b.co', "Bob"]),
    ],
)
def test_what_can_be_told_apart_of_a_record_with_a_stray_quote(text: str, cells: list[str]) -> None:
    record = next(read_records(text, Style(",")))
    assert (record.code, list(record.cells)) == ("unterminated_quote", cells)


# What holds for every import, and whether the strategies get everywhere.


def run(scenario: Scenario) -> tuple[list[Outcome], dict[str, Contact]]:
    """All imports of the scenario whose header can be used."""
    contacts = scenario.start()
    outcomes = []
    for file in scenario.files:
        try:
            outcomes.append(run_import(file.data, file.options, contacts))
        except HeaderError:
            continue
    return outcomes, contacts


@given(scenarios())
def test_every_record_is_counted_once(scenario: Scenario) -> None:
    outcomes, contacts = run(scenario)
    file = scenario.files[0]
    table = open_table(file.data, file.options, lambda head: "cp1252")
    for outcome in outcomes:
        assert outcome.total == len(table.records)
        assert outcome.failed == len(outcome.failures)
        assert len(contacts) == len(scenario.stored) + outcome.created
        rows = [failure.row for failure in outcome.failures]
        assert rows == sorted(set(rows))


@given(scenarios())
def test_skip_mode_never_touches_a_stored_contact(scenario: Scenario) -> None:
    file = scenario.files[0]
    skipping = replace(file, options=replace(file.options, on_conflict="skip"))
    _, contacts = run(replace(scenario, files=(skipping,)))
    for email, before in scenario.start().items():
        assert contacts[email] == before


@given(two_imports())
def test_contacts_keep_their_key_order_and_never_get_older(scenario: Scenario) -> None:
    _, contacts = run(scenario)
    assert list(contacts)[: len(scenario.stored)] == [contact.email for contact in scenario.stored]
    for email, before in scenario.start().items():
        after = contacts[email]
        assert after.email == email == email.lower()
        assert after.version >= before.version
        assert after.segments >= before.segments


@pytest.fixture(scope="module")
def reached() -> set[str]:
    """Everything that examples come to, in as many rounds as that takes.

    What is drawn depends on the modules that happen to be loaded, and the examples of one round are
    much alike: what one in twenty has in some rounds is in none of another's five hundred.
    """
    reached: set[str] = set()
    for number in range(MAX_ROUNDS):
        collect = _round(number, reached)
        collect()
        if reached >= EVENTS:
            break
    return reached


def _round(number: int, reached: set[str]) -> Callable[[], None]:
    @seed(number)
    @settings(max_examples=100, database=None, phases=[Phase.generate])
    @given(two_imports())
    def collect(scenario: Scenario) -> None:
        reached.update(what_happens_in(scenario))

    return collect


def what_happens_in(scenario: Scenario) -> Iterator[str]:
    outcomes, contacts = run(scenario)
    yield from header_problems_of(scenario)
    for outcome in outcomes:
        yield from (failure.code for failure in outcome.failures)
        yield from (warned.code for warned in outcome.warnings)
        yield from (count for count in COUNTS if getattr(outcome, count) > 1)
    for email in contacts.keys() - scenario.start().keys():
        yield from (type(value).__name__ for value in contacts[email].properties.values())
        if contacts[email].version > 0:
            yield "created, then changed"


def header_problems_of(scenario: Scenario) -> Iterator[str]:
    for file in scenario.files:
        try:
            run_import(file.data, file.options, {})
        except HeaderError as error:
            yield error.kind


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_strategies_reach(event: str, reached: set[str]) -> None:
    assert event in reached
