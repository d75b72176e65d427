"""Which column has the contact's own e-mail address."""

from __future__ import annotations

from collections.abc import Sequence

from rollcall.imports.matching import weights
from rollcall.imports.matching.columns import Column, Verdict, score_name

# The share of cells that are addresses from which on they are most, or some.
MOST = 0.8
SOME = 0.3
# What a column with addresses may be called besides.
LIKE_ADDRESSES = frozenset({"username", "name", "full_name", "id", "status"})


def choose_email(columns: Sequence[Column]) -> list[Verdict]:
    """Return the columns that may be the e-mail address, the best first."""
    judged = [verdict for column in columns if (verdict := judge_email(column))]
    placed = [verdict.plus(verdict.column.index * weights.LATER_IN_FILE) for verdict in judged]
    best = sorted(placed, key=lambda verdict: -verdict.score)
    if best and best[0].score < weights.LIKELY and _is_nobody_elses(best[0].column):
        best[0] = best[0].plus(weights.LIKELY - best[0].score, "no other column has better ones")
    return best


def judge_email(column: Column) -> Verdict | None:
    """Return how well a column fits as the e-mail address; None where its cells say it is none."""
    cells = column.cells
    if cells and not cells.addresses:
        return None
    named = score_name(column, ["email"], weights.UNKNOWN["email"])
    if named is None:
        return _judge_cells(column)
    verdict = Verdict(column, named, ("its name says so",))
    if not cells:
        return _judge_filling(verdict.plus(weights.EMPTY, "it has no cells with content yet"))
    if cells.addresses >= MOST:
        verdict = verdict.plus(weights.MOST_ARE, "its cells are addresses")
    elif cells.addresses >= SOME:
        verdict = verdict.plus(weights.SOME_ARE, "some of its cells are addresses")
    else:
        verdict = verdict.plus(weights.FEW_ARE, "few of its cells are addresses")
    return _judge_filling(verdict)


def _judge_cells(column: Column) -> Verdict | None:
    if not column.cells or column.cells.addresses < MOST:
        return None
    verdict = Verdict(column, weights.ONLY_CELLS, ("its cells are addresses",))
    for phrase in column.words.phrases:
        costs = [weights.BESIDE[role] for role in phrase.roles if role in weights.BESIDE]
        unlike = bool(phrase.roles) and phrase.roles.isdisjoint(LIKE_ADDRESSES)
        verdict = verdict.plus(max(costs) if costs else weights.UNKNOWN["email"] * unlike)
    return _judge_filling(verdict)


def _judge_filling(verdict: Verdict) -> Verdict:
    cells = verdict.column.cells
    if len(cells.filled) >= 4 and len(cells.distinct) * 2 <= len(cells.filled):
        verdict = verdict.plus(weights.ALWAYS_THE_SAME)
    return verdict.plus(weights.SELDOM_FILLED * (1 - cells.filled_share) * bool(cells.total))


def _is_nobody_elses(column: Column) -> bool:
    """Tell whether a column with addresses is that of the contact although its name says little."""
    return column.cells.addresses >= MOST and not column.words.has("other")
