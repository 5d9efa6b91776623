"""A customer's key over a cluster: taken, replaced, taken away and given back, over the real clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from azure.keyvault.keys import KeyClient

from kelp.app.installation import Installation
from kelp.app.managed_identities import DirectoryIdentities
from kelp.base.ids import ResourceId
from kelp.resources.author import system_author
from kelp.resources.cluster import Cluster, ProvisioningState
from tests.api.ingestion_setup import sign, wait_for_rows
from tests.api.vault_clients import VaultClients, open_clients
from tests.servers import MANAGEMENT_SCOPE, Place, Population, Server, populate, start_server
from tests.waiting import wait_for

CLUSTER_VERSION = "2025-07-01"


@dataclass(frozen=True, slots=True)
class Customer:
    """A workspace whose keys are under a cluster's, and a key of a vault that is to protect that."""

    server: Server
    place: Place
    cluster: ResourceId
    principal: str
    clients: VaultClients
    vault: Any
    keys: KeyClient

    def ask(self, text: str, place: Place | None = None) -> tuple[int, str]:
        path = f"/v1/workspaces/{(place or self.place).workspace_id}/query"
        with self.server.client(self.server.token()) as client:
            answer = client.post(path, json={"query": text})
        return answer.status_code, answer.text

    def patch(self, key_name: str, **changes: str) -> tuple[int, dict[str, Any]]:
        named = {
            "keyVaultUri": self.vault.properties.vault_uri,
            "keyName": key_name,
            "keyVersion": "",
        } | changes
        with self.server.client(self.server.token(scope=MANAGEMENT_SCOPE)) as client:
            answer = client.patch(
                str(self.cluster),
                params={"api-version": CLUSTER_VERSION},
                json={"properties": {"keyVaultProperties": named}},
            )
        return answer.status_code, answer.json()

    def allow(self, *permissions: str, vault: Any = None) -> None:
        """Give the cluster's identity these permissions on keys, and no others."""
        policy = {
            "tenantId": str(self.place.tenant_id),
            "objectId": self.principal,
            "permissions": {"keys": list(permissions)},
        }
        group = str(self.server.home.resource_id.resource_group)
        vaults = self.clients.management().vaults
        name = (vault or self.vault).name
        vaults.update_access_policy(group, name, "replace", {"properties": {"accessPolicies": [policy]}})


@pytest.fixture(scope="module")
def customer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Customer]:
    made: list[tuple[ResourceId, str]] = []

    def populate_more(installation: Installation) -> Population:
        population = populate(installation)
        made.append(make_cluster(installation, population.neighbour))
        return population

    limits: dict[str, dict[str, object]] = {
        "query": {"requests_per_caller": 1_000_000},
        "clusters": {"provisioning_seconds": 0},
        "ingest": {"flush_interval_seconds": 0.05},
    }
    folder = tmp_path_factory.mktemp("customer-keys")
    with (
        start_server(folder, settings=limits, populate=populate_more, quick_jobs=True) as server,
        open_clients(server) as clients,
        pytest.MonkeyPatch.context() as patch,
    ):
        from tests.api.vault_clients import resolve_vaults

        resolve_vaults(patch)
        vault = clients.make_vault(enablePurgeProtection=True, softDeleteRetentionInDays=7)
        keys = clients.keys(vault.properties.vault_uri)
        cluster, principal = made[0]
        yield Customer(server, server.people.neighbour, cluster, principal, clients, vault, keys)


def make_cluster(installation: Installation, place: Place) -> tuple[ResourceId, str]:
    """Make a cluster with an identity and a key, and put a workspace's keys under it."""
    group = place.resource_id.parent
    assert group is not None
    cluster_id, cluster = group.child("Microsoft.OperationalInsights/clusters", "customers"), uuid4()
    identities = DirectoryIdentities(installation.directory)
    principal = identities.create(place.tenant_id, str(cluster_id), cluster_id.name)
    with installation.store.write(system_author(place.tenant_id)) as transaction:
        transaction.put(
            cluster_id,
            Cluster(
                cluster_id=cluster,
                location="local",
                capacity_gb=1000,
                capacity_changed_at=datetime(2026, 1, 1, tzinfo=UTC),
                state=ProvisioningState.SUCCEEDED,
                principal_id=principal,
            ),
        )
    if str(cluster) not in installation.keys.list_clusters():
        installation.keys.create_cluster_key(str(cluster))
    installation.ensure_workspace_keys()
    installation.keys.move_workspace_keys(UUID(place.workspace_id), str(cluster))
    return cluster_id, str(principal)


