"""The figures, in groups that can be chosen and that run in this order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.figures import fairness, imports, memory, reads, size, upload

GROUPS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "imports": imports.measure,
    "fairness": fairness.measure,
    "memory": memory.measure,
    "upload": upload.measure,
    "size": size.measure,
    "reads": reads.measure,
}
