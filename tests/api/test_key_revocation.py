"""What a customer's key taken away does to a workspace that was linked over the API, and to a query that runs just then."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from azure.keyvault.keys import KeyClient

from tests.api.ingestion_setup import sign
from tests.api.test_customers import call
from tests.api.vault_clients import VaultClients, open_clients, resolve_vaults
from tests.servers import DATA_FOLDER, Place, Server, populate, start_server
from tests.waiting import wait_for

KEY = "protector"
KEPT = "union isfuzzy=true (datatable(Text_s: string)[]), Kept_CL | project Text_s"
SLOW = (
    "Kept_CL | extend One = 1 "
    "| join kind=inner (range x from 1 to 100000000000 step 1 | extend One = 1) on One | count"
)
LARGE_ROWS = 100_000_000
LARGE = (
    f"range x from 1 to {LARGE_ROWS} step 1 | extend One = 1 "
    "| join kind=inner (Kept_CL | take 1 | extend One = 1) on One "
    "| project x, text = 'a rather long text, so that no buffer holds the answer'"
)


@dataclass(slots=True)
class Linked:
    """A workspace in a cluster under a key of a vault, made as a customer would; and what was accepted so far."""

    server: Server
    place: Place
    clients: VaultClients
    vault: Any
    keys: KeyClient
    accepted: list[str]

    def ask(self, text: str = KEPT, place: Place | None = None) -> httpx.Response:
        path = f"/v1/workspaces/{(place or self.place).workspace_id}/query"
        with self.server.client(self.server.token()) as client:
            return client.post(path, json={"query": text})

    def send(self, text: str, later_by: timedelta = timedelta(0)) -> httpx.Response:
        body = f'[{{"Text": "{text}"}}]'.encode()
        headers = sign(self.place, len(body), at=datetime.now(UTC) + later_by) | {"Log-Type": "Kept"}
        with self.server.client() as client:
            answer = client.post(
                "/api/logs", params={"api-version": "2016-04-01"}, content=body, headers=headers
            )
        if answer.status_code == 200:
            self.accepted.append(text)
        return answer

    def is_sealed_off(self) -> bool:
        return self.ask().status_code == 403

    def has_all(self) -> bool:
        """Whether everything that was accepted can be read, each record once."""
        answer = self.ask()
        return answer.status_code == 200 and sorted(
            row[0] for row in answer.json()["tables"][0]["rows"]
        ) == sorted(self.accepted)


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    limits: dict[str, dict[str, object]] = {
        "query": {
            "requests_per_caller": 1_000_000,
            "maximum_rows": 2 * LARGE_ROWS,
            "maximum_result_bytes": 1_000 * LARGE_ROWS,
        },
        "ingest": {"flush_interval_seconds": 0.05},
        "vault": {"poll_seconds": 1},
    }
    folder = tmp_path_factory.mktemp("revocation")
    with (
        start_server(folder, settings=limits, populate=populate, quick_jobs=True) as server,
        open_clients(server) as clients,
        pytest.MonkeyPatch.context() as patch,
    ):
        resolve_vaults(patch)
        yield make_linked(server, clients)


def make_linked(server: Server, clients: VaultClients) -> Linked:
    place = server.people.neighbour
    group = str(place.resource_id.parent)
    cluster = f"{group}/providers/Microsoft.OperationalInsights/clusters/customers"
    draft = {
        "location": "local",
        "identity": {"type": "SystemAssigned"},
        "sku": {"name": "CapacityReservation", "capacity": 1000},
    }
    assert call(server, "PUT", cluster, draft).status_code in (200, 201, 202)
    made = wait_for_success(server, cluster)
    vault = clients.make_vault(enablePurgeProtection=True, softDeleteRetentionInDays=7)
    policy = {
        "tenantId": str(place.tenant_id),
        "objectId": made["identity"]["principalId"],
        "permissions": {"keys": ["get", "wrapKey", "unwrapKey"]},
    }
    vaults = clients.management().vaults
    home_group = str(server.home.resource_id.resource_group)
    vaults.update_access_policy(home_group, vault.name, "add", {"properties": {"accessPolicies": [policy]}})
    keys = clients.keys(vault.properties.vault_uri)
    keys.create_rsa_key(KEY)
    named = {"keyVaultUri": vault.properties.vault_uri, "keyName": KEY, "keyVersion": ""}
    brought = call(server, "PATCH", cluster, {"properties": {"keyVaultProperties": named}})
    assert brought.status_code in (200, 202), brought.text
    wait_for_success(server, cluster)
    data = server.folder / DATA_FOLDER / "clusters" / made["properties"]["clusterId"]
    linked = Linked(server, place, clients, vault, keys, [])
    assert linked.send("at home").status_code == 200
    wait_for(linked.has_all)
    link = call(
        server,
        "PUT",
        f"{place.resource_id}/linkedServices/cluster",
        {"properties": {"writeAccessResourceId": cluster}},
    )
    assert link.status_code in (200, 201, 202), link.text
    wait_for_success(server, f"{place.resource_id}/linkedServices/cluster")
    assert linked.send("in the cluster").status_code == 200
    wait_for(linked.has_all)
    assert any(path.is_file() for path in data.rglob("*"))
    return linked


def wait_for_success(server: Server, path: str) -> dict[str, Any]:
    def find() -> dict[str, Any] | None:
        found = dict(call(server, "GET", path).json())
        return found if found["properties"]["provisioningState"] == "Succeeded" else None

    return wait_for(find)


def check_revocation(
    linked: Linked, take: Callable[[], object], give: Callable[[], object], text: str
) -> None:
    """Reads and records are refused once the key is taken, others see nothing of it, and giving it back loses nothing."""
    server, place = linked.server, linked.place
    assert linked.send(f"before {text}").status_code == 200
    seals = server.log().count("cluster_sealed_off")
    take()
    wait_for(linked.is_sealed_off)
    refused = linked.ask().json()["error"]
    assert (refused["code"], "wrap and unwrap" in str(refused)) == ("WorkspaceKeyUnavailable", True)
    beside = f'union isfuzzy=true (print Text_s = "own"), (workspace("{place.workspace_id}").Kept_CL)'
    assert linked.ask(beside, server.home).status_code == 403
    assert linked.ask("print 1", server.home).status_code == 200
    turned_away = linked.send("turned away")
    assert (turned_away.status_code, turned_away.headers["Retry-After"]) == (503, "30")
    wait_for(lambda: server.log().count("cluster_sealed_off") == seals + 1)
    assert linked.ask().status_code == 403
    give()
    wait_for(linked.has_all)
    assert linked.send(f"after {text}").status_code == 200
    wait_for(linked.has_all)


def test_a_disabled_key_seals_off_what_is_linked(linked: Linked) -> None:
    check_revocation(
        linked,
        lambda: linked.keys.update_key_properties(KEY, enabled=False),
        lambda: linked.keys.update_key_properties(KEY, enabled=True),
        "disabling",
    )


def test_a_key_that_expires_seals_off_what_is_linked(linked: Linked) -> None:
    """Nobody does anything: the clock alone takes the key away. A later end of the key gives it back."""
    ends_at = datetime.now(UTC) + timedelta(minutes=5)
    linked.keys.update_key_properties(KEY, expires_on=ends_at)
    assert linked.send("before expiry").status_code == 200
    wait_for(linked.has_all)
    with linked.server.later(timedelta(minutes=6)):
        wait_for(linked.is_sealed_off)
        assert linked.send("turned away", timedelta(minutes=6)).status_code == 503
        linked.keys.update_key_properties(KEY, expires_on=ends_at + timedelta(days=365))
        wait_for(linked.has_all)


def test_a_deleted_vault_seals_off_what_is_linked(linked: Linked) -> None:
    vaults = linked.clients.management().vaults
    group = str(linked.server.home.resource_id.resource_group)
    recovered = {
        "location": "local",
        "properties": {
            "tenantId": str(linked.place.tenant_id),
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [],
            "createMode": "recover",
        },
    }
    check_revocation(
        linked,
        lambda: vaults.delete(group, linked.vault.name),
        lambda: vaults.begin_create_or_update(group, linked.vault.name, recovered).result(),
        "deleting the vault",
    )


def test_queries_that_run_when_the_key_goes_end_with_the_reason(linked: Linked) -> None:
    """One that has sent nothing yet is refused; one whose rows are on the way stops, and says why it is not the whole."""

    def take() -> None:
        with running(linked) as answers, linked.server.client(linked.server.token()) as client:
            path = f"/v1/workspaces/{linked.place.workspace_id}/query"
            unread = {"Accept-Encoding": "identity"}
            with client.stream("POST", path, json={"query": LARGE}, headers=unread) as streamed:
                parts = streamed.iter_bytes(100_000)
                begun = next(parts)
                linked.keys.update_key_properties(KEY, enabled=False)
                wait_for(linked.is_sealed_off)
                answer = json.loads(begun + b"".join(parts))
            wait_for(lambda: bool(answers))
        assert answers[0].status_code == 403, answers[0].text
        assert answers[0].json()["error"]["code"] == "WorkspaceKeyUnavailable"
        assert len(answer["tables"][0]["rows"]) < LARGE_ROWS
        assert "WorkspaceKeyUnavailable" in str(answer["error"])

    check_revocation(
        linked, take, lambda: linked.keys.update_key_properties(KEY, enabled=True), "while queries ran"
    )


@contextmanager
def running(linked: Linked) -> Iterator[list[httpx.Response]]:
    """A query of the workspace that would take days, begun when the block begins; its answer when that is there."""
    answers: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: answers.append(linked.ask(SLOW)))
    thread.start()
    try:
        yield answers
    finally:
        thread.join()
