"""Temporary copies of the tables that a dry run works on, and its beginning."""

from __future__ import annotations

import dataclasses

from rollcall.database.connections import Connection
from rollcall.database.statements import load_statements
from rollcall.imports.checkpoint import START
from rollcall.imports.running import leases
from rollcall.imports.running.claims import Claim

STATEMENTS = load_statements(__package__, "shadows.sql")


def begin_dry_run(connection: Connection, claim: Claim) -> Claim:
    """Have the connection see copies of the tables, and the import begin at its beginning.

    What an earlier run of it has found is gone with that run's copies.

    Raises:
        leases.LeaseLost: the import has another owner, or is over.
    """
    connection.execute(STATEMENTS["enlarge_temp_buffers"])
    with connection.transaction():
        connection.execute(STATEMENTS["make_shadows"])
    with connection.transaction():
        leases.hold(connection, claim.lease)
        for statement in ("restart", "forget_failures", "forget_warnings"):
            connection.execute(STATEMENTS[statement], claim.lease.parameters())
    return dataclasses.replace(claim, position=0, resume=START)
