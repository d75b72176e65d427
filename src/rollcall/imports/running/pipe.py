"""The way from the stored file to batches that only have to be sent: a pipe of generators."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from rollcall.imports.batching.batcher import Batcher
from rollcall.imports.batching.seen import SeenEmails
from rollcall.imports.checkpoint import START
from rollcall.imports.copying.copy_path import CopyPath
from rollcall.imports.copying.encoded import EncodedBatch
from rollcall.imports.mapping.mapper import map_chunk
from rollcall.imports.mapping.plan import Plan, make_plan
from rollcall.imports.reading.chunks import read_chunks
from rollcall.imports.reading.encoding import is_exact
from rollcall.imports.reading.remarks import remarks_on
from rollcall.imports.running.claims import Claim
from rollcall.imports.running.import_file import ImportFile


def read_batches(
    file: ImportFile, claim: Claim, max_rows: int, seen: SeenEmails, copy_path: CopyPath
) -> Iterator[EncodedBatch]:
    """Yield the batches of all records behind the claim's position, each encoded for its COPY.

    All of it is done by the thread that takes the batches, while the database is busy with those
    before.

    Args:
        file: of the import.
        claim: what is to be done with it.
        max_rows: about how many records a batch has.
        seen: the addresses of the records before; those of each batch are added.
        copy_path: of the run.
    """
    plan = make_plan(claim.options.mapped(), claim.dialect.header)
    if seen.last_row < claim.position:
        _read_again(file, claim, plan, seen)
    batcher = Batcher(
        plan=plan,
        on_conflict=claim.options.on_conflict,
        max_rows=max_rows,
        resubscribe=claim.options.resubscribe,
        seen=seen,
        now=claim.clock.now,
        # Said once: with the first batch, which is the one that moves the position away from 0.
        warnings=[] if claim.position else remarks_on(claim.dialect),
    )
    start = claim.resume if is_exact(claim.dialect.encoding) else START
    with file.open(start.offset) as stream:
        chunks = read_chunks(stream, claim.dialect, skip_to_row=claim.position, start=start)
        mapped = (map_chunk(chunk, plan) for chunk in chunks)
        batches = batcher.batches(mapped)
        # Unlike a generator, `map` does not hold a batch while the next one is made.
        yield from map(copy_path.encode, batches)


def _read_again(file: ImportFile, claim: Claim, plan: Plan, seen: SeenEmails) -> None:
    """Fill `seen` with the addresses of the records that are done already."""
    with file.open() as stream:
        for chunk in read_chunks(stream, claim.dialect, skip_to_row=0):
            if chunk.first_row > claim.position:
                return
            done = map_chunk(chunk, plan).contacts.filter(pl.col("row") <= claim.position)
            seen.add(done["email"], min(chunk.last_row, claim.position))
