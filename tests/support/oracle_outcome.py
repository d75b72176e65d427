"""What the oracle has to say of an import: its contacts, and what became of its records."""

from dataclasses import dataclass, field

from tests.support.oracle_cells import Value


@dataclass
class Contact:
    """A stored contact. `version` grows whenever a field's value changes, as `updated_at` moves.

    Memberships do not move it.
    """

    email: str
    first_name: str | None = None
    last_name: str | None = None
    unsubscribed: bool = False
    properties: dict[str, Value] = field(default_factory=dict)
    segments: set[str] = field(default_factory=set)
    topics: dict[str, str] = field(default_factory=dict)
    version: int = 0
    # The imports and the rows by which it was created and last changed, if by one.
    created_by: "tuple[Outcome, int] | None" = field(default=None, compare=False, repr=False)
    changed_by: "tuple[Outcome, int] | None" = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Failure:
    """`value` is the cell at fault; what cannot be stored of it is replaced, and it is cut."""

    row: int
    column: str | None
    code: str
    value: str | None = None


@dataclass(frozen=True, order=True)
class Warned:
    """Something remarkable about a row that does not fail; `value` is the contact's address, or
    its cell."""

    row: int
    code: str
    column: str
    value: str


@dataclass
class Outcome:
    """What has become of the records: how many of each, and of each row, by its number."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    rows: dict[int, str] = field(default_factory=dict)
    emails: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.created + self.updated + self.skipped + self.failed
