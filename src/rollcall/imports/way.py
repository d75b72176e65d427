"""Which way the contacts of a run go into the database, as far as is known by now."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from rollcall.imports.batch import Contacts, Part, Prepared
from rollcall.imports.contact_rows import encode_any, encode_new
from rollcall.imports.kinds import OnConflict

# The two ways into the database: contacts that are all new, and any others.
NEW, ANY = "new", "any"
# Each leaves the rows behind that it had copied, until the next vacuum.
MAX_FAILED_COPIES = 3


@dataclass(frozen=True, kw_only=True)
class MergeOptions:
    """What an import does with its contacts, the same for all of its batches."""

    team_id: uuid.UUID
    import_id: uuid.UUID
    on_conflict: OnConflict
    segments: tuple[uuid.UUID, ...]
    topics: dict[uuid.UUID, str]
    resubscribe: bool = True
    dry_run: bool = False

    def topic_choices(self) -> dict[str, str]:
        """Return the topics as contacts hold them."""
        return {str(topic): choice for topic, choice in self.topics.items()}


class Way:
    """Encodes contacts for the COPY they will probably take.

    A guess, and shared by all threads of a run: whoever finds that it was wrong says so, and
    encodes again.
    """

    def __init__(self, options: MergeOptions):
        self.options = options
        # A dry run merges everything, because it wants to know what would change.
        self._form = ANY if options.dry_run else NEW
        self._failed_copies = 0

    @property
    def may_copy(self) -> bool:
        """Whether contacts that seem new may be sent as such."""
        return self._failed_copies < MAX_FAILED_COPIES

    def note(self, *, all_new: bool) -> None:
        """Take what held for the last contacts for what will hold for the next."""
        self._form = NEW if all_new else ANY

    def note_failed_copy(self) -> None:
        """Remember that contacts were sent as new and were not."""
        self._failed_copies += 1

    def prepare(self, contacts: Contacts, is_known: bool) -> Prepared:
        """Encode contacts in the form in which they will probably be sent."""
        return self._encode(contacts, ANY if is_known else self._form)

    def pieces(self, part: Part, form: str) -> Iterable[bytes]:
        """Return contacts in a form: the one they were prepared in, or another."""
        if part.prepared.form == form:
            return part.prepared.pieces
        return self._encode(part.contacts, form).pieces

    def _encode(self, contacts: Contacts, form: str) -> Prepared:
        options = self.options
        pieces = (
            encode_new(contacts, options.team_id, options.topic_choices())
            if form == NEW
            else encode_any(contacts)
        )
        return Prepared(form=form, pieces=list(pieces))
