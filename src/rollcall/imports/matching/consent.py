"""Which column says whether a contact has unsubscribed, and how it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rollcall.imports.column_map import NOT_EMPTY
from rollcall.imports.matching import weights
from rollcall.imports.matching.columns import Column, score_name
from rollcall.imports.matching.consent_words import (
    GONE,
    NO,
    POSITIVE,
    YES,
    are_read_plainly,
    opposite_words,
)

MOST = 0.8
BESIDE_CONSENT = (
    "email", "flag", "status", "subscribed", "unsubscribed", "time", "negation", "wish", "mailing",
)  # fmt: skip
STATUS_KINDS = ("subscribed", "unsubscribed", "bounced", "active", "inactive")
PROVING = ("subscribed", "unsubscribed", "bounced")
DELIVERY = {"emailstatus", "emailstate"}


@dataclass(frozen=True)
class Consent:
    """A column that says who has unsubscribed.

    `is_inverted` where it states that a contact is subscribed; `true_when` are the words for
    which one is not, `not_empty`, or None where the import understands the cells by itself.
    """

    column: Column
    score: float
    reason: str
    is_inverted: bool = False
    true_when: tuple[str, ...] | str | None = None


def choose_consent(columns: Sequence[Column]) -> Consent | None:
    """Return the column that fits best, if one does at all."""
    is_list = _is_mailing_list(columns)
    judged = [found for column in columns if (found := judge_consent(column, is_list))]
    placed = [
        replace(found, score=found.score + found.column.index * weights.LATER_IN_FILE)
        for found in judged
    ]
    good = [found for found in placed if found.score >= weights.UNSURE]
    return max(good, key=lambda found: found.score, default=None)


def _is_mailing_list(columns: Sequence[Column]) -> bool:
    """Tell whether a table has nothing that customers, staff or members are kept with."""
    signs = (
        "commerce",
        "staff_account",
        "company",
        "phone",
        "job_title",
        "street",
        "birthday",
        "department",
        "other",
    )
    return not any(column.words.has(*signs) for column in columns)


def judge_consent(column: Column, is_list: bool) -> Consent | None:
    """Return what a column says of subscriptions, if it does.

    Args:
        column: any one.
        is_list: whether the table is one of subscribers and not of customers.
    """
    words = column.words
    if words.has("other_channel") and not words.has("email"):
        return None
    is_in = _says_subscribed(column)
    if words.has("unsubscribed") or (is_in and words.has("negation")):
        return _judge_out(column)
    if words.has("status") or column.cells.are(*STATUS_KINDS):
        found = _judge_status(column, is_list)
        if found is not None:
            return found
    if is_in:
        return _judge_in(column)
    if words.has("bounce") and column.cells.are(*YES, *NO) and not words.has("aspect"):
        reason = "it says which addresses have bounced, which may be meant"
        return _with_words(column, weights.UNPROVEN, reason, YES)
    return None


def _says_subscribed(column: Column) -> bool:
    """Tell whether a name says that a contact wants mail: in one word, or that it may have some."""
    words = column.words
    if words.has("wish"):
        # `Receive invoices by email` is no wish for mail in general.
        nouns = [phrase for phrase in words.phrases if "email" not in phrase.roles]
        is_mailing = any("mailing" in phrase.roles for phrase in nouns)
        if is_mailing or (words.has("email") and not words.unknown):
            return True
    said = [phrase for phrase in words.phrases if "subscribed" in phrase.roles]
    return any("own" not in phrase.roles for phrase in said) or words.is_only("subscribed")


def _name_score(column: Column, *targets: str) -> float | None:
    return score_name(column, targets, weights.UNKNOWN_BESIDE_CONSENT, also=BESIDE_CONSENT)


def _judge_out(column: Column) -> Consent | None:
    """Judge a column whose name says that a contact does not want mail."""
    score = _name_score(column, "unsubscribed", "subscribed", "wish") or weights.NAMED
    cells = column.cells
    reason = "its name says that a contact has unsubscribed"
    if _says_when(column):
        return Consent(column, score, f"{reason}, and when", true_when=NOT_EMPTY)
    if not cells:
        return _with_words(column, min(score, weights.UNPROVEN), reason, YES)
    if cells.are(*YES, *NO):
        return _with_words(column, score + weights.OPT_OUT, reason, YES)
    if cells.are("unsubscribed", "bounced") and not are_read_plainly(cells):
        return Consent(column, score + weights.REASON, reason, true_when=NOT_EMPTY)
    if cells.are(*STATUS_KINDS):
        return _with_words(column, score, reason, GONE)
    is_mixed = cells.are(*YES, *NO, *STATUS_KINDS)
    return _with_words(column, score, reason, (*YES, *GONE)) if is_mixed else None


def _says_when(column: Column) -> bool:
    """Tell whether a column has the times at which contacts have unsubscribed."""
    cells = column.cells
    if not cells:
        return column.words.has("time", "created")
    # Some databases write a time that there is none for in zeros.
    return cells.dates >= MOST and all(set(cell) - set("0-: /.") for cell in cells.distinct)


def _judge_in(column: Column) -> Consent | None:
    """Judge a column whose name says that a contact wants mail."""
    score = _name_score(column, "subscribed", "wish")
    cells = column.cells
    if score is None or column.words.has("time", "created"):
        return None
    reason = "its name says that a contact is subscribed"
    if not cells:
        return _inverted(column, min(score, weights.UNPROVEN), reason)
    if cells.are(*YES, *NO, *STATUS_KINDS):
        return _inverted(column, score, reason)
    return None


def _judge_status(column: Column, is_list: bool) -> Consent | None:
    """Judge a column that may hold the state of a subscription: its cells have to say so."""
    cells, words = column.cells, column.words
    known = {word for kind in STATUS_KINDS for word in cells.saying(kind)}
    told = len(cells.words) - len(cells.saying("unknown"))
    score = _name_score(column, "status", "subscribed")
    if score is None:
        # Then the cells alone have to say it, and both of it: `subscriber` is a role as well.
        if not (cells.saying("subscribed") and cells.saying("unsubscribed")):
            return None
        score = weights.ONLY_CELLS
    if not known or len(known) < MOST * told:
        if not words.has("status", "subscribed") or not cells.saying("unsubscribed"):
            return None
        score += weights.MORE_STATES
    is_delivery = any(phrase.text in DELIVERY for phrase in words.phrases)
    if any(map(cells.saying, PROVING[:2] if is_delivery else PROVING)):
        return _inverted(column, score, "its cells are words of subscriptions")
    is_about_it = words.has("status") and not words.unknown and score >= weights.CERTAIN
    is_switch = cells.are(*YES, *NO)
    if is_delivery or is_switch or not (is_list and is_about_it and cells.saying("inactive")):
        return None
    return _inverted(
        column, score + weights.ONLY_ACTIVE, "the file looks like a list of subscribers"
    )


def _with_words(column: Column, score: float, reason: str, kinds: tuple[str, ...]) -> Consent:
    if column.cells and are_read_plainly(column.cells):
        return Consent(column, score, reason)
    never = (*NO, "subscribed", "active") if "yes" in kinds else POSITIVE
    return Consent(
        column, score, reason, true_when=tuple(opposite_words(column.cells, kinds, never))
    )


def _inverted(column: Column, score: float, reason: str) -> Consent:
    cells = column.cells
    if not cells or cells.are(*YES, *NO):
        kinds: tuple[str, ...] = NO
    elif cells.are(*STATUS_KINDS, "unknown"):
        kinds = GONE
    else:
        kinds = (*NO, *GONE)
    words = tuple(opposite_words(cells, kinds, POSITIVE))
    return Consent(column, score, reason, is_inverted=True, true_when=words)
