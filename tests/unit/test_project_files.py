"""What only the hosting service, an editor or pre-commit would notice."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.support.documents import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
MAKEFILE = (ROOT / "Makefile").read_text()


def read_yaml(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def recipe(target: str) -> list[str]:
    """Return the commands of a target, with the variables of paths put in."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, target
    text = found[1].replace("$(PYTHON)", ".venv/bin/python").replace("$(VENV)", ".venv")
    return [line.strip() for line in text.splitlines()]


def targets() -> set[str]:
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert phony
    return set(phony[1].split())


def test_pre_commit_runs_what_make_lint_runs_and_downloads_nothing() -> None:
    (local,) = read_yaml(".pre-commit-config.yaml")["repos"]
    assert local["repo"] == "local"
    assert [hook["entry"] for hook in local["hooks"]] == recipe("lint")
    assert len({hook["id"] for hook in local["hooks"]}) == len(local["hooks"])
    for hook in local["hooks"]:
        assert hook["language"] == "system"
        assert hook["pass_filenames"] is False


def commands(workflow: Any) -> list[str]:
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    return [step["run"] for step in steps if "run" in step]


def test_the_workflow_runs_the_same_commands_as_everybody() -> None:
    (file,) = WORKFLOWS.glob("*")
    run = commands(read_yaml(f".github/workflows/{file.name}"))
    assert run == [".ci/run", "make coverage", "make later"]
    assert {command.removeprefix("make ") for command in run[1:]} <= targets()
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_the_workflow_tests_every_python_that_make_test_takes_and_looks_at_the_later_ones() -> None:
    jobs = read_yaml(".github/workflows/ci.yml")["jobs"]
    tested = jobs["test"]["strategy"]["matrix"]["python"]
    taken = re.search(r"for candidate in (.+?); do", MAKEFILE)
    assert taken
    assert {f"python{version}" for version in tested} == {
        candidate for candidate in taken[1].split() if "." in candidate
    }
    assert jobs["later"]["strategy"]["matrix"]["python"] == ["3.13", "3.14"]
    assert jobs["later"]["continue-on-error"] is True


def test_a_job_may_read_and_no_more_and_has_an_end() -> None:
    workflow = read_yaml(".github/workflows/ci.yml")
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_every_issue_form_asks_for_something() -> None:
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    assert [form.stem for form in forms] == ["bug", "feature"]
    for form in forms:
        read = yaml.safe_load(form.read_text())
        assert {"name", "description", "body"} <= read.keys()
        asked = [part for part in read["body"] if part["type"] != "markdown"]
        assert len({part["id"] for part in asked}) == len(asked)
        assert all(part["attributes"]["label"] for part in asked)
        assert any(part.get("validations", {}).get("required") for part in asked)
