"""What a new property is called, after its column: letters, digits and underscores, at most 50."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from rollcall.imports.matching.columns import Column
from rollcall.imports.matching.letters import letters
from rollcall.imports.matching.normalise import atoms

LONGEST = 50
# A name of which less can be written in Latin letters says nothing to a reader.
SHORTEST = 2

_LATIN = str.maketrans(letters()["latin"] | letters()["alike"])
_NO_KEY = re.compile(r"[^a-z0-9]+")
# Roles after which a property is called when its name has no Latin letters.
NAMING_ROLES = (
    "company", "job_title", "department", "phone", "postal_code", "city", "region", "country",
    "street", "birthday", "gender", "language", "website", "timezone", "note", "tags",
    "salutation", "middle_name", "nickname", "username", "suffix", "display_name", "house_number",
    "status", "email", "first_name", "last_name", "full_name", "unsubscribed", "subscribed",
    "created", "id",
)  # fmt: skip
RESERVED = frozenset({"email", "first_name", "last_name", "unsubscribed", "full_name"})


def key_for(column: Column, taken: Collection[str]) -> str:
    """Return a key that no other property has.

    Args:
        column: what it is called is kept, in Latin letters; else it is called after what it means.
        taken: the keys of other properties.
    """
    key = slug(column.name) or _by_meaning(column) or f"column_{column.index + 1}"
    if key in RESERVED:
        key = f"other_{key}"
    unique, number = key, 2
    while unique in taken:
        suffix = f"_{number}"
        unique, number = key[: LONGEST - len(suffix)] + suffix, number + 1
    return unique


def slug(name: str) -> str:
    """Return a name in Latin letters; empty where too little of it can be written so."""
    latin = "_".join(atoms(name)).translate(_LATIN)
    latin = unicodedata.normalize("NFKD", latin)
    kept = _NO_KEY.sub("_", latin.encode("ascii", "ignore").decode())
    kept = re.sub(r"_+", "_", kept).strip("_")
    if len(kept) * 2 < len("".join(atoms(name))):
        return ""
    if len(kept) > LONGEST:
        kept = kept[:LONGEST].rpartition("_")[0] or kept[:LONGEST]
    return kept if len(kept) >= SHORTEST or name.isascii() else ""


def _by_meaning(column: Column) -> str:
    roles = column.words.roles
    return next((role for role in NAMING_ROLES if role in roles), "")
