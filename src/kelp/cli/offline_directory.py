"""The directory of a data folder that nobody serves, answered by the functions that a server answers with."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

import msgspec

from kelp.api.graph.call import GraphCall, GraphServices
from kelp.api.graph.routes import find_route
from kelp.app.installation import Installation
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import new_guid
from kelp.base.settings import split_list
from kelp.engine.data_folder import lock_folder
from kelp.identity.addresses import Addresses
from kelp.identity.principal import AccountKind, Principal
from kelp.identity.services import make_identity_services
from kelp.resources.access import Decision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.base.ids import ResourceId
    from kelp.base.settings import Settings
    from kelp.resources.access import Caller

_NAME = "kelp directory"


class _OwnerOfTheFolder:
    """Whoever can write to the folder may do everything in it."""

    def decide(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool = False) -> Decision:
        return Decision(allowed=True, reason="The caller owns the data folder.")

    def require(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool = False) -> None:
        return


class OfflineDirectory:
    """Answers requests of the directory's API for a tenant of an open installation. Synchronous."""

    def __init__(self, installation: Installation, services: GraphServices, tenant_id: UUID) -> None:
        self._installation = installation
        self._services = services
        self._tenant_id = tenant_id

    def request(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        """Return the document of an answer, empty for none. Raises `ServiceError`."""
        parts = urlsplit(path)
        route, parameters = find_route(method, parts.path)
        call = GraphCall(
            services=self._services,
            principal=Principal(self._tenant_id, UUID(int=0), AccountKind.SERVICE_PRINCIPAL, _NAME),
            method=method,
            path=f"/v1.0{parts.path}",
            base_url=self._services.identity.addresses.base_url,
            parameters={name: unquote(value) for name, value in parameters.items()},
            query=dict(parse_qsl(parts.query)),
            correlation_id=str(new_guid()),
            client_address="",
            body=b"" if document is None else msgspec.json.encode(document),
        )
        return dict(route.endpoint(call).document or {})


@contextmanager
def open_offline_directory(settings: Settings, tenant: str | None) -> Iterator[OfflineDirectory]:
    """Open the directory of a folder, in one of its tenants (id or domain), else in the one that runs it.

    Raises `ServiceError` where there is no such folder or tenant, or a server has the folder open.
    """
    installation = Installation.open(settings.data)
    try:
        folder = installation.layout.engine
        folder.mkdir(mode=0o700, exist_ok=True)
        lock = lock_folder(folder)
        try:
            yield _open(installation, settings, tenant)
        finally:
            os.close(lock)
    finally:
        installation.close()


def _open(installation: Installation, settings: Settings, tenant: str | None) -> OfflineDirectory:
    names = installation.find_names()
    if names is None:
        raise ServiceError(
            Category.NOT_FOUND, "NoInstallation", f"{settings.data} is not complete: run kelp init again."
        )
    directory = installation.directory
    chosen = directory.find_tenant(tenant) if tenant else directory.find_tenant(str(names.tenant_id))
    if chosen is None:
        known = ", ".join(one.domain for one in directory.tenants)
        raise ServiceError(
            Category.NOT_FOUND, "TenantNotFound", f"There is no tenant '{tenant}'; there are: {known}."
        )
    base_url = settings.server.public_url or f"https://{settings.server.host}:{settings.server.port}"
    addresses = Addresses(base_url, frozenset({settings.server.host.lower()}))
    identity = make_identity_services(
        installation.database,
        installation.keys,
        installation.clock,
        directory,
        addresses,
        sign_in_hosts=split_list(settings.server.sign_in_hosts),
    )
    services = GraphServices(identity, installation.store, _OwnerOfTheFolder(), chosen.id)
    return OfflineDirectory(installation, services, chosen.id)
