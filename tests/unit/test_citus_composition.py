"""`docker-compose.citus.yml`, laid over `docker-compose.yml`, by what can be read of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
NODES = ("postgres", "citus-worker-1", "citus-worker-2")


@pytest.fixture
def citus() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.citus.yml").read_text())
    return loaded


def test_three_nodes_of_one_kind(citus: dict[str, Any]) -> None:
    for name in NODES:
        service = citus["services"][name]
        assert service["image"].startswith("${CITUS_IMAGE:?")
        assert service["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
        assert "--shared_preload_libraries=citus" in service["command"]
        # Without it no team can be moved to another node while it is written to.
        assert "--wal_level=logical" in service["command"]
        assert "ports" not in service


def test_each_node_keeps_its_data(citus: dict[str, Any]) -> None:
    mounts = [mount for name in NODES for mount in citus["services"][name]["volumes"]]
    assert {mount.split(":")[0] for mount in mounts} == set(citus["volumes"])
    assert len(mounts) == len(NODES)
    # The same place as without a cluster, so that this volume takes the place of that one.
    base = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    (place,) = {mount.split(":")[1] for mount in mounts}
    assert base["services"]["postgres"]["volumes"] == [f"postgres:{place}"]


def test_the_cluster_is_made_before_tables_are_distributed(citus: dict[str, Any]) -> None:
    services = citus["services"]
    made = services["citus-nodes"]
    assert made["depends_on"] == {name: {"condition": "service_healthy"} for name in NODES}
    completed = {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["citus-nodes"] == completed
    for worker in NODES[1:]:
        assert f"citus_add_node('{worker}', 5432)" in made["command"][-1]
