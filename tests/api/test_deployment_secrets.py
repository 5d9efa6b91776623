"""Parameters of deployments that are secrets of a key vault."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.servers import MANAGEMENT_SCOPE, Server

VAULT_SCOPE = "https://vault.azure.net/.default"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
SECRET = "a word that nobody sees"


class Site:
    """A group with a vault in which one secret lies."""

    def __init__(self, server: Server, *, is_open: bool = True) -> None:
        self.server, self.name = server, f"s{uuid4().hex[:10]}"
        subscription = str(server.home.resource_id).partition("/resourceGroups/")[0]
        self.group = f"{subscription}/resourceGroups/{self.name}"
        self.vault = f"{self.group}/providers/Microsoft.KeyVault/vaults/{self.name}"
        policy = {
            "tenantId": str(server.home.tenant_id),
            "objectId": str(server.application.object_id),
            "permissions": {"secrets": ["all"]},
        }
        properties = {
            "tenantId": str(server.home.tenant_id),
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [policy],
            "enabledForTemplateDeployment": is_open,
        }
        self.ask("PUT", self.group, "2025-04-01", {"location": "local"})
        self.ask("PUT", self.vault, "2023-07-01", {"location": "local", "properties": properties})
        with server.client(server.token(scope=VAULT_SCOPE)) as client:
            path = f"/vaults/{self.name}/secrets/word"
            client.put(path, params={"api-version": "7.4"}, json={"value": SECRET}).raise_for_status()

    def ask(self, method: str, path: str, version: str, document: Any = None) -> httpx.Response:
        with self.server.client(self.server.token(scope=MANAGEMENT_SCOPE)) as client:
            return client.request(method, path, params={"api-version": version}, json=document)

    def deploy(self, kind: str = "securestring", secret: str = "word") -> httpx.Response:
        """Begin to deploy a workspace with the secret as a tag."""
        workspace = {
            "type": "Microsoft.OperationalInsights/workspaces",
            "apiVersion": "2025-02-01",
            "name": f"{self.name}-space",
            "location": "local",
            "tags": {"word": "[parameters('word')]"},
        }
        template = {
            "$schema": SCHEMA,
            "contentVersion": "1.0.0.0",
            "parameters": {"word": {"type": kind}},
            "resources": [workspace],
        }
        reference = {"keyVault": {"id": self.vault}, "secretName": secret}
        properties = {
            "mode": "Incremental",
            "template": template,
            "parameters": {"word": {"reference": reference}},
        }
        path = f"{self.group}/providers/Microsoft.Resources/deployments/d"
        return self.ask("PUT", path, "2025-04-01", {"properties": properties})


def test_a_secret_is_read_and_not_shown(server: Server) -> None:
    site = Site(server)
    begun = site.deploy()
    assert begun.status_code == 201, begun.text
    status = begun.headers["azure-asyncoperation"].removeprefix(server.endpoint).partition("?")[0]
    while (state := site.ask("GET", status, "2025-04-01").json()["status"]) == "Running":
        pass
    assert state == "Succeeded"
    workspace = f"{site.group}/providers/Microsoft.OperationalInsights/workspaces/{site.name}-space"
    assert site.ask("GET", workspace, "2025-02-01").json()["tags"] == {"word": SECRET}
    shown = site.ask("GET", f"{site.group}/providers/Microsoft.Resources/deployments/d", "2025-04-01")
    assert shown.json()["properties"]["parameters"] == {"word": {"type": "SecureString"}}
    assert SECRET not in shown.text
    log = f"{site.group.partition('/resourceGroups/')[0]}/providers/Microsoft.Insights/eventtypes/management/values"
    assert "Microsoft.KeyVault/vaults/deploy/action" in site.ask("GET", log, "2015-04-01").text


@pytest.mark.parametrize(
    "is_open, kind, secret, told",
    [
        (False, "securestring", "word", "not enabled for template deployment"),
        (True, "string", "word", "Only a parameter of type securestring"),
        (True, "securestring", "none", "none"),
    ],
)
def test_what_can_not_be_read_is_refused(
    server: Server, is_open: bool, kind: str, secret: str, told: str
) -> None:
    refused = Site(server, is_open=is_open).deploy(kind, secret)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "InvalidTemplate")
    assert told in refused.text
    assert SECRET not in refused.text


def test_nobody_deploys_from_a_vault_of_others(server: Server) -> None:
    site, people = Site(server), server.people
    token = server.token(people.foreign_owner, MANAGEMENT_SCOPE)
    template = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"word": {"type": "securestring"}},
        "resources": [],
        "outputs": {"word": {"type": "string", "value": "[parameters('word')]"}},
    }
    reference = {"keyVault": {"id": site.vault}, "secretName": "word"}
    properties = {
        "mode": "Incremental",
        "template": template,
        "parameters": {"word": {"reference": reference}},
    }
    path = f"{people.foreign.resource_id.parent}/providers/Microsoft.Resources/deployments/theirs"
    with server.client(token) as client:
        version = {"api-version": "2025-04-01"}
        answer = client.put(path, params=version, json={"properties": properties})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidTemplate")
        assert "could not be found" in answer.text
        assert SECRET not in answer.text
        assert client.get(path, params=version).status_code == 404
