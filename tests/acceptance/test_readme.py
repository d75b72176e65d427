"""The README as a newcomer reads it: every block in order, as printed, on a running product."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import openpyxl
import psycopg
import pytest
import yaml

from tests.acceptance.clients.install import (
    NODE_CLIENTS_MISSING,
    ClientsUnavailable,
    install_clients,
)
from tests.acceptance.conftest import Process, Product, in_ci
from tests.support.documents import ROOT, Block, assert_shown, read_blocks, read_commands, read_json
from tests.support.patience import wait_until

IMPORT_ID = "01935f2c-…"
KEY = "re_…"
URL = "http://127.0.0.1:8000"
END = "-- end of the command:"
MAP = {"column_map": '{"email":"Email","first_name":"First Name"}'}


@dataclass
class Shell:
    """One shell for all blocks: what one of them exports the next ones have."""

    process: subprocess.Popen[str]

    def run(
        self, command: str, on_line: Callable[[str], None] = lambda line: None
    ) -> tuple[int, str]:
        """Return the exit status and all that was printed; `on_line` hears every line at once."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{command}\nprintf '\\n%s %s\\n' '{END}' $?\n")
        self.process.stdin.flush()
        lines: list[str] = []
        for line in self.process.stdout:
            if line.startswith(END):
                return int(line.removeprefix(END)), "".join(lines).removesuffix("\n")
            lines.append(line)
            on_line(line)
        raise AssertionError(f"The shell has ended: {lines}")


@dataclass
class Newcomer:
    """Somebody who copies the blocks and fills in key, address and the id of the last import."""

    product: Product
    url: str
    key: str
    folder: Path
    shell: Shell
    node: Path | None
    worker: Process = field(init=False)
    last_import: str = ""

    def __post_init__(self) -> None:
        self.worker = self.product.start("worker")

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers)

    def fill_in(self, text: str) -> str:
        filled = text.replace(KEY, self.key).replace(URL, self.url)
        return filled.replace(IMPORT_ID, self.last_import)

    def type_in(self, block: Block) -> None:
        """Run the commands of a block and compare what they print with what is printed there."""
        for command in read_commands(block):
            text = self.fill_in(command.text)
            assert "…" not in text, f"Nobody can know what to fill in: {command.text}"
            status, printed = self.shell.run(text, self.start_worker_upon_progress)
            assert status == 0, (text, printed)
            assert '"statusCode"' not in printed, (text, printed)
            if command.shown:
                assert_shown(command.shown, printed)
            if created := re.fullmatch(r'\{"object":"contact_import","id":"([^"]+)"\}', printed):
                self.wait_for(created[1])

    def wait_for(self, import_id: str) -> None:
        """Let an import end before the README shows it as completed."""
        self.last_import = import_id
        with self.client() as client:
            wait_until(
                lambda: (
                    client.get(f"/contacts/imports/{import_id}").json()["status"]
                    in {"completed", "failed"}
                )
            )

    def start_worker_upon_progress(self, line: str) -> None:
        if line.startswith("event: progress"):
            self.start_worker()

    def start_worker(self) -> None:
        if self.worker.popen.poll() is not None:
            self.worker = self.product.start("worker")

    def create_import_that_waits(self, map_: str = MAP["column_map"]) -> None:
        """Make an import that nobody works on yet."""
        self.worker.stop()
        with self.client() as client:
            file = (self.folder / "contacts.csv").read_bytes()
            form = {"column_map": map_}
            answer = client.post("/contacts/imports", data=form, files={"file": file})
        assert answer.status_code == 201, answer.text
        self.last_import = answer.json()["id"]

    def let_the_database_refuse(self) -> None:
        """Leave the last import as a worker does whose database refuses for the fourth time."""
        with psycopg.connect(self.product.settings.psycopg_dsn, autocommit=True) as connection:
            connection.execute(
                "UPDATE contact_imports SET status = 'in_progress', attempts = 4,"
                " released_at = now(), error_code = 'database_error',"
                " lease_expires_at = now() + interval '40 s' WHERE id = %s",
                (self.last_import,),
            )


def run_a_workbook(newcomer: Newcomer, block: Block) -> None:
    workbook = openpyxl.Workbook()
    for line in (newcomer.folder / "contacts.csv").read_text().splitlines():
        workbook.active.append(line.split(","))
    workbook.save(newcomer.folder / "contacts.xlsx")
    newcomer.type_in(block)


