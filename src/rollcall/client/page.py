"""Lines and tables for a person to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rollcall.client.wording import printable

# Wide enough that nothing is broken into lines where no terminal does it.
ANY_WIDTH = 100_000


class Page:
    """Lines and tables on a stream; colours and line breaks only on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        is_terminal = stream.isatty()
        self._console = Console(
            file=stream,
            force_terminal=is_terminal,
            color_system="auto" if is_terminal else None,
            width=None if is_terminal else ANY_WIDTH,
            highlight=False,
        )

    def line(self, text: str) -> None:
        """Print a line; what would steer a terminal is shown, not done."""
        self._console.print(Text(printable(text)), soft_wrap=True)

    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        numbers: Sequence[str] = (),
    ) -> None:
        """Print rows under a header; columns called in `numbers` stand at the right."""
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        for name in header:
            justify = "right" if name in numbers or name == "row" else "left"
            table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self._console.print(Padding(table, (1, 0, 1, 2), expand=False))
