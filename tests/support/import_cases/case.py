"""What a case is made of, and what many cases have in common."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.support.oracle import (
    ColumnMap,
    Contact,
    Failure,
    HeaderProblem,
    Options,
    PropertyMapping,
)


@dataclass(frozen=True)
class Case:
    """`counts` are created, updated, skipped, failed.

    `contacts` gives, per e-mail, the fields that must be so afterwards. Failures are without their
    values.
    """

    name: str
    data: bytes
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    failures: tuple[Failure, ...] = ()
    contacts: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    stored: tuple[Contact, ...] = ()
    header_error: HeaderProblem | None = None

    def start(self) -> dict[str, Contact]:
        """Fresh copies of the contacts that are stored before the import."""
        return {contact.email: copy.deepcopy(contact) for contact in self.stored}


def without_values(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Failures as cases have them."""
    return tuple(replace(failure, value=None) for failure in failures)


def failed(row: int, column: str | None, code: str) -> tuple[Failure, ...]:
    return (Failure(row, column, code),)


def first(name: str) -> dict[str, dict[str, object]]:
    """The one contact of most cases, by its first name."""
    return {"a@b.co": {"first_name": name}}


def typed(kind: str) -> Options:
    return Options(ColumnMap(properties={"p": PropertyMapping("p", kind)}))


def properties(**values: object) -> dict[str, dict[str, object]]:
    return {"a@b.co": {"properties": values}}


ONE = (1, 0, 0, 0)
NONE_BUT_ONE_FAILED = (0, 0, 0, 1)
