"""Every code has its sentence, and those that nobody knows have one too."""

from __future__ import annotations

import pytest

from rollcall.imports.issues import FailureCode, WarningCode
from rollcall.imports.kinds import ErrorCode
from rollcall.imports.sentences import (
    ERRORS,
    FAILURES,
    PASSING_ERRORS,
    WARNINGS,
    explain_error,
    explain_failure,
    explain_passing_error,
    explain_warning,
)


def test_every_code_has_its_sentence() -> None:
    assert list(FAILURES) == list(FailureCode)
    assert list(WARNINGS) == list(WarningCode)
    assert set(ERRORS) == set(ErrorCode)
    # What an import ends with at once is never waited with.
    at_once = {
        ErrorCode.FILE_MISSING,
        ErrorCode.FILE_DAMAGED,
        ErrorCode.UNREADABLE_FILE,
        ErrorCode.CANCELLED,
    }
    assert set(ErrorCode) - at_once <= set(PASSING_ERRORS)


@pytest.mark.parametrize("code", FailureCode)
def test_failures_are_explained_with_what_is_known(code: FailureCode) -> None:
    sentence = explain_failure(code, "Some column", "some value")
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert "Some column" in sentence or code in (
        FailureCode.TOO_MANY_CELLS,
        FailureCode.UNTERMINATED_QUOTE,
    )


@pytest.mark.parametrize("code", WarningCode)
def test_warnings_are_explained(code: WarningCode) -> None:
    assert "{" not in explain_warning(code, "ann@gmial.com")


def test_codes_of_a_newer_version_are_named() -> None:
    assert '"from_tomorrow"' in explain_failure("from_tomorrow", None, None)
    assert '"from_tomorrow"' in explain_warning("from_tomorrow", None)
    assert '"from_tomorrow"' in explain_error("from_tomorrow", dry_run=False)
    assert explain_passing_error("from_tomorrow").endswith(".")


def test_a_cancelled_dry_run_has_kept_nothing() -> None:
    assert "kept" in explain_error(ErrorCode.CANCELLED, dry_run=False)
    assert "imports nothing" in explain_error(ErrorCode.CANCELLED, dry_run=True)


@pytest.mark.parametrize(
    ("value", "end"),
    [
        ("ann", "is not a complete e-mail address: there is no @ in it."),
        # What would have been cleaned is not what is wrong.
        ("Ann <ann@b>,", "is not a complete e-mail address: there is no dot behind the @."),
        ("{}@b.co,c@{}", "is not a complete e-mail address: there are several addresses in it."),
        (f"{'x' * 50}@{'b.' * 74}…", "is not a complete e-mail address."),
        (f"{'x y' * 66}x…", "is not a complete e-mail address: there is a space in it."),
    ],
)
def test_a_failed_address_is_told_what_is_wrong_with_it(value: str, end: str) -> None:
    sentence = explain_failure(FailureCode.INVALID_EMAIL, "E-mail", value)
    assert sentence.partition('in column "E-mail" ')[2] == end


def test_a_cleaned_address_is_named() -> None:
    sentence = explain_warning(WarningCode.CLEANED_EMAIL, "Ann <Ann@Müller.de>;")
    assert sentence == '"Ann <Ann@Müller.de>;" was read as ann@xn--mller-kva.de.'
    cut = "Ann" * 66 + "A…"
    assert explain_warning(WarningCode.CLEANED_EMAIL, cut).endswith(
        "was read as the address in it."
    )


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("many", "write it like -1234.5."),
        ("99,90", "write it like -1234.5."),
        ("1e999", "write it like -1234.5."),
        # Only where decimal commas are read is this no number.
        ("99.90", "this import reads decimal commas, so write it like -1234,5 or -1.234,5."),
    ],
)
def test_a_number_is_said_to_be_written_as_the_import_reads_it(value: str, hint: str) -> None:
    sentence = explain_failure(FailureCode.INVALID_NUMBER, "Price", value)
    assert sentence == f'"{value}" in column "Price" is not a number that can be read: {hint}'
