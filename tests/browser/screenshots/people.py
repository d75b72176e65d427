"""Believable contacts: files as a roastery's shop would export them, and values that are long."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.browser.exports import table

FIRST = (
    "Amara", "Ben", "Chiara", "Diego", "Elif", "Fatima", "Goran", "Hana", "Ivo", "Jana",
    "Kenji", "Lena", "Mateo", "Nadia", "Oskar", "Priya", "Quinn", "Rosa", "Samir", "Tove",
    "Umar", "Vera", "Wiktor", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
LAST = (
    "Adler", "Bianchi", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haddad",
    "Ito", "Jansen", "Kowalska", "Lindqvist", "Moreau", "Novák", "Okafor", "Papadopoulos",
    "Rossi", "Schmidt", "Tanaka", "Van-Dijk", "Weber", "Yilmaz", "Ziegler",
)  # fmt: skip
CITIES = (
    "Lisbon", "Porto", "Bergen", "Antwerp", "Bologna", "Leipzig", "Gdańsk", "Rotterdam",
    "Lyon", "Malmö", "Graz",
)  # fmt: skip
PLANS = ("Filter", "Espresso", "Decaf", "Office")
ASCII = str.maketrans("áëíöý", "aeioy")
COLUMNS = [
    *("Email Address", "First Name", "Last Name", "Subscription", "Cups a Day", "Wholesale"),
    *("City", "Customer Since", "Comments"),
]
FIELDS = {
    "email": "Email Address",
    "first_name": "First Name",
    "last_name": "Last Name",
    "properties": {
        "subscription": {"column": "Subscription", "type": "string"},
        "cups_a_day": {"column": "Cups a Day", "type": "number"},
        "wholesale": {"column": "Wholesale", "type": "boolean"},
        "city": {"column": "City", "type": "string"},
    },
}
# By the last digits of a row's number: which cell is wrong, and what stands there.
FAULTS = {
    17: (0, "{first} at example.com"),
    42: (4, "2,5"),
    58: (5, "maybe"),
    77: (0, ""),
    91: (4, "a lot"),
}
LONG_WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
LONG_NAME = " ".join([LONG_WORD, *itertools.repeat("and everybody who was there", 8)])[:300]
LONG_FILE = f"export of all contacts ({'final version, ' * 9}really).csv"
LONG_EMAIL = f"{'a-very-long-name.' * 3}of-somebody@{'department.' * 6}example.com"


def people(start: int, count: int) -> Iterator[list[str]]:
    """Yield the cells of these people, who are the same whenever they are asked for."""
    for number in range(start, start + count):
        first, last = FIRST[number * 7 % len(FIRST)], LAST[number * 11 % len(LAST)]
        address = f"{first}.{last}{number // 400 or ''}".lower().translate(ASCII)
        yield [
            f"{address}@example.{('com', 'org', 'net')[number % 3]}",
            first,
            last,
            PLANS[number * 5 % len(PLANS)],
            str(1 + number % 6),
            "yes" if number % 9 == 0 else "no",
            CITIES[number * 3 % len(CITIES)],
            f"{2019 + number % 7}-0{1 + number % 9}-1{number % 10}",
            "likes it dark" if number % 20 == 0 else "",
        ]


def customers(start: int, count: int, *, are_good: bool = True) -> bytes:
    """Return a file of people; of those that are not all good some fail, more towards the end."""
    rows = list(people(start, count))
    if not are_good:
        for number, row in enumerate(rows):
            fault = FAULTS.get(number % 100)
            if fault and (number % 300 < 100 or number > count * 3 // 4):
                row[fault[0]] = fault[1].format(first=row[1])
    return table([COLUMNS, *rows])


def doubtful() -> bytes:
    """Return a file of which not every column is certain."""
    columns = ["E-mail", "Work", "Name", "Phone", "Worth", "Opted out", "Member since", ""]
    rows = [
        [
            row[0],
            row[0].replace("example", "work.example"),
            f"{row[1]} {row[2]}",
            f"+351 912 000 {number:03}",
            f"{number * 3},50",
            "x" if number % 4 == 0 else "",
            row[7],
            "",
        ]
        for number, row in enumerate(people(0, 40))
    ]
    return table([columns, *rows], delimiter=";")


def wide() -> bytes:
    """Return a file with many columns, whose names and values are long."""
    names = [f"{LONG_WORD if number % 7 == 0 else 'Answer to question'} {number}" for number in
             range(60)]  # fmt: skip
    rows = [
        [row[0], LONG_NAME, row[2], *(LONG_NAME if n % 9 == 0 else str(n) for n in range(60))]
        for row in people(0, 12)
    ]
    return table([["Email", "First name", "Last name", *names], *rows])
