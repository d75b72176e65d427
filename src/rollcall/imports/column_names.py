"""The names of columns: how they are compared, and what one is called that shares its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rollcall.text import strip_cell

# The columns that a failures file has besides the original ones.
FAILED_ROW, FAILED_WHY = "import_row", "import_error"
_NUMBERED = re.compile(r"(.+) \(([1-9][0-9]{0,5})\)", re.DOTALL)


class ColumnMissing(LookupError):
    """No column of the header has this name."""


class ColumnRepeated(LookupError):
    """Several columns of the header have this name; each has one with a number too."""


def strip_name(name: str) -> str:
    """Return a column's name as names are compared.

    Blanks and invisible characters around it are no part of it, and a no-break space is a space.
    """
    return strip_cell(name).replace("\N{NO-BREAK SPACE}", " ")


def column_index(header: Sequence[str], name: str) -> int:
    """Return which column is called so; of several that share a name, `Name (2)` is the second.

    Args:
        header: the names of all columns, stripped. One that is called `Name (2)` itself is that.
        name: stripped, too.

    Raises:
        ColumnMissing, ColumnRepeated: there is none, or there are several.
    """
    times = header.count(name)
    if times == 1:
        return header.index(name)
    if times > 1:
        raise ColumnRepeated(name)
    if numbered := _NUMBERED.fullmatch(name):
        columns = [at for at, other in enumerate(header) if other == numbered[1]]
        if 1 < len(columns) >= int(numbered[2]):
            return columns[int(numbered[2]) - 1]
    raise ColumnMissing(name)


def has_column(header: Sequence[str], name: str) -> bool:
    """Tell whether a column is called so, or several are."""
    try:
        column_index(header, name)
    except ColumnMissing:
        return False
    except ColumnRepeated:
        pass
    return True


def column_names(header: Sequence[str]) -> list[str | None]:
    """Return the name under which `column_index` finds each column; None for one that has none."""
    times = Counter(header)
    seen: Counter[str] = Counter()
    names: list[str | None] = []
    for name in header:
        seen[name] += 1
        if name and times[name] > 1:
            numbered = f"{name} ({seen[name]})"
            names.append(None if numbered in times else numbered)
        else:
            names.append(name or None)
    return names
