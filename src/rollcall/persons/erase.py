"""Erasing a person from all that is kept of a team."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rollcall.persons.known import STATEMENTS, Connection, FileWith, Person, find_files
from rollcall.storage.objects import Storage

# What stands where the address stood, of what has to stay for the counts to be right.
ERASED = "(erased)"
STEPS = {
    "erase_names": "sorted lists of names",
    "erase_failures": "values of failed rows",
    "erase_warnings": "values of warnings",
    "erase_changes": "imports' lists of what a dry run would change",
    "erase_words": "imports' names, notes and headers",
    "erase_edits": "edited cells of failed rows",
    "erase_rules": "imports' rules for failed rows",
    "erase_remembered": "remembered headers",
    "erase_answers": "answers to repeated requests",
}


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What was erased, in sentences, and the imports that would bring it back."""

    done: tuple[str, ...]
    left: tuple[str, ...]


def erase(connection: Connection, storage: Storage, person: Person) -> Erasure:
    """Erase a person.

    What is in the database goes in one transaction. Then each stored file goes as a whole in which
    the address is, unless an import still reads it: such imports are named.

    Raises:
        StorageError: a file cannot be read or deleted now. The database's part is done then.
    """
    parameters = {
        **person.parameters(),
        "erased": ERASED,
        "pattern": re.escape(person.email),
    }
    with connection.transaction():
        rows = connection.execute(STATEMENTS["erase_contact"], parameters).fetchall()
        parameters["ids"] = [str(id_) for (id_,) in rows]
        counts = {
            told: connection.execute(STATEMENTS[name], parameters).rowcount
            for name, told in STEPS.items()
        }
        connection.execute(STATEMENTS["erase_name_ends"], parameters)
    done = ["the contact, with its segments, topics and properties"] if rows else []
    done += [f"{count} {told}" for told, count in counts.items() if count]
    files = list(find_files(connection, storage, person))
    at_work = [file for file in files if file.is_at_work]
    done += _erase_files(connection, storage, person, [f for f in files if not f.is_at_work])
    left = [f"import {id_} reads a file with it" for file in at_work for id_ in file.import_ids]
    return Erasure(done=tuple(done), left=tuple(left))


def _erase_files(
    connection: Connection, storage: Storage, person: Person, files: Sequence[FileWith]
) -> list[str]:
    keys = [file.key for file in files]
    parameters = {**person.parameters(), "keys": keys}
    drafts = connection.execute(STATEMENTS["erase_drafts"], parameters).fetchall()
    for key in [*keys, *(packed for (packed,) in drafts if packed)]:
        asyncio.run(storage.delete(key))
    told = [
        f"the stored file {file.key}, as a whole"
        + (f" (of import {', '.join(map(str, file.import_ids))})" if file.import_ids else "")
        for file in files
    ]
    return told + ([f"{len(drafts)} drafts of such files"] if drafts else [])
