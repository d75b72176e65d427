"""Which columns have a person's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rollcall.imports.matching import weights
from rollcall.imports.matching.cell_kinds import letters_of
from rollcall.imports.matching.columns import Column, Verdict, score_name

# A column of which fewer cells can be names has none; below a short table there may be a total.
MOST = 0.5
# So many records have to agree before the insides of addresses say what a column is.
LEAST_RECORDS = 3
SHORTEST_NAME = 2


@dataclass
class People:
    """The columns of names; a field that has none is missing. Full names can be there besides."""

    chosen: dict[str, Verdict] = field(default_factory=dict)

    def columns(self) -> set[int]:
        return {verdict.column.index for verdict in self.chosen.values()}


def choose_names(
    columns: Sequence[Column], records: Sequence[Sequence[str]], email: Column | None
) -> People:
    """Return which columns are the names of the person whose address is in `email`.

    Args:
        columns: all that have not been taken for another field.
        records: below the header, as wide as it.
        email: where the addresses are, if anywhere.
    """
    people = People()
    for role in ("first_name", "last_name", "full_name"):
        free = [column for column in columns if column.index not in people.columns()]
        best = _best(free, role, email)
        if best is not None:
            people.chosen[role] = best
    _resolve_bare_name(people, columns, records, email)
    _look_inside_addresses(people, columns, records, email)
    _check_full_name(people, records)
    return people


def _can_be_names(column: Column) -> bool:
    cells = column.cells
    return not cells or (cells.people >= MOST and not cells.are("yes", "no"))


def _best(
    columns: Sequence[Column], role: str, email: Column | None, *, is_last_resort: bool = False
) -> Verdict | None:
    verdicts = []
    beside = () if role == "full_name" else ("name", "full_name")
    for column in columns:
        targets = [role, "first_name", "last_name"] if _says_both(column, role) else [role]
        score = score_name(column, targets, weights.UNKNOWN[role], beside)
        if score is None and is_last_resort and _shows_names(column):
            score = weights.SHOWN_NAME
        if score is None or not _can_be_names(column):
            continue
        verdicts.append(_with_cells(Verdict(column, score, ("its name says so",)), email))
    good = [verdict for verdict in verdicts if verdict.score >= weights.UNSURE]
    return max(good, key=lambda verdict: verdict.score, default=None)


def _says_both(column: Column, role: str) -> bool:
    """Tell whether a full name is looked for, and a name says both of its parts: `Last, first`."""
    return role == "full_name" and {"first_name", "last_name"} <= column.words.roles


def _shows_names(column: Column) -> bool:
    """Tell whether what may be called otherwise is a first and a last name in most cells."""
    if not any(map(column.words.is_only, ("username", "display_name", "own"))):
        return False
    return column.cells.share(lambda cell: " " in cell) >= MOST


def _with_cells(verdict: Verdict, email: Column | None) -> Verdict:
    column = verdict.column
    if email is not None and column.owner == email.owner:
        verdict = verdict.plus(weights.LIKE_THE_EMAIL)
    if not column.cells:
        verdict = verdict.plus(weights.EMPTY)
    verdict = verdict.plus(weights.SELDOM_FILLED * (1 - column.cells.filled_share) / 2)
    return verdict.plus(column.index * weights.LATER_IN_FILE)


def _resolve_bare_name(
    people: People,
    columns: Sequence[Column],
    records: Sequence[Sequence[str]],
    email: Column | None,
) -> None:
    """Take a column that is only called `Name` (`Nom`, `Nome`) as what the others leave over."""
    free = [column for column in columns if column.index not in people.columns()]
    best = _best(free, "name", email, is_last_resort=not people.chosen.keys() - {"last_name"})
    if best is None:
        return
    has_first, has_last = "first_name" in people.chosen, "last_name" in people.chosen
    if has_first is has_last:
        if "full_name" not in people.chosen:
            people.chosen["full_name"] = best
    elif best.score >= weights.LIKELY:
        part = people.chosen["first_name" if has_first else "last_name"].column
        if _is_full(best.column, part, records):
            people.chosen.setdefault("full_name", best)
            return
        if _shows_names(best.column):
            return
        role, other = ("last_name", "first") if has_first else ("first_name", "last")
        reason = f"it is called a name, and another column has the {other} name"
        people.chosen[role] = Verdict(best.column, best.score, (reason,))


def _is_full(whole: Column, part: Column, records: Sequence[Sequence[str]]) -> bool:
    """Tell whether most cells of one column have those of another within them."""
    pairs = [(record[whole.index].split(), record[part.index].split()) for record in records[:30]]
    inside = [len(w) > len(p) and set(p) <= set(w) for w, p in pairs if w and p]
    return bool(inside) and sum(inside) * 2 > len(inside)


def _look_inside_addresses(
    people: People,
    columns: Sequence[Column],
    records: Sequence[Sequence[str]],
    email: Column | None,
) -> None:
    """Take columns with a name that says nothing by what stands before the `@`."""
    if email is None or people.chosen:
        return
    shares: list[tuple[float, Column]] = []
    for column in columns:
        if column.words.roles - {"filler", "own"} or column.index == email.index:
            continue
        share = _share_inside(column, email, records)
        if share is not None and share > 0.5 and _can_be_names(column):
            shares.append((share, column))
    found = sorted(shares, key=lambda pair: -pair[0])[:2]
    reason = "its cells stand in the e-mail addresses"
    if len(found) == 2:
        first, last = _order(found[0][1], found[1][1], email, records)
        people.chosen["first_name"] = Verdict(first, weights.INSIDE_ADDRESSES, (reason,))
        people.chosen["last_name"] = Verdict(last, weights.INSIDE_ADDRESSES, (reason,))
    elif found and any(" " in cell for cell in found[0][1].cells.looked_at):
        people.chosen["full_name"] = Verdict(found[0][1], weights.INSIDE_ADDRESSES, (reason,))


def _share_inside(column: Column, email: Column, records: Sequence[Sequence[str]]) -> float | None:
    agree = tried = 0
    for record in records[:30]:
        name, local = record[column.index].strip(), record[email.index].partition("@")[0]
        parts = [letters_of(part) for part in name.split()]
        if not local or not any(len(part) > SHORTEST_NAME for part in parts):
            continue
        tried += 1
        agree += any(len(part) > SHORTEST_NAME and part in letters_of(local) for part in parts)
    return agree / tried if tried >= LEAST_RECORDS else None


def _order(
    one: Column, other: Column, email: Column, records: Sequence[Sequence[str]]
) -> tuple[Column, Column]:
    """Return the two in the order in which they stand in the addresses, mostly."""
    ahead = 0
    for record in records[:30]:
        local = letters_of(record[email.index].partition("@")[0])
        at = [local.find(letters_of(record[column.index])) for column in (one, other)]
        if min(at) >= 0:
            ahead += 1 if at[0] < at[1] else -1
    if ahead == 0:
        ahead = 1 if one.index < other.index else -1
    return (one, other) if ahead > 0 else (other, one)


def _check_full_name(people: People, records: Sequence[Sequence[str]]) -> None:
    """Say of a full name that it is the other two together, where it is; of others it is none."""
    parts = people.chosen
    if not {"first_name", "last_name", "full_name"} <= parts.keys():
        return
    full, first, last = (parts[role].column for role in ("full_name", "first_name", "last_name"))
    inside = [
        all(
            letters_of(record[part.index]) in letters_of(record[full.index])
            for part in (first, last)
        )
        for record in records
        if record[full.index].strip() and record[last.index].strip()
    ]
    if not full.others <= first.others | last.others or sum(inside) * 2 < len(inside):
        del parts["full_name"]
    elif inside:
        reason = "it is the first and the last name together"
        parts["full_name"] = Verdict(full, weights.CERTAIN, (reason,))
