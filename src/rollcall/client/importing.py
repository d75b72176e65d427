"""One import from the terminal: upload, watch, fetch the failed rows, sum up."""

from __future__ import annotations

import json
import shlex
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

import typer

from rollcall.client.answers import Failure, ImportState
from rollcall.client.api import Api, NoAnswer
from rollcall.client.command import ImportCommand, read_form
from rollcall.client.display import Display, open_display
from rollcall.client.errors import ClientError
from rollcall.client.failures import save_failures
from rollcall.client.given_map import read_given
from rollcall.client.pace import Pace
from rollcall.client.settling import SAID, settle_columns
from rollcall.client.summary import Failures, show_summary
from rollcall.client.wording import printable
from rollcall.program import program

# Most files are small and done in a moment; a large one is asked for less and less often.
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.05, 0.5
SHOWN_FAILURES = 5
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
ALL_IN, IMPOSSIBLE, SOME_FAILED, INTERRUPTED = 0, 1, 2, 130
# An older server ignores fields that it does not know, and would import what was only to be
# looked at, or subscribe people who have left. Every one knows these.
FIRST_FIELDS = {"column_map", "on_conflict", "segments", "topics"}


def run_import(order: ImportCommand) -> int:
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

    def __init__(self, order: ImportCommand):
        self._order = order
        self._url = order.url or ""
        self._import_id = order.follow
        self._all_sent = False
        self._is_over = False
        self._display: Display | None = None

    def run(self) -> int:
        api = Api(self._url, self._order.key or "", notice=self._notice)
        try:
            self._url = api.url
            file = self._order.file
            form = {} if file is None else self._settle_form(api, file)
            with self._showing() as display:
                if file is not None:
                    self._upload(api, display, file, form)
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

    @contextmanager
    def _showing(self) -> Iterator[Display]:
        """Show progress; what has to remain on a terminal is said before or after that."""
        with open_display() as display:
            self._display = display
            try:
                yield display
            finally:
                self._display = None

    def _notice(self, text: str) -> None:
        if self._display is None:
            _say(text)
        else:
            self._display.notice(text)

    def _settle_form(self, api: Api, file: Path) -> dict[str, str]:
        """Return the form fields of the upload, once it is clear which column means what."""
        _size(file)
        given = read_given(self._order.options)
        form = read_form(self._order.options)
        with self._showing() as display:
            api.check()
            _check_fields(api, form)
            if given.is_whole:
                return {**form, "column_map": json.dumps(given.column_map())}
            said = {name: form[name] for name in SAID if name in form}
            with _reading(file):
                preview = api.preview(file, said, display.preview)
        if preview is not None:
            return {**form, **settle_columns(self._order, given, preview)}
        older = f"{api.url} is older than this command and does not suggest what columns mean"
        if not given.is_empty:
            raise ClientError(
                f"{older}: give a --map for every contact field too, such as --map email=Email."
            )
        self._notice(f"{older}; it reads those that are called as the contact fields.")
        return form

    def _upload(self, api: Api, display: Display, file: Path, form: dict[str, str]) -> None:
        size = _size(file)

        def show(sent: int) -> None:
            self._all_sent = sent == size
            display.upload(sent, size)

        with _reading(file):
            self._import_id = api.upload(file, form, show)
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


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ClientError(f"Cannot read {file}: {error.strerror}.") from None


def _size(file: Path) -> int:
    """Return the size of a file that can be read."""
    with _reading(file):
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ClientError(f"Cannot read {file}: it is no regular file.")
        with file.open("rb"):
            return found.st_size


def _stem(file: Path) -> str:
    """Return a file's name without suffixes, also if it is packed: contacts.csv.gz."""
    inner = Path(file.stem)
    return inner.stem if inner.suffix.lower() in TEXT_SUFFIXES else inner.name


def _check_fields(api: Api, form: dict[str, str]) -> None:
    later = form.keys() - FIRST_FIELDS
    unknown = sorted(later - api.form_fields()) if later else []
    for name in unknown:
        option = f"--{'no-' if form[name] == 'false' else ''}{name.replace('_', '-')}"
        raise ClientError(f"{api.url} does not know {option}; it has to be updated first.")


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
