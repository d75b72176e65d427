"""Misspelled domains: what is taken for one, and above all what is not."""

from __future__ import annotations

import itertools

import pytest

from rollcall.imports.mail_providers import PROVIDERS, REAL_DOMAINS, intended_domain

# Where people really have mail, next to names of big providers.
OTHERS = [
    "mail.com", "email.com", "ymail.com", "hmail.com", "gail.com", "grail.com", "gmx.us", "gmx.fr",
    "gmx.es", "web.com", "wex.de", "msn.co", "me.com", "mac.com", "aol.co.uk", "aol.de",
    "live.co.uk", "love.com", "line.com", "yahoo.ca", "yahoo.dk", "yahoo.com.au", "outlook.at",
    "outlook.be", "hotmail.be", "hotmail.se", "cloud.com", "hushmail.com", "naver.com", "qq.com",
    "163.com", "126.com", "online.de", "proton.me", "photon.me", "example.com", "mail.gmail.com",
    "company.com", "gmail.mom", "gmail.cam", "gmx.co", "aol.co", "live.cm",
]  # fmt: skip


@pytest.mark.parametrize(
    ("domain", "intended"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("mgail.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.comm", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("hotmil.fr", "hotmail.fr"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("outlok.de", "outlook.de"),
        ("icoud.com", "icloud.com"),
        ("aol.con", "aol.com"),
        ("tonline.de", "t-online.de"),
    ],
)
def test_one_letter_away(domain: str, intended: str) -> None:
    assert intended_domain(domain) == intended


@pytest.mark.parametrize("domain", [*PROVIDERS, *sorted(REAL_DOMAINS), *OTHERS])
def test_what_is_right_is_left_alone(domain: str) -> None:
    assert intended_domain(domain) is None


@pytest.mark.parametrize("domain", ["gmxail.org", "gmaiil.co", "gmali.con", "gm.com", "", "gmail"])
def test_two_letters_away_is_another_domain(domain: str) -> None:
    assert intended_domain(domain) is None


def test_whatever_is_found_is_one_edit_away() -> None:
    alphabet = "abgilmo.c1-"
    for letters in itertools.product(alphabet, repeat=2):
        for at in range(len("gmail.com")):
            domain = "gmail.com"[:at] + "".join(letters) + "gmail.com"[at + 1 :]
            intended = intended_domain(domain)
            assert intended is None or distance(domain, intended) == 1, domain


def distance(one: str, other: str) -> int:
    """The optimal string alignment distance, by the book."""
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i, j in itertools.product(range(1, len(one) + 1), range(1, len(other) + 1)):
        cost = int(one[i - 1] != other[j - 1])
        table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + cost)
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one), len(other)]