def send(server: Server, place: Place, body: bytes) -> httpx.Response:
    headers = sign(place, len(body)) | {"Log-Type": "Kept"}
    with server.client() as client:
        return client.post("/api/logs", params={"api-version": "2016-04-01"}, content=body, headers=headers)


def test_what_is_no_usable_key_is_refused_with_the_reason(customer: Customer) -> None:
    def refusal(name: str, **changes: str) -> str:
        status, answer = customer.patch(name, **changes)
        assert (status, answer["error"]["code"]) == (400, "KeyVaultKeyNotUsable")
        return str(answer["error"]["message"])

    customer.allow("get", "wrapKey", "unwrapKey")
    assert "absent was not found" in refusal("absent")
    customer.keys.create_ec_key("curve")
    assert "not permitted on this key" in refusal("curve")
    customer.keys.create_rsa_key("off", enabled=False)
    assert "is disabled" in refusal("off")
    customer.keys.create_rsa_key("late", expires_on=datetime.now(UTC) - timedelta(days=1))
    assert "expired" in refusal("late")
    customer.keys.create_rsa_key("good")
    customer.allow("get", "wrapKey")
    assert "does not have keys unwrapKey permission" in refusal("good")
    customer.allow()
    assert "does not have keys get permission" in refusal("good")
    customer.allow("get", "wrapKey", "unwrapKey")
    lax = customer.clients.make_vault()
    assert "has no purge protection" in refusal("good", keyVaultUri=lax.properties.vault_uri)
    careless = customer.clients.make_vault(enableSoftDelete=False)
    assert "has no soft delete" in refusal("good", keyVaultUri=careless.properties.vault_uri)
    nowhere = customer.vault.properties.vault_uri.replace(customer.vault.name, "nowhere")
    assert "no key vault 'nowhere'" in refusal("good", keyVaultUri=nowhere)
    elsewhere = refusal("good", keyVaultUri="https://other.vault.azure.net")
    assert "vault.external_hosts does not list" in elsewhere


def test_a_key_taken_away_seals_the_data_off_and_given_back_brings_it_back(customer: Customer) -> None:
    server, place = customer.server, customer.place
    assert send(server, place, b'[{"Text": "before"}]').status_code == 200
    wait_for_rows(server, "Kept_CL | project Text_s", 1, place)
    customer.allow("get", "wrapKey", "unwrapKey")
    first = customer.keys.create_rsa_key("protector")
    status, answer = customer.patch("protector")
    assert status in (200, 202), answer
    wait_for(lambda: "cluster_key_rewrapped" in server.log())
    assert customer.ask("Kept_CL | project Text_s")[0] == 200

    # A new version is followed by itself; the old one may go then.
    customer.keys.rotate_key("protector")
    wait_for(lambda: server.log().count("cluster_key_rewrapped") == 2)
    customer.keys.update_key_properties("protector", first.properties.version, enabled=False)
    assert customer.ask("Kept_CL | project Text_s")[0] == 200

    def is_sealed_off() -> bool:
        return customer.ask("Kept_CL | project Text_s")[0] == 403

    def is_readable() -> bool:
        return customer.ask("Kept_CL | project Text_s")[0] == 200

    ways: list[tuple[Callable[[], object], Callable[[], object]]] = [
        (
            lambda: customer.keys.update_key_properties("protector", enabled=False),
            lambda: customer.keys.update_key_properties("protector", enabled=True),
        ),
        (lambda: customer.allow("get"), lambda: customer.allow("get", "wrapKey", "unwrapKey")),
        (
            lambda: customer.keys.begin_delete_key("protector").wait(),
            lambda: customer.keys.begin_recover_deleted_key("protector").wait(),
        ),
    ]
    for take, give in ways:
        take()
        wait_for(is_sealed_off)
        status, text = customer.ask("Kept_CL | project Text_s")
        assert (status, "WorkspaceKeyUnavailable" in text, "wrap and unwrap" in text) == (403, True, True)
        from_home = f'union isfuzzy=true (print Text_s = "own"), (workspace("{place.workspace_id}").Kept_CL)'
        assert customer.ask(from_home, server.home)[0] == 403
        assert customer.ask("print 1", server.home)[0] == 200
        refused = send(server, place, b'[{"Text": "refused"}]')
        assert refused.status_code == 503, refused.text
        assert refused.headers["Retry-After"] == "30"
        give()
        wait_for(is_readable)
    assert send(server, place, b'[{"Text": "after"}]').status_code == 200
    rows = wait_for_rows(server, "Kept_CL | project Text_s | order by Text_s asc", 2, place)
    assert rows == [["after"], ["before"]]