def run_python(newcomer: Newcomer, block: Block) -> None:
    (newcomer.folder / "import.py").write_text(newcomer.fill_in(block.text))
    done = subprocess.run(
        [sys.executable, "import.py"],
        cwd=newcomer.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *_, last = done.stdout.splitlines()
    # Both contacts are stored by now, and the third row is no contact.
    assert re.fullmatch(r"completed \{.*'updated': 2, .*'failed': 1.*\}", last)


def run_node_import(newcomer: Newcomer, block: Block) -> None:
    with node(newcomer, block, "") as process:
        assert process is None or re.search(
            r"completed \{.*updated: 2,.*failed: 1.*\}", process.communicate()[0], re.DOTALL
        )


def run_node_events(newcomer: Newcomer, block: Block) -> None:
    if newcomer.node:
        newcomer.create_import_that_waits()
    given = {"url": newcomer.url, "id": newcomer.last_import, "key": newcomer.key}
    names = "".join(f'const {name} = "{value}";\n' for name, value in given.items())
    with node(newcomer, block, names) as process:
        if process:
            assert process.stdout
            assert "total: 0" in process.stdout.readline()
            newcomer.start_worker()
            process.communicate()


@contextmanager
def node(newcomer: Newcomer, block: Block, before: str) -> Iterator[subprocess.Popen[str] | None]:
    """Run a block in Node, if there is one, beside the packages that it asks for."""
    if newcomer.node is None:
        yield None
        return
    modules = newcomer.folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(newcomer.node / "node_modules")
    (newcomer.folder / "import.mjs").write_text(before + newcomer.fill_in(block.text))
    with subprocess.Popen(
        ["node", "import.mjs"],
        cwd=newcomer.folder,
        env={**os.environ, "RESEND_BASE_URL": newcomer.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
            assert process.wait(60) == 0
        finally:
            process.kill()


def run_with_an_import_that_waits(newcomer: Newcomer, block: Block) -> None:
    newcomer.create_import_that_waits()
    newcomer.type_in(block)
    newcomer.start_worker()


def run_with_an_import_that_waits_for_the_database(newcomer: Newcomer, block: Block) -> None:
    newcomer.create_import_that_waits()
    newcomer.let_the_database_refuse()
    newcomer.type_in(block)
    with newcomer.client() as client:
        client.post(f"/contacts/imports/{newcomer.last_import}/cancel")
    newcomer.start_worker()


def run_in_the_terminal(newcomer: Newcomer, block: Block) -> None:
    command, *shown = block.text.splitlines()
    status, printed = newcomer.shell.run(command.removeprefix("$ "))
    assert status == 2, printed
    really = [" ".join(line.split()) for line in printed.splitlines()]
    # The bar and the counts under it are drawn again and again, and only in a terminal.
    end_of_bar = next(i for i, line in enumerate(shown) if "━" in line) + 2
    for line in filter(None, shown[end_of_bar:]):
        pattern = re.escape(" ".join(line.split())).replace(re.escape(IMPORT_ID), r"\S+")
        pattern = re.sub(r"(?<![\w-])\d[\d,]*(?![\w-])", r"[\\d,]+", pattern)
        assert any(re.fullmatch(pattern, each) for each in really), (pattern, really)


def run_dry(newcomer: Newcomer, block: Block) -> None:
    """Make the contacts be as the printed answer presupposes: one is stored, with another name."""
    with newcomer.client() as client:
        for contact in client.get("/contacts").json()["data"]:
            client.delete(f"/contacts/{contact['id']}")
        ada = {"email": "ada@example.com", "first_name": "Augusta", "last_name": "Lovelace"}
        assert client.post("/contacts", json=ada).status_code == 201
    newcomer.type_in(block)
    with newcomer.client() as client:
        assert len(client.get("/contacts").json()["data"]) == 1


def check_targets(newcomer: Newcomer, block: Block) -> None:
    """Not run: `make test` is what runs this, and test_dev.py runs what `make run` starts."""
    for command in read_commands(block):
        subprocess.run(
            ["make", "--dry-run", command.text.partition("#")[0].split()[1]],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )


def check_composition(newcomer: Newcomer, block: Block) -> None:
    """Not run: it needs a Docker engine. What it names has to be there."""
    composition = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    password = composition["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]
    assert "POSTGRES_PASSWORD=" in block.text
    assert "POSTGRES_PASSWORD" in password
    (executed,) = re.findall(r"exec (\w+) rollcall keys create --team ", block.text)
    assert executed in composition["services"]


def leave_out(newcomer: Newcomer, block: Block) -> None:
    """Not run: a drawing."""


# Every block in order: its language, what it is known by, and how it is run.
STEPS: list[tuple[str, str, Callable[[Newcomer, Block], None]]] = [
    ("sh", "make run", check_targets),
    ("sh", "cat > contacts.csv", Newcomer.type_in),
    ("sh", "contacts.xlsx", run_a_workbook),
    ("sh", "/failures.csv", Newcomer.type_in),
    ("python", "import resend", run_python),
    ("js", "new Resend", run_node_import),
    ("sh", "/events", run_with_an_import_that_waits),
    ("js", "new EventSource", run_node_events),
    ("sh", "/cancel", run_with_an_import_that_waits),
    ("sh", '"waiting_since"', run_with_an_import_that_waits_for_the_database),
    ("console", "$ rollcall import", run_in_the_terminal),
    ("sh", "dry_run=true", run_dry),
    ("mermaid", "flowchart", leave_out),
    ("sh", "docker compose", check_composition),
]


@pytest.fixture
def newcomer(product: Product, team_key: str, tmp_path: Path) -> Iterator[Newcomer]:
    """A newcomer to a running product, with an empty folder."""
    folder = tmp_path / "newcomer"
    folder.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(
        ["sh"],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            url = product.start_api()
            yield Newcomer(product, url, team_key, folder, Shell(process), _node())
        finally:
            process.kill()


def _node() -> Path | None:
    try:
        return install_clients()
    except ClientsUnavailable:
        if in_ci():
            raise
        return None


def test_every_block_of_the_readme_works_as_printed(newcomer: Newcomer) -> None:
    blocks = read_blocks("README.md")
    for block, (language, mark, run) in zip(blocks, STEPS, strict=False):
        assert block.language == language, f"No step of this test is for this block: {block}"
        assert mark in block.text, f"No step of this test is for this block: {block}"
        run(newcomer, block)
    assert len(blocks) == len(STEPS), "Every block of the README has its step here, in order."
    if newcomer.node is None:
        pytest.skip(f"{NODE_CLIENTS_MISSING}the README's blocks for Node did not run.")


def test_every_variable_that_the_readme_uses_is_one_that_it_sets() -> None:
    shell = [block.text for block in read_blocks("README.md") if block.language == "sh"]
    used = set(re.findall(r"\$\{?([A-Z_]+)", "\n".join(shell)))
    exported = set(re.findall(r"^export ([A-Z_]+)=", "\n".join(shell), re.MULTILINE))
    assert used <= exported


def test_the_change_in_docs_imports_is_one(newcomer: Newcomer) -> None:
    (block,) = (each for each in read_blocks("docs/imports.md") if "properties.plan" in each.text)
    printed = read_json(block.text)
    with newcomer.client() as client:
        segment = client.post("/segments", json={"name": "Newsletter"}).json()["id"]
        client.post("/contact-properties", json={"key": "plan", "type": "string"})
        ada = {"email": printed["email"], "properties": {"plan": "free"}}
        assert client.post("/contacts", json=ada).status_code == 201
        form = {
            "column_map": '{"properties":{"plan":{"column":"plan"}}}',
            "segments": f'[{{"id":"{segment}"}}]',
            "dry_run": "true",
        }
        file = f"email,plan\n{printed['email']},pro\n".encode()
        created = client.post("/contacts/imports", data=form, files={"file": file}).json()["id"]
        newcomer.wait_for(created)
        (really,) = client.get(f"/contacts/imports/{created}").json()["changes"]
    printed["fields"][f"segments.{segment}"] = printed["fields"].pop(f"segments.{IMPORT_ID}")
    assert really == printed


def test_the_waiting_in_docs_imports_is_one(newcomer: Newcomer) -> None:
    (block,) = (each for each in read_blocks("docs/imports.md") if "waiting_since" in each.text)
    (newcomer.folder / "contacts.csv").write_text("Email\nada@example.com\n")
    newcomer.create_import_that_waits(map_='{"email":"Email"}')
    newcomer.let_the_database_refuse()
    printed = read_json(block.text)
    with newcomer.client() as client:
        shown = client.get(f"/contacts/imports/{newcomer.last_import}").json()
    for times in ("waiting_since", "retry_at"):
        assert printed.pop(times)
        assert shown[times]
    assert printed == {name: shown[name] for name in printed}


def test_workers_are_found_as_docs_outages_say(newcomer: Newcomer) -> None:
    (query,) = [block.text for block in read_blocks("docs/outages.md") if block.language == "sql"]
    with psycopg.connect(newcomer.product.settings.psycopg_dsn, autocommit=True) as connection:
        wait_until(lambda: connection.execute(query.encode()).rowcount == 1)
