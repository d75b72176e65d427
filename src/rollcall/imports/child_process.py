"""Processes that an API process starts for one request, and that end with it, however it ends.

In: a module to run and where its input and output go. Out: the running process. For `formats` and
`failures`, which have in a process of its own what takes much memory or reads strangers' files.
"""

from __future__ import annotations

import contextlib
import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from typing import IO

from anyio import CancelScope

READ_BYTES = 256 * 1024


@contextlib.asynccontextmanager
async def child_process(
    module: str,
    arguments: Sequence[str] = (),
    *,
    files: Sequence[IO[bytes]] = (),
    stdin: int | IO[bytes],
    stdout: int | IO[bytes],
    sees: Callable[[str], bool],
) -> AsyncIterator[Process]:
    """Run a module in a process of its own, which is gone when the context is left.

    Args:
        module: what `python -m` is to run.
        arguments: of the process.
        files: open files that it has too, with the same descriptors.
        stdin: its input, or PIPE.
        stdout: its output, or PIPE; its error output is a pipe.
        sees: tells by its name whether a variable of the environment is passed on.
    """
    process = await create_subprocess_exec(
        sys.executable, "-P", "-m", module, *arguments,
        stdin=stdin, stdout=stdout, stderr=PIPE, limit=READ_BYTES,
        pass_fds=[file.fileno() for file in files],
        env={name: value for name, value in os.environ.items() if sees(name)},
    )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)
        # A request that is given up must not leave the process behind.
        with CancelScope(shield=True):
            # Also reads what is left in the pipes, so that they close.
            await process.communicate()


def kill(process: Process) -> None:
    """End a process at once, if it has not ended."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
