"""What CONTRIBUTING promises of the code, as far as it can be counted."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.documents import ROOT

SOURCE = ROOT / "src" / "rollcall"
PACKAGES = sorted(path.parent for path in SOURCE.rglob("__init__.py"))
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
# What was larger when the limits were first held. A number here only gets smaller, and goes with
# the last line that was too much.
LARGER_FILES = {
    "tests/acceptance/test_dev.py": 308,
    "tests/acceptance/test_readme.py": 375,
    "tests/integration/imports/control/test_cancel.py": 330,
    "tests/integration/imports/failures/test_file.py": 414,
    "tests/integration/imports/intake/test_upload.py": 385,
    "tests/integration/imports/live/test_events.py": 330,
    "tests/support/oracle.py": 325,
}
LONGER_FUNCTIONS: dict[str, int] = {}
# Phrases of English, whatever the glossary says of one of their words.
PHRASES = re.compile(
    r"under_?way|way_?on|half_?way|nobodys_way|g[ia]ves?_way|the_way_of_an_import", re.IGNORECASE
)
LOADS = re.compile(r'load_statements\(__package__, "(\w+\.sql)"\)')
NAMED = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def python_files() -> Iterator[Path]:
    for folder in ("src", "tests", "benchmarks"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def functions(node: ast.AST, inside: str = "") -> Iterator[tuple[str, int]]:
    """Yield the dotted name and the number of lines of every function, without its decorators."""
    for child in ast.iter_child_nodes(node):
        name = inside
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{inside}.{child.name}"
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            assert child.end_lineno is not None
            yield name[1:], child.end_lineno - child.lineno + 1
        yield from functions(child, name)


def assert_no_larger(found: dict[str, int], listed: dict[str, int]) -> None:
    """Compare what is over a limit with what was when it was first held."""
    assert {name: size for name, size in found.items() if size > listed.get(name, 0)} == {}
    assert listed.keys() - found.keys() == set(), "Take it out of the table."


def test_no_file_is_too_long() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in python_files()}
    long = {
        str(path.relative_to(ROOT)): count
        for path, count in lines.items()
        if count > MAX_FILE_LINES
    }
    assert_no_larger(long, LARGER_FILES)


def test_no_function_is_too_long() -> None:
    long = {
        f"{path.relative_to(ROOT)} {name}": count
        for path in python_files()
        for name, count in functions(parse(path))
        if count > MAX_FUNCTION_LINES
    }
    assert_no_larger(long, LONGER_FUNCTIONS)


def test_contributors_are_told_these_limits() -> None:
    promise = f"Files have {MAX_FILE_LINES} lines and functions {MAX_FUNCTION_LINES} at most"
    assert promise in (ROOT / "CONTRIBUTING.md").read_text()


def texts(path: Path) -> set[str]:
    """Return all string constants of a module."""
    constants = (node.value for node in ast.walk(parse(path)) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def asked_for(path: Path) -> set[str]:
    """Return the names in `STATEMENTS["…"]`."""
    return {
        node.slice.value
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "STATEMENTS"
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    }


@pytest.mark.parametrize(
    "file", [pytest.param(path, id=path.name) for path in sorted(SOURCE.rglob("*.sql"))]
)
def test_every_statement_is_used_and_every_used_one_exists(file: Path) -> None:
    named = NAMED.findall(file.read_text())
    assert len(named) == len(set(named))
    beside = sorted(file.parent.glob("*.py"))
    loading = [path for path in beside if file.name in LOADS.findall(path.read_text())]
    assert len(loading) == 1
    assert set(named) <= set().union(*map(texts, beside))
    assert asked_for(loading[0]) <= set(named)


def glossary() -> dict[str, str]:
    """Return what the glossary says is not used for a term, by term."""
    text = (ROOT / "docs" / "architecture.md").read_text().partition("## Glossary")[2]
    rows = re.findall(r"^\| (.+?) \| .+? \| (.*?) ?\|$", text, re.MULTILINE)
    return dict(rows[1:])


def identifiers(path: Path) -> set[str]:
    """Return what a module, or the SQL of a file, gives names to."""
    if path.suffix == ".sql":
        return set(re.findall(r"[a-z_]+", re.sub(r"--.*", "", path.read_text())))
    names = {path.stem, path.parent.name}
    for node in ast.walk(parse(path)):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                names.add(name)
            case ast.arg(arg=name) | ast.Attribute(attr=name) | ast.Name(id=name):
                names.add(name)
            case ast.keyword(arg=str(name)):
                names.add(name)
    return names


def words(identifier: str) -> set[str]:
    """Take an identifier apart: `_WakeUp` is made of wake and up."""
    return {
        word.lower()
        for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", PHRASES.sub("", identifier))
    }


def test_no_name_has_a_word_that_the_glossary_forbids() -> None:
    forbidden = {
        word for not_used in glossary().values() for word in re.findall(r"`(\w+)`", not_used)
    }
    assert "rehearsal" in forbidden
    found: dict[str, set[str]] = {}
    for path in [*python_files(), *sorted(SOURCE.rglob("*.sql"))]:
        for name in identifiers(path):
            for word in words(name) & forbidden:
                found.setdefault(word, set()).add(name)
    assert found == {}


@pytest.mark.parametrize(
    "package",
    [pytest.param(each, id=str(each.relative_to(SOURCE.parent))) for each in PACKAGES[1:]],
)
def test_a_package_says_what_goes_in_what_comes_out_and_for_whom(package: Path) -> None:
    told = ast.get_docstring(parse(package / "__init__.py")) or ""
    assert len(told.splitlines()) > 1
    if package not in (SOURCE / "imports", SOURCE / "client", SOURCE / "embedded"):
        assert re.search(r"\bIn: .+\bOut: ", told, re.DOTALL)


def test_the_way_of_an_import_names_every_folder() -> None:
    told = ast.get_docstring(parse(SOURCE / "imports" / "__init__.py")) or ""
    folders = {path.name for path in PACKAGES if path.parent == SOURCE / "imports"}
    assert set(re.findall(r"^`(\w+)` ", told, re.MULTILINE)) == folders


def test_the_picture_of_the_house_has_every_layer_of_the_contracts() -> None:
    drawn = (ROOT / "docs" / "architecture.md").read_text().partition("## The way of an upload")[0]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    # The modules of the lowest layer are named in part.
    layers = [
        layer for each in contracts if each["type"] == "layers" for layer in each["layers"][:-1]
    ]
    rooms = {
        room.strip().rpartition(".")[2] for layer in layers for room in re.split("[|:]", layer)
    }
    assert {room for room in rooms if not re.search(rf"\b{room}\b", drawn)} == set()
