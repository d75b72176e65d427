"""Domains that are one slip of the finger away from a big mail provider's.

A warning about a domain that is right does more harm than none about one that is wrong, so the
rules are narrow. The first letter is taken to be right, as it nearly always is: that keeps
mail.com, ymail.com and email.com apart from gmail.com. Names of fewer than five letters are next
to names that somebody else really has, so there only the ending is looked at.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cache

PROVIDERS = (
    "gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com",
    "protonmail.com", "rocketmail.com", "aol.com", "msn.com", "live.com", "gmx.com",
    "comcast.net", "verizon.net", "sbcglobal.net", "bellsouth.net", "gmx.de", "gmx.net", "gmx.at",
    "gmx.ch", "web.de", "t-online.de", "freenet.de", "hotmail.de", "outlook.de", "yahoo.de",
    "hotmail.fr", "outlook.fr", "yahoo.fr", "wanadoo.fr", "hotmail.it", "yahoo.it", "hotmail.es",
    "yahoo.es", "hotmail.co.uk", "yahoo.co.uk", "btinternet.com", "yahoo.co.in", "yahoo.com.br",
    "hotmail.com.br", "yahoo.co.jp",
)  # fmt: skip
# Real ones that the rules would take for a slip.
REAL_DOMAINS = {"gail.com", "gmall.com", "grail.com", "freenetz.de"}
SHORTEST_NAME = 5
COM = "com"
# One letter away from "com" and endings of their own. Those of countries are taken for a slip
# after a name that nobody else has.
OTHER_ENDINGS = {"bom", "cam", "mom"}
ENDINGS_OF_COUNTRIES = {"co", "cm", "om"}
LETTERS = string.ascii_lowercase
CHARACTERS = LETTERS + string.digits


def intended_domain(domain: str) -> str | None:
    """Return the provider's domain that a domain, in lower case, is a misspelling of, or None."""
    return _misspellings().get(domain)


@cache
def _misspellings() -> dict[str, str]:
    slips = {slip: domain for domain in PROVIDERS for slip in _slips(domain)}
    for real in (*PROVIDERS, *REAL_DOMAINS):
        slips.pop(real, None)
    return slips


def _slips(domain: str) -> Iterator[str]:
    name, _, ending = domain.partition(".")
    long = len(name) >= SHORTEST_NAME
    if long:
        yield from (f"{slip}.{ending}" for slip in _edits(name, CHARACTERS) if slip[0] == name[0])
        # The first two letters in the wrong order are a slip of the fingers all the same.
        yield f"{name[1]}{name[0]}{name[2:]}.{ending}"
    if ending == COM:
        unlike = OTHER_ENDINGS if long else OTHER_ENDINGS | ENDINGS_OF_COUNTRIES
        yield from (f"{name}.{slip}" for slip in _edits(COM, LETTERS) if slip not in unlike)


def _edits(word: str, characters: str) -> Iterator[str]:
    """Yield what one letter left out, added, mistaken or swapped with the next makes of a word."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (before + character + after for character in characters)
        if after:
            yield before + after[1:]
            yield from (before + character + after[1:] for character in characters)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
