"""The oracle against the hand-written cases, and the csv reader and strategies they rest on."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.import_cases import CASES, Case, without_values
from tests.oracle import (
    DELIMITERS,
    Contact,
    HeaderError,
    Outcome,
    decode,
    find_delimiter,
    looks_like_utf8,
    read_records,
    run_import,
)
from tests.strategies import Scenario, scenarios, two_imports

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
WARNING_CODES = ["repeated_email", "resubscribed", "kept_unsubscribed"]
HEADER_PROBLEMS = ["empty_file", "missing_column", "duplicate_column"]
COUNTS = ["created", "updated", "skipped", "failed"]
VALUE_TYPES = ["str", "int", "float", "bool"]
# Examples with the longest cells take their time, above all on a busy machine.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    contacts = case.start()
    if case.header_error:
        with pytest.raises(HeaderError) as caught:
            run_import(case.data, case.options, contacts)
        assert caught.value.kind == case.header_error
        assert contacts == case.start()
        return
    outcome = run_import(case.data, case.options, contacts)
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
        (b"\xef\xbf\xbd", True),
        (b"\xc3", False),
    ],
)
def test_looks_like_utf8(head: bytes, expected: bool) -> None:
    assert looks_like_utf8(head) is expected


# The reader: the records and the open quote are compared with csv's state machine, written out.


@dataclass
class Machine:
    """CPython's `_csv` reader for the default, non-strict dialect, fed with whole texts."""

    delimiter: str
    state: str = "START_RECORD"
    cell: str = ""
    cells: list[str] = field(default_factory=list)

    def records(self, text: str) -> Iterator[tuple[list[str], bool]]:
        for line in io.StringIO(text, newline=""):
            for character in line:
                self.step(character)
            self.end_line()
            if self.state == "START_RECORD":
                yield self.cells, False
                self.cells = []
        if self.state == "IN_QUOTED_FIELD":
            self.save("START_RECORD")
            yield self.cells, True

    def step(self, character: str) -> None:
        if self.state == "IN_QUOTED_FIELD":
            self.in_quoted_field(character)
        elif character in "\r\n":
            if self.state not in ("START_RECORD", "EAT_CRNL"):
                self.save("EAT_CRNL")
            self.state = "EAT_CRNL"
        elif character == self.delimiter:
            self.save("START_FIELD")
        elif character == '"' and self.state != "IN_FIELD":
            self.quote()
        else:
            self.add(character, "IN_FIELD")

    def in_quoted_field(self, character: str) -> None:
        if character == '"':
            self.state = "QUOTE_IN_QUOTED_FIELD"
        else:
            self.add(character, "IN_QUOTED_FIELD")

    def quote(self) -> None:
        if self.state == "QUOTE_IN_QUOTED_FIELD":
            self.cell += '"'
        self.state = "IN_QUOTED_FIELD"

    def end_line(self) -> None:
        if self.state in ("START_FIELD", "IN_FIELD", "QUOTE_IN_QUOTED_FIELD"):
            self.save("START_RECORD")
        elif self.state == "EAT_CRNL":
            self.state = "START_RECORD"

    def add(self, character: str, state: str) -> None:
        self.cell += character
        self.state = state

    def save(self, state: str) -> None:
        self.cells.append(self.cell)
        self.cell = ""
        self.state = state


TEXTS = st.text(alphabet=st.sampled_from('",;\t|\r\na \0\ud800😀\u2028\x85\\'), max_size=30)


@settings(max_examples=1_000, deadline=None)
@given(TEXTS, st.sampled_from(DELIMITERS))
@example('a,"b""', ",")
@example('a,"b"\r', ",")
@example('"\n', ",")
@example("", ",")
def test_reader_is_the_state_machine(text: str, delimiter: str) -> None:
    records = [
        (list(record.cells), record.unterminated) for record in read_records(text, delimiter)
    ]
    assert records == list(Machine(delimiter).records(text))
    assert [cells for cells, _ in records] == list(
        csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    )


@settings(max_examples=1_000, deadline=None)
@given(TEXTS)
def test_an_open_quote_stays_open(text: str) -> None:
    """A second opinion: another line without quotes opens and closes none."""
    records = list(read_records(text, ","))
    longer = list(read_records(text + "\nx,y", ","))
    assert any(record.unterminated for record in records) == any(
        record.unterminated for record in longer
    )
    assert [record.unterminated for record in records[:-1]] == [False] * len(records[:-1])


@given(TEXTS)
def test_row_numbers_count_every_record(text: str) -> None:
    rows = [record.row for record in read_records(text, ",")]
    assert rows == list(range(1, len(rows) + 1))


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


@UNHURRIED
@given(scenarios())
def test_every_record_is_counted_once(scenario: Scenario) -> None:
    outcomes, contacts = run(scenario)
    file = scenario.files[0]
    text = decode(file.data, lambda head: "cp1252")
    records = [
        record
        for record in read_records(text, find_delimiter(text, file.options))
        if not record.is_blank
    ]
    for outcome in outcomes:
        assert outcome.total == len(records) - 1
        assert outcome.failed == len(outcome.failures)
        assert len(contacts) == len(scenario.stored) + outcome.created
        rows = [failure.row for failure in outcome.failures]
        assert rows == sorted(set(rows))


@UNHURRIED
@given(scenarios())
def test_skip_mode_never_touches_a_stored_contact(scenario: Scenario) -> None:
    file = scenario.files[0]
    skipping = replace(file, options=replace(file.options, on_conflict="skip"))
    _, contacts = run(replace(scenario, files=(skipping,)))
    for email, before in scenario.start().items():
        assert contacts[email] == before


@UNHURRIED
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
    """What some hundred examples come to; the same ones every time."""
    reached: set[str] = set()

    @settings(UNHURRIED, max_examples=400, derandomize=True, database=None, phases=[Phase.generate])
    @given(two_imports())
    def collect(scenario: Scenario) -> None:
        reached.update(what_happens_in(scenario))

    collect()
    return reached


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


@pytest.mark.parametrize(
    "event",
    [
        *FAILURE_CODES,
        *WARNING_CODES,
        *HEADER_PROBLEMS,
        *COUNTS,
        *VALUE_TYPES,
        "created, then changed",
    ],
)
def test_strategies_reach(event: str, reached: set[str]) -> None:
    assert event in reached
