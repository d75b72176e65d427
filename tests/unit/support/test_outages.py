"""Stopping processes of which some have just ended."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from tests.support.outages import frozen
from tests.support.patience import wait_until


def test_what_has_ended_meanwhile_is_passed_over() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as popen:
        gone, alive = _ended(), psutil.Process(popen.pid)
        with frozen([gone, alive]):
            # A signal has been sent when the call returns, and not yet arrived.
            wait_until(lambda: alive.status() == psutil.STATUS_STOPPED)
        wait_until(lambda: alive.status() != psutil.STATUS_STOPPED)
        popen.kill()


def test_nothing_stays_stopped_when_stopping_fails() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as popen:
        alive = psutil.Process(popen.pid)
        with pytest.raises(RuntimeError, match="refused"), frozen([alive, _Refusing(popen.pid)]):
            pass
        wait_until(lambda: alive.status() != psutil.STATUS_STOPPED)
        popen.kill()


class _Refusing(psutil.Process):
    def suspend(self) -> None:
        raise RuntimeError("refused")


def _ended() -> psutil.Process:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as popen:
        process = psutil.Process(popen.pid)
        popen.kill()
    return process
