"""One import from the terminal: upload, watch, fetch the failed rows, sum up."""

from __future__ import annotations

import shlex
import stat
import sys
import time
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

import typer

from rollcall.client.answers import Failure, ImportState
from rollcall.client.api import Api, NoAnswer
from rollcall.client.display import Display, open_display
from rollcall.client.errors import ClientError
from rollcall.client.failures import save_failures
from rollcall.client.order import Order, read_form
from rollcall.client.pace import Pace
from rollcall.client.summary import Failures, show_summary
from rollcall.client.wording import printable
from rollcall.program import program

# Most files are small and done in a moment; a large one is asked for less and less often.
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.05, 0.5
SHOWN_FAILURES = 5
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
ALL_IN, IMPOSSIBLE, SOME_FAILED, INTERRUPTED = 0, 1, 2, 130
# An older server ignores fields that it does not know, and would import what was only to be
# looked at, or subscribe people who have left.
TOLD_BEFOREHAND = {"dry_run": "--dry-run", "resubscribe": "--resubscribe and --no-resubscribe"}


def run_import(order: Order) -> int:
    """Carry out an order; return the exit status."""
    _never_fail_to_print()
    run = _Run(order)
    try:
        order.check()
        return run.run()
    except NoAnswer as error:
        _say(f"{error} {run.way_on()}")
        return IMPOSSIBLE
    except ClientError as error:
        _say(str(error))
        return IMPOSSIBLE
    except KeyboardInterrupt:
        _say(f"Interrupted. {run.way_on()}")
        return INTERRUPTED


class _Run:
    """Knows how far it has come, for the case that it is cut short."""

    def __init__(self, order: Order):
        self._order = order
        self._url = order.url or ""
        self._import_id = order.follow
        self._all_sent = False
        self._is_over = False

    def run(self) -> int:
        with open_display() as display:
            api = Api(self._url, self._order.key or "", notice=display.notice)
            try:
                self._url = api.url
                if self._order.file is not None:
                    self._upload(api, display, self._order.file)
                if not self._order.watch:
                    return self._leave()
                state = self._watch(api, display)
                failures = self._fetch_failures(api, state)
            finally:
                api.close()
        show_summary(state, failures)
        return _exit_status(state)

    def way_on(self) -> str:
        """Return what can be done after the command was cut short."""
        if self._import_id is not None:
            stage = "is over; to see it" if self._is_over else "goes on without this; to follow it"
            return f"Import {self._import_id} {stage}: {self._follow_command()}"
        if self._all_sent:
            return (
                "The server was sent the whole file and has not answered; whether it is imported,"
                f" GET {self._url}/contacts/imports tells."
            )
        return "Nothing is imported."

    def _upload(self, api: Api, display: Display, file: Path) -> None:
        size = _size(file)
        form = read_form(file, self._order.options)
        api.check()
        _check_fields(api, form)

        def show(sent: int) -> None:
            self._all_sent = sent == size
            display.upload(sent, size)

        try:
            self._import_id = api.upload(file, form, show)
        except OSError as error:
            raise ClientError(f"Cannot read {file}: {error.strerror}.") from None
        display.notice(f"Import {self._import_id} is with the server.")

    def _leave(self) -> int:
        typer.echo(f"To follow it: {self._follow_command()}")
        return ALL_IN

    def _watch(self, api: Api, display: Display) -> ImportState:
        assert self._import_id is not None
        pace = Pace()
        pause = FIRST_PAUSE_SECONDS
        while True:
            state = api.get_import(self._import_id)
            pace.see(state, time.monotonic())
            display.watch(state, pace)
            if state.is_over:
                self._is_over = True
                return state
            time.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE_SECONDS)

    def _fetch_failures(self, api: Api, state: ImportState) -> Failures:
        if not state.counts.failed:
            return Failures()
        import_id = str(state.id)
        first: Sequence[Failure] = ()
        remarks = []
        saved = None
        try:
            first = api.failures(import_id, SHOWN_FAILURES) or ()
            saved = save_failures(api, import_id, self._failures_file(import_id))
            if saved is None:
                remarks.append(
                    f"{api.url} is older than this command: it has no list of failed rows."
                )
        except ClientError as error:
            remarks.append(str(error))
        return Failures(first=first, saved=saved, remarks=remarks)

    def _failures_file(self, import_id: str) -> Path:
        if self._order.failures is not None:
            return self._order.failures
        file = self._order.file
        stem = f"import-{import_id}" if file is None else _stem(file)
        return Path(f"{stem}.failures.csv")

    def _follow_command(self) -> str:
        options = ["import", "--follow", str(self._import_id), "--url", self._url]
        return f"{program()} {shlex.join(options)}"


def _size(file: Path) -> int:
    """Return the size of a file that can be read."""
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ClientError(f"Cannot read {file}: it is no regular file.")
        with file.open("rb"):
            return found.st_size
    except OSError as error:
        raise ClientError(f"Cannot read {file}: {error.strerror}.") from None


def _stem(file: Path) -> str:
    """Return a file's name without suffixes, also if it is packed: contacts.csv.gz."""
    inner = Path(file.stem)
    return inner.stem if inner.suffix.lower() in TEXT_SUFFIXES else inner.name


def _check_fields(api: Api, form: dict[str, str]) -> None:
    risky = form.keys() & TOLD_BEFOREHAND.keys()
    unknown = sorted(risky - api.form_fields()) if risky else []
    if unknown:
        raise ClientError(
            f"{api.url} does not know {TOLD_BEFOREHAND[unknown[0]]}; it has to be updated first."
        )


def _exit_status(state: ImportState) -> int:
    if state.status == "failed":
        return IMPOSSIBLE
    return SOME_FAILED if state.counts.failed else ALL_IN


def _never_fail_to_print() -> None:
    """Show a character that a terminal's encoding does not have as a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _say(text: str) -> None:
    if text:
        typer.echo(printable(text), err=True)
