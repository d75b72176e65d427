"""All of a team can be on one node: each key and each statement of a large table has the team."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

import rollcall
from rollcall.contacts.models import Contact
from rollcall.database.base import Base
from rollcall.database.distribute import DISTRIBUTED
from rollcall.database.statements import load_statements
from rollcall.imports.models import StoredBatch, StoredFailure, StoredWarning
from rollcall.segments.models import SegmentMembership

MODELS = (Contact, SegmentMembership, StoredBatch, StoredFailure, StoredWarning)
# Views of whole tables, which are asked for the rows of one team.
WITHOUT = "imports/running/shadows.sql:make_shadows"
SOURCE = Path(rollcall.__file__).parent
TABLE = "|".join(DISTRIBUTED)
NAMED = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE|USING|COPY|,)\s+({TABLE})\b")
STATEMENTS = {
    f"{path.relative_to(SOURCE)}:{name}": sql
    for path in sorted(SOURCE.rglob("*.sql"))
    for name, sql in load_statements(
        ".".join(("rollcall", *path.relative_to(SOURCE).parent.parts)), path.name
    ).items()
}


@pytest.mark.parametrize("table", Base.metadata.tables.values(), ids=str)
def test_each_table_has_the_team_in_its_primary_key(table: Table) -> None:
    assert "team_id" in table.primary_key.columns


def test_which_tables_are_large() -> None:
    assert {model.__tablename__ for model in MODELS} == set(DISTRIBUTED)


@pytest.mark.parametrize("name", DISTRIBUTED)
def test_each_key_of_a_large_table_has_the_team(name: str) -> None:
    table = Base.metadata.tables[name]
    keys: list[PrimaryKeyConstraint | UniqueConstraint | Index] = [
        *(c for c in table.constraints if isinstance(c, PrimaryKeyConstraint | UniqueConstraint)),
        *(index for index in table.indexes if index.unique),
    ]
    assert all("team_id" in key.columns for key in keys)
    # A node could not check them against the tables of the coordinator.
    assert not table.foreign_keys


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - {WITHOUT}))
def test_each_statement_on_a_large_table_names_the_team(name: str) -> None:
    sql = re.sub(r"--.*", "", STATEMENTS[name])
    assert len(re.findall(r"\bteam_id\b", sql)) >= len(NAMED.findall(sql))
