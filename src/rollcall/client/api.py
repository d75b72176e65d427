"""The server's HTTP API, asked again when it is busy or away. The key is in no message."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from rollcall import __version__
from rollcall.client.answers import Created, Failure, FailureList, ImportState, Preview
from rollcall.client.beginning import beginning_size
from rollcall.client.errors import ClientError
from rollcall.client.measured_file import MeasuredFile
from rollcall.client.responses import error_of, is_passing, retry_after, status_of

Body = TypeVar("Body", bound=BaseModel)
IMPORTS = "/contacts/imports"
# With the pauses between them, an upload is given up after about 15 seconds of not getting
# through, a question after about two minutes: a server that is being updated is back by then.
UPLOAD_TRIES = 6
QUESTION_TRIES = 16
LONGEST_PAUSE = 10.0
# A server that wants more patience than this is not waited for.
LONGEST_RETRY_AFTER = 300.0
# The answer to an upload waits until the server has stored and looked at the whole file.
TIMEOUT = httpx.Timeout(30)
UPLOAD_TIMEOUT = httpx.Timeout(connect=30, read=600, write=120, pool=30)


class NoAnswer(ClientError):
    """The server could not be reached, or was too busy, again and again."""


class Api:
    """The server at an address, asked with a team's key.

    Args:
        notice: is told what a person should know while it is waited for.
        pause: waits for so many seconds.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        notice: Callable[[str], None],
        pause: Callable[[float], None] = time.sleep,
    ):
        self.url = check_url(url)
        self._key = check_key(key)
        self._notice = notice
        self._pause = pause
        self._client = httpx.Client(
            base_url=self.url,
            headers={
                "Authorization": f"Bearer {self._key}",
                "User-Agent": f"rollcall/{__version__}",
            },
            timeout=TIMEOUT,
        )

    def close(self) -> None:
        self._client.close()

    def check(self) -> None:
        """Find out before anything is uploaded whether server and key are good.

        Raises:
            ClientError: they are not.
        """
        get = self._getter(IMPORTS, limit="1")
        body = self._accept(self._ask(get, wait_for_connection=False))
        if not isinstance(body, dict) or body.get("object") != "list":
            raise ClientError(f"{self.url} is no Rollcall server.")

    def form_fields(self) -> set[str]:
        """Return the names of the form fields that the server says an upload can have."""
        answer = self._ask(self._getter("/openapi.json"))
        if answer.status_code == 404:
            return set()
        body = self._accept(answer)
        try:
            content = body["paths"][IMPORTS]["post"]["requestBody"]["content"]
            return set(content["multipart/form-data"]["schema"]["properties"])
        except (KeyError, TypeError):
            return set()

    def preview(
        self, file: Path, form: dict[str, str], sent: Callable[[int, int], None]
    ) -> Preview | None:
        """Ask what a file would be read as; None if the server is older than that question.

        Args:
            sent: is told how many bytes were sent, and of how many.

        Raises:
            ClientError: the server refuses it, or the file cannot be read.
            NoAnswer: it did not get through.
        """
        with file.open("rb") as opened:
            size = beginning_size(opened)
            measured = MeasuredFile(opened, lambda done: sent(done, size), size)
            answer = self._send(f"{IMPORTS}/preview", file.name, measured, form)
        if answer.status_code in (404, 405):
            return None
        return _read(Preview, self._accept(answer))

    def upload(self, file: Path, form: dict[str, str], sent: Callable[[int], None]) -> str:
        """Upload a file, as a stream from the disk; return the import's id.

        However often it is sent, it is imported once.

        Args:
            sent: is told how many bytes of the file were sent, again from 0 with every try.

        Raises:
            ClientError: the server refuses it, or the file cannot be read.
            NoAnswer: it did not get through.
        """
        idempotency = {"Idempotency-Key": str(uuid.uuid4())}
        with file.open("rb") as opened:
            measured = MeasuredFile(opened, sent)
            answer = self._send(IMPORTS, file.name, measured, form, idempotency)
        return str(_read(Created, self._accept(answer)).id)

    def get_import(self, import_id: str) -> ImportState:
        """Return an import as it is now."""
        return _read(ImportState, self._accept(self._ask(self._getter(_path(import_id)))))

    def failures(self, import_id: str, limit: int) -> list[Failure] | None:
        """Return the first failed rows; None if the server does not tell them."""
        answer = self._ask(self._getter(f"{_path(import_id)}/failures", limit=str(limit)))
        if answer.status_code == 404:
            return None
        return _read(FailureList, self._accept(answer)).data

    def save_failures(self, import_id: str, target: BinaryIO) -> bool:
        """Stream all failed rows to a file, as CSV; return whether the server has them."""
        answer = self._download(f"{_path(import_id)}/failures.csv", target)
        if answer.status_code == 404:
            return False
        if answer.status_code != 200:
            raise self._refused(answer)
        return True

    def save_contacts(self, query: dict[str, str], target: BinaryIO) -> None:
        """Stream contacts to a file, as CSV.

        Raises:
            ClientError: the server refuses, or there is no such segment.
            NoAnswer: it did not get through.
        """
        answer = self._download("/contacts/export.csv", target, **query)
        if answer.status_code != 200:
            raise self._refused(answer)

    def _download(self, path: str, target: BinaryIO, **query: str) -> httpx.Response:
        def download() -> httpx.Response:
            with self._client.stream("GET", path, params=query) as response:
                if response.status_code == 200:
                    target.seek(0)
                    target.truncate()
                    target.writelines(response.iter_bytes())
                else:
                    response.read()
            return response

        return self._ask(download)

    def _send(
        self,
        path: str,
        name: str,
        file: MeasuredFile,
        form: dict[str, str],
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        def post() -> httpx.Response:
            return self._client.post(
                path,
                data=form,
                files={"file": (name, file)},  # type: ignore[dict-item]
                headers=headers,
                timeout=UPLOAD_TIMEOUT,
            )

        return self._ask(post, tries=UPLOAD_TRIES)

    def _getter(self, path: str, **query: str) -> Callable[[], httpx.Response]:
        return lambda: self._client.get(path, params=query)

    def _ask(
        self,
        send: Callable[[], httpx.Response],
        *,
        tries: int = QUESTION_TRIES,
        wait_for_connection: bool = True,
    ) -> httpx.Response:
        """Send a request until there is an answer that another try would not change."""
        for attempt in range(1, tries + 1):
            pause = min(0.5 * 2 ** (attempt - 1), LONGEST_PAUSE)
            try:
                answer = send()
            except httpx.RequestError as error:
                problem = f"No answer from {self.url} ({self._describe(error)})"
                if not wait_for_connection:
                    raise NoAnswer(f"{problem}.") from None
            else:
                if not is_passing(answer):
                    return answer
                problem = f"{self.url} answers {status_of(answer)}"
                pause = max(pause, retry_after(answer))
            if attempt == tries or pause > LONGEST_RETRY_AFTER:
                break
            if attempt > 1:
                self._notice(f"{problem}; trying again in {pause:.0f} s.")
            self._pause(pause)
        raise NoAnswer(f"{problem}; given up after {attempt} tries.")

    def _describe(self, error: httpx.RequestError) -> str:
        text = str(error).rstrip(".").replace(self._key, "…")
        return text or type(error).__name__

    def _accept(self, answer: httpx.Response) -> Any:
        """Return the body of a good answer."""
        if not answer.is_success:
            raise self._refused(answer)
        try:
            return answer.json()
        except ValueError:
            raise ClientError(f"{self.url} is no Rollcall server: no JSON.") from None

    def _refused(self, answer: httpx.Response) -> ClientError:
        if answer.is_redirect:
            target = urlsplit(answer.headers.get("location", ""))
            return ClientError(
                f"{self.url} sends its callers to {target.scheme}://{target.netloc};"
                " if that is right, give it as --url."
            )
        message = error_of(answer).get("message")
        if not isinstance(message, str):
            return ClientError(f"{self.url} answers {status_of(answer)}; is it a Rollcall server?")
        if answer.status_code in (401, 403):
            return ClientError(f"{self.url} refuses the key: {message}")
        return ClientError(f"{self.url} refuses: {message}")


def check_url(url: str) -> str:
    """Return a server's address without a slash at its end.

    Raises:
        ClientError: it is none, or it has a password in it, which would be shown.
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and httpx.URL(url.strip())
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise ClientError("--url has to look like http://127.0.0.1:8000.")
    if parts.username is not None or parts.query or parts.fragment:
        raise ClientError("--url has to be an address only: no user, no password, no query.")
    return url.strip().rstrip("/")


def check_key(key: str) -> str:
    """Return a key without blanks around it.

    Raises:
        ClientError: no key has such characters. It is not shown.
    """
    stripped = key.strip()
    if not stripped or not (stripped.isascii() and stripped.isprintable()) or " " in stripped:
        raise ClientError("The API key is empty, or has characters that no key has.")
    return stripped


def _path(import_id: str) -> str:
    return f"{IMPORTS}/{quote(import_id, safe='')}"


def _read(model: type[Body], body: Any) -> Body:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ClientError(f"The server's answer is not understood: {place}.") from None
