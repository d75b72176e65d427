"""What the documentation names: variables that somebody reads, files that are there."""

from __future__ import annotations

import ast
import re

import pytest

from rollcall.config import ENV_PREFIX, Settings
from tests.support.documents import ROOT, read_blocks

SOURCE = ROOT / "src" / "rollcall"
PAGES = sorted(
    str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
)
READ_BY_TESTS = "ROLLCALL_TEST_CITUS_URL"
VARIABLE = re.compile(rf"\b{ENV_PREFIX}[A-Z_]+\b")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def variables_read() -> set[str]:
    """Return every `ROLLCALL_*` that a process reads: settings, and options of the command."""
    settings = {ENV_PREFIX + field.upper() for field in Settings.model_fields}
    options = {
        node.value.value
        for path in (SOURCE / "cli").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.keyword)
        and node.arg == "envvar"
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    return settings | options


@pytest.mark.parametrize("document", [*PAGES, "docker-compose.yml", "Dockerfile"])
def test_every_variable_that_a_document_names_is_read(document: str) -> None:
    named = set(VARIABLE.findall((ROOT / document).read_text()))
    assert named - {READ_BY_TESTS} <= variables_read()


def test_every_variable_of_the_readme_is_told_what_it_is() -> None:
    assert variables_read() == set(VARIABLE.findall((ROOT / "README.md").read_text()))


def test_a_block_of_the_readme_uses_only_what_an_earlier_one_exports() -> None:
    exported: set[str] = set()
    for block in read_blocks("README.md"):
        if block.language == "sh":
            exported |= set(re.findall(r"^export (\w+)=", block.text, re.MULTILINE))
            assert set(re.findall(r"\$(ROLLCALL_\w+)", block.text)) <= exported


@pytest.mark.parametrize("document", PAGES)
def test_what_a_document_links_to_is_there(document: str) -> None:
    path = ROOT / document
    links = LINK.findall(path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


# Blocks outside of the README: each is checked by somebody, or there is a reason why not.
OTHER_BLOCKS = {
    ("docs/imports.md", "json", "bounced"): "test_the_column_map_in_docs_imports_is_one",
    ("docs/imports.md", "json", "properties.plan"): "test_the_change_in_docs_imports_is_one",
    ("docs/imports.md", "json", "waiting_since"): "test_the_waiting_in_docs_imports_is_one",
    ("docs/imports.md", "json", "contact_import_preview"): (
        "test_the_preview_in_docs_imports_is_one"
    ),
    ("docs/matching.md", "toml", "language"): "test_the_language_in_docs_matching_is_one",
    ("docs/database.md", "sql", "CREATE ROLE rollcall_app"): "test_database_role.py",
    ("docs/database.md", "sql", "GRANT pg_read_all_stats"): "test_database_role.py has one role",
    (
        "docs/performance.md",
        "",
        "contacts_team_id_email_key",
    ): "measured, as the text around it says",
    ("docs/outages.md", "", "503 Service Unavailable"): "outages/world.py: check_unavailable",
    ("docs/outages.md", "", "[warning] request not served"): "outages/world.py: one line each",
    ("docs/outages.md", "sql", "pg_stat_activity"): "test_workers_are_found_as_docs_outages_say",
    ("CONTRIBUTING.md", "sh", ". .rollcall/env"): "test_dev.py: services write their addresses",
    ("CONTRIBUTING.md", "sh", "alembic revision"): "it would write into the checkout",
}


def test_every_other_block_is_known() -> None:
    files = sorted(str(file.relative_to(ROOT)) for file in ROOT.glob("docs/**/*.md"))
    blocks = [(file, each) for file in ["CONTRIBUTING.md", *files] for each in read_blocks(file)]
    found = [(file, block) for file, block in blocks if block.language != "mermaid"]
    for file, block in found:
        known = [
            mark
            for name, language, mark in OTHER_BLOCKS
            if (name, language) == (file, block.language)
        ]
        assert any(mark in block.text for mark in known), (file, block)
    assert len(found) == len(OTHER_BLOCKS)
