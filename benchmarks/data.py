"""Files of contacts with a fixed seed: the same bytes on every machine."""

from __future__ import annotations

import random
from collections.abc import Iterator

COLUMN_MAP = {
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "unsubscribed": "unsubscribed",
    "properties": {
        "plan": {"column": "plan", "type": "string"},
        "seats": {"column": "seats", "type": "number"},
        "city": {"column": "city", "type": "string"},
    },
}
HEADER = "email,first_name,last_name,unsubscribed,plan,seats,city"
NAMES = ["Ada", "Grace", "Édouard", "Margarethe", "Bo", "Hiroshi", "Zoë", "Alexandrina"]
CITIES = ["Berlin", "São Paulo", "New York", "Kyoto", "Saint-Rémy-de-Provence", "Oslo"]
SEED = 20261120


def contacts(count: int) -> Iterator[tuple[str, ...]]:
    """Yield the cells of `count` contacts; their addresses are distinct and in random order."""
    chance = random.Random(SEED)
    for number in range(count):
        address = f"{chance.choice(NAMES).encode('ascii', 'ignore').decode().lower()}."
        address += f"{chance.getrandbits(32):08x}.{number:x}@example{chance.randrange(500)}.com"
        yield (
            address,
            chance.choice(NAMES),
            f"{chance.choice(NAMES)}sen-{chance.randrange(10_000)}",
            chance.choice(["no", "no", "no", "yes"]),
            chance.choice(["free", "pro", "enterprise"]),
            str(chance.randrange(500)),
            chance.choice(CITIES),
        )


def csv_file(count: int) -> bytes:
    """Return `count` contacts as a CSV file: about 88 bytes each."""
    lines = (",".join(cells) for cells in contacts(count))
    return "\n".join([HEADER, *lines]).encode() + b"\n"
