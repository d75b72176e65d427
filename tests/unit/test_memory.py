"""Threads share one heap, so that what one of them has freed serves the others."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, sys, threading
from rollcall.memory import give_memory_back

if sys.argv[1] == "yes":
    give_memory_back()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
barrier = threading.Barrier(4)

def allocate():
    barrier.wait()
    libc.malloc(ctypes.c_size_t(1000))
    barrier.wait()

threads = [threading.Thread(target=allocate) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.fopen.restype = ctypes.c_void_p
file = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, ctypes.c_void_p(file))
libc.fflush(ctypes.c_void_p(file))
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="needs glibc")
@pytest.mark.parametrize("called", ["yes", "no"])
def test_heaps(called: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, called], capture_output=True, text=True, check=True
    )
    heaps = result.stdout.count("<heap nr=")
    assert heaps == 1 if called == "yes" else heaps > 1
