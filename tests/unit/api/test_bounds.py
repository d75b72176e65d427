"""The contract's times: an answer within ten seconds while a part is away, readiness within two.

Tests of outages show that nothing hangs, but a machine that is busy makes every answer late. That
the parts of an answer cannot wait longer in sum is shown here.
"""

from __future__ import annotations

from annotated_types import Le

from rollcall.api.health import CHECK_SECONDS
from rollcall.config import Settings
from rollcall.storage.deadlines import ANSWER_SECONDS, STALLED_SECONDS
from rollcall.storage.guard import PATIENCE_SECONDS

REFUSED_SECONDS = 10
READY_SECONDS = 2


def test_whatever_is_set_the_database_is_given_up_in_time() -> None:
    field = Settings.model_fields["db_timeout_seconds"]
    (most,) = (each.le for each in field.metadata if isinstance(each, Le))
    assert isinstance(most, (int, float))
    assert field.default <= most < REFUSED_SECONDS


def test_the_storage_is_given_up_in_time() -> None:
    # An upload may be given up in the middle, and what there is of it be deleted.
    assert STALLED_SECONDS + ANSWER_SECONDS < REFUSED_SECONDS
    assert PATIENCE_SECONDS + ANSWER_SECONDS < REFUSED_SECONDS


def test_readiness_waits_for_everything_at_the_same_time() -> None:
    assert CHECK_SECONDS < READY_SECONDS
