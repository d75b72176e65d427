"""The lock alone decides what is installed: every recipe, run on a small project of its own.

The index is a folder with newer versions than the locked ones, of a package that is asked for with
an extra among them: what a resolver would take, or would refuse to install by hash.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.wheels import add_source, add_wheel, hash_of

ROOT = Path(__file__).parents[2]

PYPROJECT = """
[build-system]
requires = ["builder>=1"]
build-backend = "builder"
[project]
name = "rollcall"
version = "1.0"
"""
# A build backend of a few lines. The wheel that it makes asks for a dependency by an extra.
BUILDER = """
import base64, hashlib, pathlib, zipfile

INFO = "rollcall-1.0.dist-info"
FILES = {
    f"{INFO}/METADATA": "Metadata-Version: 2.1\\nName: rollcall\\nVersion: 1.0\\n"
    "Requires-Dist: asking>=1\\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    f"{INFO}/RECORD": "",
}

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "rollcall-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        for path, text in FILES.items():
            wheel.writestr(path, text)
    return name

build_editable = build_wheel
"""
NEWER_BUILDER = "raise ImportError('not the locked builder')"
# What a source distribution would do when it is built.
BUILT = "import pathlib\npathlib.Path({!r}).touch()\nraise SystemExit('built from source')\n"
IN_TREE = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"

LOCKED = {"asking": "1.0", "more": "1.0", "other": "1.0"}
BUILD_TOOLS = {"builder": "1.0", "tool": "1.0"}


@dataclass
class Project:
    """A folder with a pyproject.toml and locks of its own, and the index that it installs from."""

    folder: Path
    index: Path
    locked: Mapping[str, str] = field(default_factory=lambda: LOCKED)
    build_tools: Mapping[str, str] = field(default_factory=lambda: BUILD_TOOLS)

    @property
    def built(self) -> Path:
        """What appears as soon as the source distribution in the index is built."""
        return self.folder / "built"

    def add_to_index(self) -> None:
        asks = ["other[extra]>=1"]
        add_wheel(self.index, "other", "0.9")
        for version in ("1.0", "2.0"):
            add_wheel(self.index, "asking", version, requires=asks)
            add_wheel(
                self.index,
                "other",
                version,
                requires=['more>=1; extra == "extra"'],
                extras=["extra"],
            )
            add_wheel(self.index, "more", version)
            add_wheel(self.index, "tool", version)
            add_wheel(
                self.index,
                "builder",
                version,
                requires=["tool>=1"],
                modules={"builder.py": BUILDER if version == "1.0" else NEWER_BUILDER},
            )
        backend = BUILT.format(str(self.built))
        add_source(
            self.index, "source-only", "1.0", {"pyproject.toml": IN_TREE, "backend.py": backend}
        )

    def write_locks(self, change: Callable[[str], str] = str) -> None:
        """Write the locks; `change` is applied to each of their lines."""
        (self.folder / "pyproject.toml").write_text(PYPROJECT)
        folder = self.folder / "requirements"
        everything = {**self.locked, **self.build_tools}
        locks = dict.fromkeys(("embedded.txt", "dev.txt", "lowest.txt"), everything)
        for name, locked in {
            **locks,
            "base.txt": self.locked,
            "build.txt": self.build_tools,
        }.items():
            lines = [change(self._line(each, version)) for each, version in locked.items()]
            (folder / name).write_text("\n".join(lines) + "\n")

    def _line(self, name: str, version: str) -> str:
        (file,) = self.index.glob(f"{name.replace('-', '_')}-{version}[-.][pt]*")
        return f"{name}=={version} --hash={hash_of(file)}"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_FIND_LINKS": str(self.index),
            "PIP_NO_CACHE_DIR": "1",
            "PIP_NO_INDEX": "1",
        }
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


@dataclass(frozen=True)
class Recipe:
    """How the dependencies are installed somewhere: its command, and the environment it fills."""

    command: Callable[[Project], tuple[str, ...]]
    environment: str

    def __call__(self, project: Project) -> subprocess.CompletedProcess[str]:
        return project.run(*self.command(project))


def make(target: str) -> Callable[[Project], tuple[str, ...]]:
    return lambda project: ("make", "--file", str(ROOT / "Makefile"), target)


def build_image(project: Project) -> tuple[str, ...]:
    """What the Dockerfile runs in its first stage, with the folder in the place of /opt."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    stage = text.split("\nFROM ")[0]
    create, *runs = re.findall(r"^RUN (.+)$", stage, re.MULTILINE)
    assert create == "python -m venv /opt/build && python -m venv /opt/rollcall"
    # The environments are copies, and `pip` names the one that it was made for.
    script = re.sub(
        r"/opt/(\w+)/bin/pip\b", rf"{project.folder}/\1/bin/python -m pip", "\n".join(runs)
    )
    return ("sh", "-ec", script)


