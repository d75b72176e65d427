"""Starting, stopping and finding the processes that belong to one data directory."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from rollcall.embedded.accounts import CALLER, Account

PR_SET_PDEATHSIG = 1
ORPHANS_PATIENCE = 5.0


def spawn(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    account: Account = CALLER,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that Ctrl-C at the terminal does not reach it.

    On Linux it gets `death_signal` when this process ends without having stopped it, by `kill -9`
    for example; the kernel takes the end of the calling thread for that, so the main thread has to
    call this. Both its outputs go to `output`, or to the terminal.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=cwd,
        env=env,
        start_new_session=True,
        user=account.uid,
        group=account.gid,
        extra_groups=None if account.gid is None else [],
        preexec_fn=_die_with_parent(death_signal),  # noqa: PLW1509  (it takes no lock)
    )


def _die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    # Loaded before the fork: as little as possible may happen between fork and exec.
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def stop(
    process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, patience: float
) -> None:
    """Ask a spawned process to end, and kill its whole session after `patience` seconds."""
    if process.poll() is not None:
        return
    process.send_signal(by)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def stop_leftovers(
    program: str, directory: Path, *, by: signal.Signals, patience: float
) -> list[psutil.Process]:
    """Stop what a killed earlier run has left behind; return what would not stop.

    PostgreSQL and Redis both work in their data directory, so a process of that name in exactly
    this directory is one of ours, and no other is touched, whatever an old pid file says.
    """
    ours = [process for process in psutil.process_iter() if _is_ours(process, program, directory)]
    pids = {process.pid for process in ours}
    for process in ours:
        with suppress(psutil.NoSuchProcess):
            # The helpers of a server end with it, and a signal to them would mean something else.
            if process.ppid() not in pids:
                process.send_signal(by)
    _, alive = psutil.wait_procs(ours, timeout=patience)
    return list(alive)


def _is_ours(process: psutil.Process, program: str, directory: Path) -> bool:
    try:
        return process.name() == program and Path(process.cwd()) == directory
    except psutil.Error:
        return False


def end_orphans(program: str, directory: Path) -> None:
    """End the helpers of a server that was killed itself; the next one cannot start beside them.

    Most of them see by themselves that their server is gone, but one that computes does not look.
    Upon SIGQUIT PostgreSQL's helpers end at once, as if they had crashed.
    """
    alive = stop_leftovers(program, directory, by=signal.SIGQUIT, patience=ORPHANS_PATIENCE)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=ORPHANS_PATIENCE)
