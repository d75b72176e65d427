"""A partition of which some contacts may be stored: it is compared, and what differs is written.

Between two statements others may write. What they have created makes the COPY fail, and what they
have deleted or changed makes an update write less than was found: the batch is repeated then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from psycopg.errors import SerializationFailure

from rollcall.database.connections import Connection
from rollcall.database.statements import load_statements
from rollcall.imports.batching.batch import Contacts
from rollcall.imports.copying.contact_rows import encode_direct, encode_merged
from rollcall.imports.copying.copy_path import CopyPath
from rollcall.imports.merging.arrays import as_array, as_parameters
from rollcall.imports.merging.merged import ID_BYTES, Bytes, Merged

STATEMENTS = load_statements(__package__, "merge.sql")
Numbers = npt.NDArray[np.int64]


@dataclass(kw_only=True)
class StoredContacts:
    """The contacts of a partition against those that are stored.

    Args:
        parameters: of the statements: team, topics, time, whether consent matters, the arrays.
        topics: the choices that new contacts get.
    """

    connection: Connection
    copy_path: CopyPath
    contacts: Contacts
    parameters: dict[str, Any]
    topics: dict[str, str]
    # Ids of contacts that got another name.
    _named: list[Bytes] = field(default_factory=list)

    def upsert(self) -> Merged:
        """Create those that are missing, and update those that differ."""
        merged = self._upsert()
        self._note_names()
        return merged

    def create_missing(self) -> Merged:
        """Create those that are missing; the others stay as they are."""
        merged = self._create(_numbers(self._row("find_missing", self.parameters)[0]))
        self._note_names()
        return merged

    def _upsert(self) -> Merged:
        merged, done = Merged(), np.empty(0, np.int64)
        if self.copy_path.most_change:
            # One look at each contact is enough, if all of them do.
            merged, done = self._update(self.contacts, self.parameters)
            if len(done) == self._size:
                return merged
        missing, differing = self._compare()
        # Those whose records disagree differ from whatever is stored.
        differing = np.setdiff1d(differing, done, assume_unique=True)
        self.copy_path.most_change = 2 * (len(differing) + len(done)) > self._size
        if len(differing):
            merged += self._update_some(differing)
        return merged + self._create(missing)

    @property
    def _size(self) -> int:
        return self.contacts.fields.height

    def _compare(self) -> tuple[Numbers, Numbers]:
        missing, differing = self._row("compare", self.parameters)
        return _numbers(missing), _numbers(differing)

    def _update_some(self, numbers: Numbers) -> Merged:
        contacts, parameters = self.contacts, self.parameters
        if len(numbers) < self._size:
            contacts = self._pick(numbers)
            parameters = {**parameters, **as_parameters(encode_merged(contacts))}
        merged, done = self._update(contacts, parameters)
        if len(done) < len(numbers):
            raise SerializationFailure("contacts were written between two statements")
        return merged

    def _update(self, contacts: Contacts, parameters: dict[str, Any]) -> tuple[Merged, Numbers]:
        numbers, ids, renamed, unsubscribed = self._row("update_contacts", parameters)
        found, own = _numbers(numbers), _ids(ids)
        self._named.append(_ids(renamed))
        changed = np.hstack([contacts.ids[found - 1], own])
        return Merged(changed=changed, unsubscribed=unsubscribed or []), found

    def _create(self, numbers: Numbers) -> Merged:
        if not len(numbers):
            return Merged()
        contacts = self._pick(numbers)
        statement = STATEMENTS["copy_new_with_topics" if self.topics else "copy_new"]
        with self.connection.cursor().copy(statement) as copy:
            for chunk in encode_direct(contacts, self.parameters["team_id"], self.topics):
                copy.write(chunk)
        names = contacts.fields.select(pl.col("first_name", "last_name").is_not_null())
        self._named.append(contacts.ids[(names["first_name"] | names["last_name"]).to_numpy()])
        return Merged(created=contacts.ids)

    def _note_names(self) -> None:
        """Have the names of contacts sorted in; see `rollcall.contacts.names`."""
        if any(map(len, self._named)):
            ids = np.concatenate(self._named)
            parameters = {"team_id": self.parameters["team_id"], "contact_ids": as_array(ids)}
            self.connection.execute(STATEMENTS["note_names_of"], parameters)

    def _pick(self, numbers: Numbers) -> Contacts:
        if len(numbers) == self._size:
            return self.contacts
        mask = np.zeros(self._size, np.bool_)
        mask[numbers - 1] = True
        return self.contacts.filter(pl.Series(mask))

    def _row(self, statement: str, parameters: dict[str, Any]) -> Any:
        return fetch_row(self.connection, statement, parameters)


def fetch_row(connection: Connection, statement: str, parameters: dict[str, Any]) -> Any:
    """Return the one row of a statement, planned anew: tables grow while an import runs."""
    found = connection.execute(STATEMENTS[statement], parameters, prepare=False, binary=True)
    return found.fetchone()


def _numbers(found: bytes | None) -> Numbers:
    """Return numbers that a statement has strung together."""
    return np.frombuffer(found or b"", ">i8").astype(np.int64)


def _ids(found: bytes | None) -> Bytes:
    """Return ids that a statement has strung together."""
    return np.frombuffer(found or b"", np.uint8).reshape(-1, ID_BYTES)
