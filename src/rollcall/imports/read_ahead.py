"""Run an iterator in a thread of its own, a few items ahead of its consumer."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class _Failed:
    error: BaseException


class _End:
    pass


class ReadAhead(Generic[Item]):
    """Iterates over `items` from a thread; an error there is raised here.

    While nothing is ready, `while_waiting` is called every `patience` seconds. Leaving the
    context stops the thread and waits for it.
    """

    def __init__(
        self,
        items: Iterator[Item],
        *,
        ahead: int,
        while_waiting: Callable[[], None],
        patience: float,
    ):
        self._items = items
        self._while_waiting = while_waiting
        self._patience = patience
        self._queue: queue.Queue[Item | _Failed | _End] = queue.Queue(maxsize=ahead)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._read, name="read-ahead", daemon=True)

    def __enter__(self) -> ReadAhead[Item]:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            self._drain()
            self._thread.join(timeout=0.05)

    def __iter__(self) -> Iterator[Item]:
        while True:
            try:
                item = self._queue.get(timeout=self._patience)
            except queue.Empty:
                self._while_waiting()
                continue
            if isinstance(item, _End):
                return
            if isinstance(item, _Failed):
                raise item.error
            yield item

    def _read(self) -> None:
        try:
            for item in self._items:
                self._queue.put(item)
                if self._stopped.is_set():
                    return
            self._queue.put(_End())
        except BaseException as error:  # noqa: BLE001  (raised again where the items are used)
            self._queue.put(_Failed(error))

    def _drain(self) -> None:
        try:
            while True:
                self._queue.get_nowait()
        except queue.Empty:
            return
