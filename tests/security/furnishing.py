"""Fills a workspace and its group with one of everything, for tests that ask every route about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx

from kelp.resources.role_definition import LOG_ANALYTICS_READER
from tests.api.plain_examples import examples_in
from tests.security.aims import CLUSTER, CLUSTER_DOCUMENT, CUSTOMER, RULE, SCOPES, STREAM, Target, version_of
from tests.servers import Place, Server


def furnish(server: Server, place: Place, token: str, principal: str, secret: str) -> Target:
    """Give a workspace a rule, an endpoint, a role assignment, an operation and a closed sibling; gather its facts."""
    group = str(place.resource_id).partition("/providers/")[0]
    insights, logs = (
        f"{group}/providers/Microsoft.Insights",
        f"{group}/providers/Microsoft.OperationalInsights",
    )
    assignment = str(uuid4())
    with server.client(token) as client:

        def ask(method: str, path: str, version: str, document: Any = None) -> httpx.Response:
            answer = client.request(method, path, params={"api-version": version}, json=document)
            assert answer.is_success, answer.text
            return answer

        rule = rule_into(place)
        made = ask("PUT", f"{insights}/dataCollectionRules/{RULE}", "2023-03-11", rule).json()
        for address, document in examples_in(str(place.resource_id)):
            ask("PUT", address, version_of(address), document)
        roles = f"{place.resource_id}/providers/Microsoft.Authorization/roleAssignments/{assignment}"
        ask("PUT", roles, "2022-04-01", grant_reading(principal))
        sibling = f"{logs}/workspaces/{secret}-sibling"
        ask("PUT", sibling, "2022-10-01", {"location": "local"})
        ask("DELETE", sibling, "2022-10-01")
        cluster = ask("PUT", f"{logs}/clusters/{CLUSTER}", "2022-10-01", CLUSTER_DOCUMENT)
        keys = ask("POST", f"{place.resource_id}/sharedKeys", "2022-10-01").json()
        ask("PUT", f"{place.resource_id}/customers/{CUSTOMER}", "2022-10-01", {"properties": {}})
        vault, versions = furnish_vault(server, place, ask, secret)
    operation = cluster.headers["azure-asyncoperation"].partition("?")[0].rpartition("/")[2]
    facts = {
        secret,
        place.workspace_id,
        str(place.resource_id),
        made["properties"]["immutableId"],
        keys["primarySharedKey"],
        keys["secondarySharedKey"],
        assignment,
        operation,
        cluster.json()["properties"]["clusterId"],
        *versions.values(),
    }
    return Target(
        place,
        made["properties"]["immutableId"],
        operation,
        assignment,
        principal,
        frozenset(fact.lower() for fact in facts),
        vault,
        versions,
    )


def grant_reading(principal: str) -> dict[str, Any]:
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{LOG_ANALYTICS_READER}"
    return {"properties": {"roleDefinitionId": role, "principalId": principal}}


def rule_into(place: Place) -> dict[str, Any]:
    """A rule that brings records into a workspace."""
    stream = {"columns": [{"name": "Text", "type": "string"}, {"name": "TimeGenerated", "type": "datetime"}]}
    return {
        "location": "local",
        "properties": {
            "streamDeclarations": {STREAM: stream},
            "destinations": {
                "logAnalytics": [{"name": "there", "workspaceResourceId": str(place.resource_id)}]
            },
            "dataFlows": [{"streams": [STREAM], "destinations": ["there"], "outputStream": STREAM}],
        },
    }


def furnish_vault(
    server: Server, place: Place, ask: Callable[..., httpx.Response], secret: str
) -> tuple[str, Mapping[str, str]]:
    """Make a vault whose owner may do everything, with a key and a secret, live and deleted, and a deleted vault."""
    group, name = str(place.resource_id).partition("/providers/")[0], f"vault-{place.name}"
    owner = server.people.foreign_owner if secret.endswith("foreign") else server.application
    everything = {
        "tenantId": str(place.tenant_id),
        "objectId": str(owner.object_id),
        "permissions": {"keys": ["all"], "secrets": ["all"]},
    }
    document = {
        "location": "local",
        "properties": {
            "tenantId": str(place.tenant_id),
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [everything],
        },
    }
    vaults = f"{group}/providers/Microsoft.KeyVault/vaults"
    for one in (name, f"{name}-gone"):
        ask("PUT", f"{vaults}/{one}", "2023-07-01", document)
    ask("DELETE", f"{vaults}/{name}-gone", "2023-07-01")
    versions = {}
    with server.client(server.token(owner, SCOPES["KEY_VAULT"])) as client:
        for item in ("gone", "kept"):
            key = client.post(
                f"/vaults/{name}/keys/{item}/create", params={"api-version": "7.4"}, json={"kty": "EC"}
            ).json()
            value = client.put(
                f"/vaults/{name}/secrets/{item}",
                params={"api-version": "7.4"},
                json={"value": f"{secret}-{item}"},
            ).json()
            versions = {
                "keys": key["key"]["kid"].rpartition("/")[2],
                "secrets": value["id"].rpartition("/")[2],
            }
        for kind in ("keys", "secrets"):
            client.delete(f"/vaults/{name}/{kind}/gone", params={"api-version": "7.4"}).raise_for_status()
    return name, versions
