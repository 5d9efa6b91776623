"""The Azure clients of key vaults, pointed at a test's server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from azure.identity import ClientSecretCredential
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import CryptographyClient
from azure.keyvault.secrets import SecretClient
from azure.mgmt.keyvault import KeyVaultManagementClient

from tests.servers import Application, Server


def resolve_vaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `<vault>.vault.localhost` resolve, which it does not everywhere."""
    resolve = socket.getaddrinfo

    def resolve_own(host: Any, *others: Any, **named: Any) -> Any:
        return resolve("localhost" if str(host).endswith(".vault.localhost") else host, *others, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_own)


@dataclass(slots=True)
class VaultClients:
    """Clients of one application; closed together."""

    server: Server
    application: Application
    stack: ExitStack
    credential: ClientSecretCredential = field(init=False)

    def __post_init__(self) -> None:
        self.credential = self.stack.enter_context(
            ClientSecretCredential(**self.server.credential_arguments(self.application))
        )

    @property
    def _options(self) -> dict[str, Any]:
        return {"connection_verify": self.server.ca_file, "retry_total": 0}

    def management(self) -> Any:
        subscription = str(self.server.home.resource_id.subscription_id)
        return self.stack.enter_context(
            KeyVaultManagementClient(
                self.credential,
                subscription,
                base_url=self.server.endpoint,
                credential_scopes=["https://management.azure.com/.default"],
                polling_interval=0,
                **self._options,
            )
        )

    def keys(self, uri: str, **options: Any) -> KeyClient:
        return self.stack.enter_context(KeyClient(uri, self.credential, **self._options, **options))

    def secrets(self, uri: str, **options: Any) -> SecretClient:
        return self.stack.enter_context(SecretClient(uri, self.credential, **self._options, **options))

    def cryptography(self, key: Any, **options: Any) -> CryptographyClient:
        return self.stack.enter_context(CryptographyClient(key, self.credential, **self._options, **options))

    def path_of(self, uri: str) -> str:
        """The address of a vault below a path, which resolves everywhere."""
        name = str(urlsplit(uri).hostname).partition(".")[0]
        return f"{self.server.endpoint}/vaults/{name}"

    def make_vault(self, name: str = "", **properties: Any) -> Any:
        """Make a vault in the home group whose policy lets the application do everything."""
        own = {
            "tenantId": str(self.application.tenant_id),
            "objectId": str(self.application.object_id),
            "permissions": {"keys": ["all"], "secrets": ["all"]},
        }
        document = {
            "location": "local",
            "properties": {
                "tenantId": str(self.application.tenant_id),
                "sku": {"family": "A", "name": "standard"},
                "accessPolicies": [own],
                "enableRbacAuthorization": False,
                **properties,
            },
        }
        group = str(self.server.home.resource_id.resource_group)
        name = name or f"v{uuid4().hex[:12]}"
        return self.management().vaults.begin_create_or_update(group, name, document).result()


@contextmanager
def open_clients(server: Server, application: Application | None = None) -> Iterator[VaultClients]:
    with ExitStack() as stack:
        yield VaultClients(server, application or server.application, stack)
