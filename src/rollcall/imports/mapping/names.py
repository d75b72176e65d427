"""Full names → first and last names.

`nameparser` knows titles, particles, degrees and the orders of names in many languages, and takes
an eighth of a millisecond for a name. Nearly all names are two words about which it has nothing to
say, and those are divided a column at a time.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

import polars as pl

from rollcall.imports.mapping.family_names import FAMILY_NAMES_THAT_COME_FIRST
from rollcall.imports.mapping.plan import FULL_NAME

# What is longer is no name of one person.
MAX_WORDS, MAX_CHARACTERS = 8, 100
ROMAN_NUMERALS = {
    tens + ones
    for tens in ("", "x", "xx", "xxx")
    for ones in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
}
_WORD = r"[\p{Lu}&&\p{Latin}][\p{Ll}&&\p{Latin}]+"
TWO_WORDS = f"^({_WORD}) ({_WORD})$"
# Of several people called the same, in one family; degrees and honours are no part of a name.
_generation = re.compile(r"(?:jr|sr|jnr|snr|junior|senior|ii|iii|iv)\.?", re.IGNORECASE)


def split_names(contacts: pl.DataFrame) -> pl.DataFrame:
    """Replace the column `full_name` by `first_name` and `last_name`."""
    cells = contacts[FULL_NAME]
    words = cells.str.extract_groups(TWO_WORDS).struct.unnest()
    lower = pl.col(pl.String).str.to_lowercase()
    known = pl.Series(sorted(_known_words()), dtype=pl.String).implode()
    has_known = words.select(pl.any_horizontal(lower.is_in(known))).to_series()
    others = (has_known | words["1"].is_null()) & cells.is_not_null()
    first, last = words["1"], words["2"]
    if others.any():
        positions = others.arg_true()
        split = [split_name(cell) for cell in cells.filter(others)]
        first = first.scatter(positions, pl.Series([each[0] for each in split], dtype=pl.String))
        last = last.scatter(positions, pl.Series([each[1] for each in split], dtype=pl.String))
    names = (first.alias("first_name"), last.alias("last_name"))
    return contacts.drop(FULL_NAME).with_columns(*names)


def split_name(text: str) -> tuple[str | None, str | None]:
    """Return first and last name; the whole as a first name where nobody can tell.

    A name of one word is a first name, also where it is written without a space between its parts.
    Titles, degrees, nicknames and names before a marriage are left out.
    """
    return (text, None) if len(text) > MAX_CHARACTERS else _split_short(text)


# Nothing longer is kept in memory.
@lru_cache(maxsize=65_536)
def _split_short(text: str) -> tuple[str | None, str | None]:
    words = text.split()
    if not 1 < len(words) <= MAX_WORDS or _may_be_reversed(words):
        return text, None
    name = _parser().parse(text)
    kinds = {str(ambiguity.kind) for ambiguity in name.ambiguities}
    is_unsure = "comma-structure" in kinds or ("particle-or-given" in kinds and text[0].islower())
    is_family_alone = not name.given and (not name.title or "," in text)
    generation = [each for each in name.suffix.split() if _generation.fullmatch(each.strip(","))]
    if is_unsure or is_family_alone or (name.suffix and not name.family):
        return text, None
    first = " ".join(filter(None, [name.given, name.middle]))
    last = " ".join(filter(None, [name.family, *generation]))
    return (first or None, last or None) if first or last else (text, None)


def _may_be_reversed(words: list[str]) -> bool:
    """Tell whether the family name may stand first, as in `Nagy Éva` and `DUPONT Jean`."""
    if any("," in word for word in words):
        return False
    loud = [word.isupper() and len(word) > 2 for word in words]
    is_loud_alone = loud[0] and not any(loud[1:])
    return is_loud_alone or words[0].casefold() in FAMILY_NAMES_THAT_COME_FIRST


@cache
def _known_words() -> frozenset[str]:
    """Return the words that are more than a name."""
    lexicon = _parser().lexicon
    return FAMILY_NAMES_THAT_COME_FIRST.union(
        ROMAN_NUMERALS,
        lexicon.titles,
        lexicon.given_name_titles,
        lexicon.suffix_acronyms,
        lexicon.suffix_words,
        lexicon.suffix_acronyms_ambiguous,
        lexicon.particles,
        lexicon.conjunctions,
        lexicon.bound_given_names,
        lexicon.maiden_markers,
        lexicon.after_given_titles,
    )


@cache
def _parser() -> Any:
    # It takes a third of a second to load, and few imports have full names.
    from nameparser import locales, parser_for

    return parser_for(locales.RU, locales.TR_AZ)
