"""Files that are imported while faults happen, and what is asked for with them, all of a seed."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.oracle import ColumnMap, Options, PropertyMapping

# A property has one type for good.
PROPERTIES = {"plan": "string", "score": "number"}
FIELDS = ("first_name", "last_name", "unsubscribed", *PROPERTIES)
# Of a hundred records.
BAD_ADDRESSES = 3
BAD_NUMBERS = 2
REPEATED = 2
EMPTY_CELLS = 10
# Few, so that what is imported again is often the same.
NAMES = [f"Name{number}" for number in range(20)]
# Beside the columns that are mapped: a file of over a megabyte waits among the large ones.
PADDING = 700

# The segments and the choices of topics that an import gives to contacts.
Lists = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Upload:
    """A file and what is asked for with it."""

    data: bytes
    options: Options
    dry_run: bool = False

    def form(self) -> dict[str, str]:
        """Return the fields of the upload's form."""
        asked = self.options
        assert asked.column_map is not None
        form = {"column_map": json.dumps(_map_as_json(asked.column_map))}
        form["on_conflict"] = asked.on_conflict
        form["segments"] = json.dumps([{"id": id_} for id_ in asked.segments])
        form["topics"] = json.dumps(
            [{"id": id_, "subscription": choice} for id_, choice in asked.topics]
        )
        form["dry_run"] = "true" if self.dry_run else "false"
        return form


@dataclass(kw_only=True)
class FileMaker:
    """Makes files with records of people; `random` decides about all that is not said."""

    random: random.Random
    properties: dict[str, str] = field(default_factory=lambda: dict(PROPERTIES))

    def make(
        self,
        people: Sequence[str],
        fields: Sequence[str],
        lists: Lists,
        *,
        is_spoilt: bool = True,
        on_conflict: Literal["upsert", "skip"] = "upsert",
    ) -> Upload:
        """Make a file of these addresses; if it `is_spoilt`, some fail and some come twice."""
        padding = "x" * self.random.choice([0, 0, PADDING])
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["email", *fields, "notes"])
        for email in people:
            cells = [self._cell(name, is_spoilt) for name in fields]
            writer.writerow([self._address(email, is_spoilt), *cells, padding])
            if is_spoilt and self._happens(REPEATED):
                again = [self._cell(name, is_spoilt) for name in fields]
                writer.writerow([email, *again, padding])
        options = Options(self._map(fields), on_conflict, *lists)
        return Upload(text.getvalue().encode(), options)

    def some_fields(self) -> list[str]:
        """Choose columns, at least one."""
        return self.random.sample(FIELDS, self.random.randint(1, len(FIELDS)))

    def _address(self, email: str, is_spoilt: bool) -> str:
        if is_spoilt and self._happens(BAD_ADDRESSES):
            return self.random.choice(["", "no address", "two@@example.com"])
        return email.upper() if self._happens(5) else email

    def _cell(self, name: str, is_spoilt: bool) -> str:
        if self._happens(EMPTY_CELLS):
            return ""
        if name == "unsubscribed":
            return self.random.choice(["true", "false", "yes", "no"])
        if self.properties.get(name) == "number":
            return (
                "many"
                if is_spoilt and self._happens(BAD_NUMBERS)
                else str(self.random.randrange(5))
            )
        return self.random.choice(NAMES)

    def _map(self, fields: Sequence[str]) -> ColumnMap:
        properties = {
            name: PropertyMapping(name, self.properties[name])
            for name in fields
            if name in self.properties
        }
        return ColumnMap(
            first_name="first_name" if "first_name" in fields else None,
            last_name="last_name" if "last_name" in fields else None,
            unsubscribed="unsubscribed" if "unsubscribed" in fields else None,
            properties=properties,
        )

    def _happens(self, percent: int) -> bool:
        return self.random.randrange(100) < percent


def _map_as_json(column_map: ColumnMap) -> dict[str, Any]:
    found: dict[str, Any] = {"email": column_map.email}
    for name in ("first_name", "last_name", "unsubscribed"):
        column = getattr(column_map, name)
        if column is not None:
            found[name] = column
    found["properties"] = {
        key: {"column": mapping.column, "type": mapping.type}
        for key, mapping in column_map.properties.items()
    }
    return found
