"""Workers whose clocks are a day ahead or behind: ids come in the order of what has happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Product, Team
from tests.support.clocks import start_ahead
from tests.support.patience import wait_until

DAY = 24 * 3600


@pytest.mark.parametrize("ahead", [DAY, -DAY])
def test_ids_are_in_order_whatever_the_workers_clock_says(
    product: Product, team_key: str, tmp_path: Path, ahead: int
) -> None:
    start_ahead(product, ahead, tmp_path / "site", "worker")
    with Team(product.start_api(), team_key).client() as client:

        def create(name: str) -> None:
            answer = client.post("/contacts", json={"email": f"{name}@example.com"})
            assert answer.status_code == 201

        create("before")
        csv = b"email\n" + b"".join(b"import%d@example.com\n" % n for n in range(3))
        made = client.post("/contacts/imports", files={"file": csv}).json()["id"]
        wait_until(lambda: client.get(f"/contacts/imports/{made}").json()["status"] == "completed")
        assert (tmp_path / "site" / "loaded").exists()
        create("after")
        listed = [item["email"] for item in client.get("/contacts").json()["data"]]
    expected = ["before", "import0", "import1", "import2", "after"]
    assert listed == [f"{name}@example.com" for name in reversed(expected)]
