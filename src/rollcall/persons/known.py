"""What is known of a person."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from rollcall.contacts.addresses import read_address
from rollcall.database.statements import load_statements
from rollcall.errors import NotFound, ValidationFailed
from rollcall.storage.objects import Storage

STATEMENTS = load_statements(__package__, "persons.sql")
LISTS = ("failures", "warnings", "changes", "edits", "words")
BLOCK = 1024 * 1024
Connection = psycopg.Connection[Any]


class NoSuchTeam(NotFound):
    """There is no team of this name."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """An address of a team, as contacts have it."""

    team_id: uuid.UUID
    email: str

    def parameters(self) -> dict[str, Any]:
        return {"team_id": self.team_id, "email": self.email}


@dataclass(frozen=True, kw_only=True)
class FileWith:
    """A stored file in which the address is, and the imports that were begun with it."""

    key: str
    import_ids: tuple[uuid.UUID, ...]
    is_at_work: bool


def find_person(connection: Connection, team: str, email: str) -> Person:
    """Return a person, whether anything is known of them or not.

    Raises:
        NoSuchTeam: there is no such team.
        ValidationFailed: it is no e-mail address.
    """
    row = connection.execute(STATEMENTS["team"], {"team": team}).fetchone()
    if row is None:
        raise NoSuchTeam
    address = read_address(email.strip())
    if address is None:
        raise ValidationFailed("This is no e-mail address.")
    return Person(team_id=row[0], email=address)


def export(connection: Connection, storage: Storage, person: Person) -> dict[str, Any]:
    """Return all that is kept under the address, as JSON has it."""
    parameters = person.parameters()
    contact = connection.execute(STATEMENTS["contact"], parameters).fetchone()
    lists = {
        name: [row[0] for row in connection.execute(STATEMENTS[name], parameters)] for name in LISTS
    }
    files = [
        {"key": file.key, "import_ids": list(map(str, file.import_ids))}
        for file in find_files(connection, storage, person)
    ]
    return {"email": person.email, "contact": contact and contact[0], **lists, "files": files}


def find_files(connection: Connection, storage: Storage, person: Person) -> Iterator[FileWith]:
    """Read every stored file of the team, and yield those in which the address is.

    It is looked for as it is and with its domain in its own script, whatever the case.
    """
    for key, encoding, is_at_work, ids in connection.execute(
        STATEMENTS["files"], person.parameters()
    ).fetchall():
        try:
            if _has(storage, key, _spellings(person.email, encoding or "utf-8")):
                yield FileWith(key=key, import_ids=tuple(ids or ()), is_at_work=is_at_work)
        except FileNotFoundError:
            continue


def _spellings(email: str, encoding: str) -> list[bytes]:
    local, _, domain = email.partition("@")
    words = {email}
    if "xn--" in domain:
        words.add(f"{local}@{domain.encode().decode('idna')}")
    found = []
    for word in words:
        for codec in {encoding, "utf-8"}:
            try:
                found.append(word.encode(codec.removesuffix("-sig")))
            except (LookupError, UnicodeEncodeError):
                continue
    return [_without_mark(each) for each in found]


def _without_mark(data: bytes) -> bytes:
    """Take off what some encodings put before every text."""
    for mark in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"\xff\xfe", b"\xfe\xff"):
        data = data.removeprefix(mark)
    return data


def _has(storage: Storage, key: str, spellings: list[bytes]) -> bool:
    overlap = max(map(len, spellings))
    with storage.open(key) as file:
        rest = b""
        while block := file.read(BLOCK):
            # Letters of ASCII are the same bytes in every encoding that has them in one piece.
            text = (rest + block).lower()
            if any(spelling in text for spelling in spellings):
                return True
            rest = text[-overlap:]
    return False
