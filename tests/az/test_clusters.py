"""`az monitor log-analytics cluster` and the link of a workspace to one."""

from __future__ import annotations

import pytest

from tests.az.command_line import NOT_FOUND, Az

pytestmark = [pytest.mark.az, pytest.mark.timeout(600)]
_CLUSTER = "monitor log-analytics cluster"
_WORKSPACE = "monitor log-analytics workspace"


def test_a_cluster_from_beginning_to_end(az: Az) -> None:
    # A name of its own: `az ad sp create-for-rbac` takes an identity of the same name for the application.
    one = "--resource-group default --name stored"
    made = az.run(f"{_CLUSTER} create {one} --sku-capacity 100")
    assert (made["name"], made["sku"]["capacity"]) == ("stored", 100)
    az.run(f"{_CLUSTER} wait {one} --created --interval 1 --timeout 60")
    assert az.run(f"{_CLUSTER} show {one}")["provisioningState"] == "Succeeded"
    changed = az.run(f"{_CLUSTER} update {one} --sku-capacity 200 --tags team=blue")
    assert (changed["sku"]["capacity"], changed["tags"]) == (200, {"team": "blue"})
    assert [cluster["name"] for cluster in az.run(f"{_CLUSTER} list")] == ["stored"]
    az.run(f"{_WORKSPACE} create --resource-group default --workspace-name linked")
    link = "--resource-group default --workspace-name linked --name cluster"
    linked = az.run(f"{_WORKSPACE} linked-service create {link} --write-access-resource-id {made['id']}")
    assert linked["writeAccessResourceId"].lower() == made["id"].lower()
    assert az.run(f"{_WORKSPACE} linked-service show {link}")["id"] == linked["id"]
    listed = az.run(f"{_WORKSPACE} linked-service list --resource-group default --workspace-name linked")
    assert [service["id"] for service in listed] == [linked["id"]]
    az.run(f"{_WORKSPACE} linked-service delete {link} --yes")
    az.run(f"{_CLUSTER} delete {one} --yes")
    az.refuse(f"{_CLUSTER} show {one}", status=NOT_FOUND)
