"""An installation with the token service and the management API, in process or behind real TLS."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn

from kelp.api.asgi import Api
from kelp.api.auth import Authenticator
from kelp.api.graph.call import GraphServices
from kelp.api.graph.routes import graph_routes
from kelp.api.identity.routes import IdentityRoutes
from kelp.api.management.call import Services
from kelp.api.management.routes import management_routes
from kelp.base.clock import SystemClock
from kelp.base.ids import ResourceId
from kelp.identity.addresses import Addresses
from kelp.identity.certificates import CertificateAuthority, ServerCertificate, certified_names
from kelp.identity.directory import Directory
from kelp.identity.events import DirectoryEvent, SignInEvent
from kelp.identity.owners import Owners
from kelp.identity.secrets_hash import SecretHasher
from kelp.identity.services import IdentityServices, make_identity_services
from kelp.resources.access import Access
from kelp.resources.author import system_author
from kelp.resources.bootstrap import FirstSecrets, Installation, create_installation
from kelp.resources.database import Database
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.store import ResourceStore
from kelp.resources.subscription import Subscription
from kelp.resources.table import TableColumn
from tests.unit.resources.doubles import OwnKeys, SomeTables, TurnedClock

BASE_URL = "https://localhost:8443"
MANAGEMENT = "https://management.azure.com/.default"


@dataclass
class ManagementService:
    """Everything a test may ask about."""

    installation: Installation
    secrets: FirstSecrets
    store: ResourceStore
    directory: Directory
    clock: TurnedClock
    app: Api
    base_url: str = BASE_URL
    ca_file: str = ""
    identity: IdentityServices | None = None
    events: list[SignInEvent | DirectoryEvent] = field(default_factory=list)

    @property
    def subscription(self) -> ResourceId:
        return ResourceId.parse(f"/subscriptions/{self.installation.subscription_id}")

    @property
    def token_path(self) -> str:
        return f"/{self.installation.tenant_id}/oauth2/v2.0/token"

    def client(self) -> httpx.AsyncClient:
        """An HTTP client that calls the application without a socket."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=self.base_url)

    def credential_arguments(self, client_id: object = None, secret: str = "") -> dict[str, Any]:
        """What the credentials of `azure.identity` are made of, for an application (else the owner)."""
        return {
            "tenant_id": str(self.installation.tenant_id),
            "client_id": str(client_id or self.installation.client_id),
            "client_secret": secret or self.secrets.client_secret,
            "authority": self.base_url,
            "disable_instance_discovery": True,
            "connection_verify": self.ca_file,
        }

    async def get_token(self, scope: str = MANAGEMENT, **form: str) -> str:
        """A token of the owner application, or of whomever the form names."""
        form = {
            "grant_type": "client_credentials",
            "client_id": str(self.installation.client_id),
            "client_secret": self.secrets.client_secret,
            "scope": scope,
        } | form
        async with self.client() as client:
            answer = await client.post(self.token_path, data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def call(
        self, method: str, path: str, document: Any = None, *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """A management request, as the owner unless a token says otherwise."""
        token = token or await self.get_token()
        authorization = {"Authorization": f"Bearer {token}"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client() as client:
            return await client.request(method, path, json=document, headers=authorization | named)

    async def follow(self, begun: httpx.Response, **options: Any) -> httpx.Response:
        """Return the answer that an operation ends in, asked for where its first answer says."""
        path = begun.headers["location"].removeprefix(self.base_url)
        while (answer := await self.call("GET", path, **options)).status_code == 202:
            assert answer.headers["location"].removeprefix(self.base_url).lower() == path.lower()
        return answer

    async def get_token_of_new_application(
        self, *grants: tuple[UUID, ResourceId], tenant_id: UUID | None = None
    ) -> str:
        """A token of an application made now, with these roles."""
        account = self.directory.create_application(
            tenant_id or self.installation.tenant_id, "made for a test"
        )
        secret = self.directory.add_secret(account.object_id)
        for role_id, scope in grants:
            with self.store.write(system_author(self.installation.tenant_id)) as transaction:
                put_role_assignment(
                    transaction,
                    scope.child("Microsoft.Authorization/roleAssignments", str(uuid4())),
                    role_id,
                    account.object_id,
                    find_principal_kind=lambda *_: PrincipalKind.SERVICE_PRINCIPAL,
                )
        form = {
            "grant_type": "client_credentials",
            "client_id": str(account.application_id),
            "client_secret": secret,
            "scope": MANAGEMENT,
        }
        async with self.client() as client:
            answer = await client.post("/organizations/oauth2/v2.0/token", data=form)
        return str(answer.json()["access_token"])

    def add_foreign_subscription(self) -> tuple[UUID, ResourceId]:
        """A subscription of another tenant."""
        tenant = self.directory.create_tenant("Fabrikam", f"{uuid4().hex}.local")
        subscription = ResourceId.parse(f"/subscriptions/{uuid4()}")
        with self.store.write(system_author(tenant.id)) as transaction:
            transaction.put(subscription, Subscription("Fabrikam"))
        return tenant.id, subscription


def refuse_the_word_nonsense(kql: str, _columns: Sequence[TableColumn]) -> Sequence[str]:
    """Stands for the compiler."""
    return ["'nonsense' is not an operator."] if "nonsense" in kql else []


def open_service(
    folder: Path,
    base_url: str = BASE_URL,
    page_items: int = 100,
    **services_changes: Any,
) -> ManagementService:
    """Make an installation in the folder and the application over it."""
    clock, keys = TurnedClock(), OwnKeys()
    clock.moment = SystemClock().now()
    database = Database.open_file(folder / "kelp.db")
    database.migrate()
    store = ResourceStore(database, clock, keys)
    directory = Directory(database, clock, SecretHasher(memory_kib=8, passes=1))
    installation, secrets = create_installation(store, Owners(directory))
    assert secrets is not None
    addresses = Addresses(base_url, certified_names())
    events: list[SignInEvent | DirectoryEvent] = []
    identity = make_identity_services(database, keys, clock, directory, addresses, events.append)
    services = Services(
        store=store,
        access=Access(store),
        directory=directory,
        addresses=addresses,
        built_in_tables=SomeTables(),
        check_transformation=refuse_the_word_nonsense,
        clock=clock,
        page_items=page_items,
        **services_changes,
    )
    authenticator = Authenticator(identity.tokens)
    graph = GraphServices(identity, store, services.access, installation.tenant_id)
    routes = [
        *IdentityRoutes(identity).build(),
        *management_routes(services, authenticator),
        *graph_routes(graph, authenticator),
    ]
    app = Api(routes, addresses, clock, lambda: str(installation.tenant_id))
    return ManagementService(
        installation, secrets, store, directory, clock, app, base_url, "", identity, events
    )


@contextmanager
def serve_tls(folder: Path) -> Iterator[ManagementService]:
    """The same behind TLS on a free port of this machine, certified by the built-in authority."""
    authority = CertificateAuthority(folder / "tls", OwnKeys(), SystemClock())
    certificate = authority.ensure_server_certificate(certified_names())
    service = open_service(folder)
    with _run_server(service.app, certificate) as port:
        service.base_url = f"https://localhost:{port}"
        service.ca_file = str(authority.ca_file)
        yield service


@contextmanager
def _run_server(app: Api, certificate: ServerCertificate) -> Iterator[int]:
    configuration = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_level="warning",
        ssl_certfile=certificate.certificate_file,
        ssl_keyfile=certificate.key_file,
        ssl_keyfile_password=certificate.passphrase,
    )
    server = uvicorn.Server(configuration)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
