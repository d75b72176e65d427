"""Which of the first records has the names of the columns, below a title or notes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rollcall.imports.matching.cell_kinds import LONGEST_CELL, has_address, is_date, is_url
from rollcall.imports.matching.header_words import read_header

# As far as an import looks for a header.
SEARCHED_RECORDS = 20
LONGEST_NAME = 80
KNOWN = 1.0
POSSIBLE = 0.25
DATA = -1.5
ADDRESSES_BELOW = 1000.0
_NUMBER = re.compile(r"[-+\d.,:/ %€$£¥()]+")
# Words that say nothing about whether they are a name.
WEAK = frozenset({"filler", "own", "other", "time", "flag"})


def find_header_row(records: Sequence[Sequence[str]]) -> int | None:
    """Return the index of the header; None where no record is one.

    Args:
        records: the first ones of a table, blank ones included.
    """
    best, best_score, looked_at = None, 0.0, 0
    for index, record in enumerate(records):
        if not any(map(str.strip, record)):
            continue
        score = _score(record, records[index + 1 : index + 6])
        if score is not None and score > best_score:
            best, best_score = index, score
        looked_at += 1
        # What is named after addresses and stands above some need not be compared with data.
        if looked_at == SEARCHED_RECORDS or best_score > ADDRESSES_BELOW / 2:
            break
    return best


def _score(record: Sequence[str], below: Sequence[Sequence[str]]) -> float | None:
    """Return how much a record looks like a header; None where it has a cell that none has."""
    names = {at: name for at, cell in enumerate(record) if (name := cell[:LONGEST_CELL].strip())}
    if any(map(has_address, names.values())):
        return None
    score = 0.0
    for at, name in names.items():
        if _NUMBER.fullmatch(name) or is_date(name) or is_url(name):
            score += DATA
        elif len(name) <= LONGEST_NAME:
            words = read_header(name)
            score += KNOWN if words.roles - WEAK else POSSIBLE
            under = (other[at][:LONGEST_CELL].strip() for other in below if at < len(other))
            if words.has("email") and any(map(has_address, under)):
                score += ADDRESSES_BELOW
    return score
