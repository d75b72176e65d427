"""The user that the embedded servers run as when root starts them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROCESSES = 8
# Run where it sees an /etc of its own, in which the user is not there. All processes ask at once.
ASK_AT_ONCE = f"""
import multiprocessing, os, pathlib, pwd, subprocess, sys, tempfile
from rollcall.embedded import accounts

def ask(barrier, answers):
    barrier.wait()
    account = accounts.account_for(pathlib.Path("/nowhere"))
    answers.put((account.uid, account.gid))

with tempfile.TemporaryDirectory() as etc:
    subprocess.run(["cp", "-a", "/etc/.", etc], check=True)
    subprocess.run(["mount", "--bind", etc, "/etc"], check=True)
    try:
        subprocess.run(["userdel", accounts.SERVICE_USER], check=False, capture_output=True)
        context = multiprocessing.get_context("fork")
        barrier, answers = context.Barrier({PROCESSES}), context.Queue()
        asking = [
            context.Process(target=ask, args=(barrier, answers)) for _ in range({PROCESSES})
        ]
        for process in asking:
            process.start()
        given = {{answers.get() for _ in asking}}
        for process in asking:
            process.join()
        entry = pwd.getpwnam(accounts.SERVICE_USER)
        assert given == {{(entry.pw_uid, entry.pw_gid)}}, (given, entry)
    finally:
        subprocess.run(["umount", "--lazy", "/etc"], check=True)
"""


def has_namespaces() -> bool:
    command = ["unshare", "--mount", "true"]
    return (
        os.geteuid() == 0
        and subprocess.run(command, check=False, capture_output=True).returncode == 0
    )


@pytest.mark.skipif(not has_namespaces(), reason="Only root has a mount namespace of its own.")
def test_all_who_ask_at_once_are_given_the_same_user() -> None:
    command = ["unshare", "--mount", sys.executable, "-c", ASK_AT_ONCE]
    asked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
