"""What stands in the way of a draft, or will make rows of it fail. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class ProblemCode(enum.StrEnum):
    """What is wrong; those of `WARNINGS` do not stop the way."""

    MISSING_EMAIL = "missing_email"
    NO_HEADER = "no_header"
    NO_ROWS = "no_rows"
    TOO_MANY_PROPERTIES = "too_many_properties"
    NO_NAME = "no_name"
    NO_ADDRESSES = "no_addresses"
    FEW_ADDRESSES = "few_addresses"
    SOME_NO_ADDRESSES = "some_no_addresses"
    TAKEN_TWICE = "taken_twice"
    NAMES_TWICE = "names_twice"
    NO_KEY = "no_key"
    BAD_KEY = "bad_key"
    OTHER_TYPE = "other_type"
    UNFIT_CELLS = "unfit_cells"
    NO_WORDS = "no_words"
    UNCLEAR_CONSENT = "unclear_consent"


WARNINGS = frozenset(
    {
        ProblemCode.NO_ROWS,
        ProblemCode.SOME_NO_ADDRESSES,
        ProblemCode.UNFIT_CELLS,
        ProblemCode.UNCLEAR_CONSENT,
    }
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a column, or with all of them, and what a sentence about it names."""

    code: ProblemCode
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        """Whether nothing can be imported before it is mended."""
        return self.code not in WARNINGS


def problem(code: ProblemCode, **values: str | int) -> Problem:
    """Return a problem with what it names."""
    return Problem(code=code, values=values)
