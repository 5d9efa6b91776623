"""The life of dedicated clusters with the real client, over a whole server: what is stored where, and who still sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from tests.api.ingestion_setup import sign
from tests.servers import DATA_FOLDER, Server, start_server
from tests.waiting import wait_for

GROUP = "default"
DRAFT = {
    "location": "local",
    "identity": {"type": "SystemAssigned"},
    "sku": {"name": "CapacityReservation", "capacity": 1000},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings: dict[str, dict[str, object]] = {
        "clusters": {"maximum_links": 10},
        "ingest": {"flush_interval_seconds": 0.1},
    }
    with start_server(tmp_path_factory.mktemp("clusters"), settings=settings, quick_jobs=True) as server:
        yield server


@pytest.fixture(scope="module")
def logs(server: Server) -> Iterator[Any]:
    credential = ClientSecretCredential(**server.credential_arguments())
    subscription_id = str(server.home.resource_id).split("/")[2]
    options: dict[str, Any] = {"connection_verify": server.ca_file, "polling_interval": 0}
    with LogAnalyticsManagementClient(
        credential, subscription_id, base_url=server.endpoint, **options
    ) as client:
        yield client


def send(server: Server, text: str, **more: Any) -> None:
    """Send a record to the workspace's table and wait until a query sees it."""
    body = json.dumps([{"Message": text, **more}]).encode()
    headers = sign(server.home, len(body)) | {"Log-Type": "Moved"}
    with server.client() as client:
        answer = client.post("/api/logs", params={"api-version": "2016-04-01"}, content=body, headers=headers)
        assert answer.status_code == 200, answer.text
    wait_for(lambda: text in texts(server))


def texts(server: Server, query: str = "Moved_CL | project Message") -> list[str]:
    rows = server.query(f"union isfuzzy=true (datatable(Message: string)[]), ({query} = Message_s)")[
        "tables"
    ][0]
    return sorted(row[0] for row in rows["rows"])


def link(server: Server, logs: Any, cluster_id: str) -> None:
    document = {"properties": {"writeAccessResourceId": cluster_id}}
    linked = logs.linked_services.begin_create_or_update(
        GROUP, server.home.name, "cluster", document
    ).result()
    assert linked.provisioning_state == "Succeeded"


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def move_out_and_back(server: Server, logs: Any) -> None:
    """New records go to the cluster while the workspace is linked; queries see all."""
    place = server.home.name
    send(server, "at home")
    cluster = logs.clusters.begin_create_or_update(GROUP, "cluster-1", DRAFT).result()
    assert cluster.provisioning_state == "Succeeded"
    assert cluster.identity.principal_id
    folder = server.folder / DATA_FOLDER / "clusters" / cluster.cluster_id
    assert files_below(folder) == []

    link(server, logs, cluster.id)
    assert logs.workspaces.get(GROUP, place).features.cluster_resource_id == cluster.id
    (associated,) = logs.clusters.get(GROUP, "cluster-1").associated_workspaces
    assert associated.workspace_name == place
    send(server, "in the first cluster", Number=1)
    assert texts(server) == ["at home", "in the first cluster"]
    assert texts(server, "Moved_CL | where Message_s has 'cluster' | project Message") == [
        "in the first cluster"
    ]
    assert server.query("Moved_CL | summarize count(), sum(Number_d)")["tables"][0]["rows"] == [[2, 1]]
    stored = files_below(folder / "disks")
    assert stored
    assert all(path.read_bytes().startswith(b"ENC") for path in stored if path.stat().st_size)

    logs.linked_services.begin_delete(GROUP, place, "cluster").result()
    assert logs.workspaces.get(GROUP, place).features.cluster_resource_id is None
    send(server, "at home again")
    assert texts(server) == ["at home", "at home again", "in the first cluster"]


def delete_recover_destroy(server: Server, logs: Any) -> None:
    """A deleted cluster takes its records along, and brings them back until its time is over."""
    first = logs.clusters.get(GROUP, "cluster-1")
    second = logs.clusters.begin_create_or_update(
        GROUP, "cluster-2", DRAFT | {"properties": {"isDoubleEncryptionEnabled": False}}
    ).result()
    link(server, logs, second.id)
    send(server, "in the second cluster")
    with pytest.raises(HttpResponseError, match="Unlink them first"):
        logs.clusters.begin_delete(GROUP, "cluster-2").result()

    logs.clusters.begin_delete(GROUP, "cluster-1").result()
    assert texts(server) == ["at home", "at home again", "in the second cluster"]
    recovered = logs.clusters.begin_create_or_update(GROUP, "cluster-1", DRAFT).result()
    assert recovered.cluster_id == first.cluster_id
    assert texts(server) == [
        "at home",
        "at home again",
        "in the first cluster",
        "in the second cluster",
    ]

    logs.clusters.begin_delete(GROUP, "cluster-1").result()
    folder = server.folder / DATA_FOLDER / "clusters" / str(first.cluster_id)
    key = server.folder / DATA_FOLDER / "keys" / "wrapped" / "clusters" / f"{first.cluster_id}.json"
    assert key.exists()
    with server.later(timedelta(days=14, minutes=1)):
        wait_for(lambda: not folder.exists() and not key.exists())
    assert texts(server) == ["at home", "at home again", "in the second cluster"]


@pytest.mark.timeout(180)
def test_the_life_of_a_cluster(server: Server, logs: Any) -> None:
    move_out_and_back(server, logs)
    delete_recover_destroy(server, logs)
