"""What the command was asked for: its options, read and turned into the upload's form fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rollcall.client.errors import ClientError

SUBSCRIPTIONS = ("opt_in", "opt_out")


@dataclass(frozen=True, kw_only=True)
class FormOptions:
    """The options that become form fields, as they were written.

    `maps` and `properties` are those of the column map, and what stands before the fraction of its
    numbers and who has unsubscribed by its column: who has one of these words there, or anything.
    `others` are by the name of their field, with None for those that were not given.
    """

    maps: Sequence[str]
    properties: Sequence[str]
    others: Mapping[str, str | bool | Sequence[str] | None]
    decimal: str | None = None
    unsubscribed_words: Sequence[str] = ()
    is_unsubscribed_unless_empty: bool = False


@dataclass(frozen=True, kw_only=True)
class ImportCommand:
    """One run of the command: a file to import, or the id of an import to follow.

    With `yes`, what is suggested for the columns of the file is taken without a question.
    """

    url: str | None
    key: str | None
    file: Path | None
    follow: str | None
    options: FormOptions
    watch: bool
    failures: Path | None
    yes: bool = False

    @property
    def is_dry_run(self) -> bool:
        return bool(self.options.others.get("dry_run"))

    def check(self) -> None:
        """Check what belongs together.

        Raises:
            ClientError: something is missing or too much.
        """
        if (self.file is None) == (self.follow is None):
            raise ClientError("Give a FILE to import, or --follow and the id of an import.")
        if self.follow is not None and not self.watch:
            raise ClientError("--follow watches an import; --no-watch does not go with it.")
        for value, option, variable in (
            (self.url, "--url", "ROLLCALL_URL"),
            (self.key, "--key", "ROLLCALL_API_KEY"),
        ):
            if not value:
                raise ClientError(f"Give {option}, or set {variable}.")
        if self.failures is not None and not self.failures.absolute().parent.is_dir():
            raise ClientError(f"--failures {self.failures}: there is no such folder.")


def read_form(options: FormOptions) -> dict[str, str]:
    """Return the form fields of an upload but the column map: text by name.

    Raises:
        ClientError: naming the option and what is wrong with it.
    """
    form: dict[str, str] = {}
    for name, given in options.others.items():
        if isinstance(given, bool):
            form[name] = json.dumps(given)
        elif isinstance(given, str):
            form[name] = str(given)
        elif given:
            form[name] = json.dumps([_ITEMS[name](each) for each in given])
    return form


def _read_topic(text: str) -> dict[str, str]:
    topic, subscription = split_pair("--topic", text, "ID=opt_in")
    if subscription not in SUBSCRIPTIONS:
        raise ClientError(f"--topic {text}: it has to end in =opt_in or =opt_out.")
    return {"id": topic, "subscription": subscription}


def split_pair(option: str, text: str, example: str) -> tuple[str, str]:
    """Return what stands before the first `=`, without blanks, and behind it.

    Raises:
        ClientError: one of them is not there.
    """
    name, _, value = text.partition("=")
    if not name.strip() or not value.strip():
        raise ClientError(f"{option} {text}: it has to look like {option} {example}.")
    return name.strip(), value


# What becomes of each value of an option that can be given several times.
_ITEMS: dict[str, Callable[[str], dict[str, str]]] = {
    "segments": lambda text: {"id": text},
    "topics": _read_topic,
}
