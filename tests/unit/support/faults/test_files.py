"""Files of a seed have what makes imports differ: rows that fail, that come twice, that are new."""

from __future__ import annotations

import random

from rollcall.imports.intake.form import read_options
from rollcall.imports.kinds import OnConflict
from tests.support import oracle
from tests.support.faults.files import FIELDS, FileMaker

PEOPLE = [f"p{number}@example.com" for number in range(500)]
SEGMENT = "5e900000-0000-4000-8000-000000000000"
TOPIC = "70b1c000-0000-4000-8000-000000000000"
LISTS = (SEGMENT,), ((TOPIC, "opt_in"),)


def maker(seed: str) -> FileMaker:
    return FileMaker(random=random.Random(seed))


def test_a_seed_makes_the_same_file_each_time() -> None:
    assert maker("7").make(PEOPLE, FIELDS, LISTS) == maker("7").make(PEOPLE, FIELDS, LISTS)


def test_a_spoilt_file_has_rows_of_every_kind() -> None:
    upload = maker("7").make(PEOPLE, FIELDS, LISTS)
    outcome = oracle.run_import(upload.data, upload.options, {})
    assert 400 < outcome.created < 500
    assert outcome.updated > 0
    codes = {failure.code for failure in outcome.failures}
    assert codes == {"missing_email", "invalid_email", "invalid_number"}
    assert {warning.code for warning in outcome.warnings} >= {"repeated_email"}


def test_one_that_is_not_spoilt_has_each_address_once() -> None:
    upload = maker("7").make(PEOPLE, ["first_name"], LISTS, is_spoilt=False)
    outcome = oracle.run_import(upload.data, upload.options, {})
    assert sorted(outcome.emails.values()) == sorted(PEOPLE)
    assert outcome.created == len(PEOPLE)


def test_the_form_asks_for_what_the_oracle_is_told() -> None:
    upload = maker("7").make(PEOPLE, FIELDS, LISTS, on_conflict="skip")
    asked = read_options(upload.form())
    assert asked.on_conflict is OnConflict.SKIP
    assert [str(id_) for id_ in asked.segments] == [SEGMENT]
    assert {str(id_): str(choice) for id_, choice in asked.topics.items()} == {TOPIC: "opt_in"}
    assert not asked.dry_run