RECIPES = {
    "make run": Recipe(make(".venv/.run"), ".venv"),
    "make test": Recipe(make(".venv/.dev"), ".venv"),
    "make lowest": Recipe(make(".venv-lowest/.installed"), ".venv-lowest"),
    "image": Recipe(build_image, "rollcall"),
}
every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
# The recipes of the Makefile are one, with another file for each.
each_form = pytest.mark.parametrize(
    "recipe", [RECIPES["make run"], RECIPES["image"]], ids=["make", "image"]
)


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with pip and nothing else."""
    folder = tmp_path_factory.mktemp("environment") / "empty"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def project(tmp_path: Path, empty_environment: Path) -> Project:
    project = Project(tmp_path / "project", tmp_path / "index")
    project.index.mkdir()
    (project.folder / "requirements").mkdir(parents=True)
    project.add_to_index()
    for name in (".venv", "rollcall", "build"):
        shutil.copytree(empty_environment, project.folder / name, symlinks=True)
    project.write_locks()
    (project.folder / ".venv" / ".created").touch()
    return project


def installed(project: Project, environment: str) -> dict[str, str]:
    """Return the versions of what is installed, without what came with the environment."""
    python = str(project.folder / environment / "bin" / "python")
    listed = project.run(python, "-m", "pip", "list", "--format=freeze").stdout.split()
    versions = dict(line.split("==") for line in listed if "==" in line)
    return {name: versions[name] for name in versions.keys() - {"pip", "setuptools", "wheel"}}


@every_recipe
def test_newer_versions_and_extras_change_nothing(project: Project, recipe: Recipe) -> None:
    done = recipe(project)
    assert done.returncode == 0, done.stdout
    tools = {} if recipe.environment == "rollcall" else BUILD_TOOLS
    assert installed(project, recipe.environment) == {"rollcall": "1.0", **LOCKED, **tools}


@each_form
@pytest.mark.parametrize(
    ("locked", "tools", "message"),
    [
        ({**LOCKED, "source-only": "1.0"}, BUILD_TOOLS, "source-only"),
        ({**LOCKED, "other": "0.9"}, BUILD_TOOLS, r"asking 1.0 has requirement other.*>=1"),
        ({"asking": "1.0", "more": "1.0"}, BUILD_TOOLS, "asking 1.0 requires other, which is not"),
        (LOCKED, {"builder": "1.0"}, "builder 1.0 requires tool, which is not installed"),
    ],
    ids=["only as source", "does not fit", "incomplete", "incomplete tools"],
)
def test_a_lock_that_is_no_good_is_refused(
    project: Project,
    recipe: Recipe,
    locked: Mapping[str, str],
    tools: Mapping[str, str],
    message: str,
) -> None:
    project.locked, project.build_tools = locked, tools
    project.write_locks()
    done = recipe(project)
    assert done.returncode != 0, done.stdout
    assert re.search(message, done.stdout), done.stdout
    assert not project.built.exists()
    assert not (project.folder / ".venv" / ".run").exists()


@each_form
def test_another_file_than_the_locked_one_is_refused(project: Project, recipe: Recipe) -> None:
    project.write_locks(lambda line: re.sub("sha256:....", "sha256:0000", line))
    done = recipe(project)
    assert done.returncode != 0, done.stdout
    assert "DO NOT MATCH" in done.stdout
    assert installed(project, recipe.environment) == {}
