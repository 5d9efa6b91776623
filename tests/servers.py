"""Whole servers for tests: a process of its own (an engine is one to a process), real TLS, an own data folder.

`start_server` starts one in a second or two; the `server` fixture (tests/conftest.py) is one that a test session shares,
with the population below. Whoever needs other limits starts another with other settings.
"""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from kelp.app.installation import Installation
from kelp.base.ids import ResourceId
from kelp.base.settings import ServerSettings
from kelp.resources.author import system_author
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import LOG_ANALYTICS_READER, MONITORING_METRICS_PUBLISHER, OWNER
from kelp.resources.subscription import Subscription
from kelp.resources.workspace import WorkspaceSettings, put_workspace

ROOT = Path(__file__).resolve().parents[1]
DATA_FOLDER, SETTINGS_FILE, ROWS_FILE = "data", "settings.toml", "rows.json"
CLOCK_FILE, ROUTES_FILE, LOG_FILE = "clock", "routes.json", "log"
QUICK_JOBS_FILE, KILL_FILE = "quick-jobs", "kill"

QUERY_SCOPE = "https://api.loganalytics.io/.default"
MANAGEMENT_SCOPE = "https://management.azure.com/.default"
INGESTION_SCOPE = "https://monitor.azure.com/.default"
KUSTO_SCOPE = "https://kusto.kusto.windows.net/.default"

WORKSPACE_TYPE = "Microsoft.OperationalInsights/workspaces"
_PASSWORD = "a rather long password"


@dataclass(frozen=True, slots=True)
class Application:
    """A service principal and what it signs in with."""

    tenant_id: UUID
    object_id: UUID
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class User:
    """A person and what they sign in with."""

    object_id: UUID
    user_name: str
    password: str


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace and the way to it."""

    tenant_id: UUID
    resource_id: ResourceId
    workspace_id: str
    primary_key: str

    @property
    def name(self) -> str:
        return self.resource_id.name


@dataclass(frozen=True, slots=True)
class Rows:
    """Records that a table of a workspace begins with; `columns` are KQL type names by column name."""

    place: Place
    table: str
    columns: Mapping[str, str]
    records: Sequence[Mapping[str, Any]]

    def encode(self) -> dict[str, Any]:
        return {
            "id": str(uuid4()),
            "workspaceId": self.place.workspace_id,
            "table": self.table,
            "columns": dict(self.columns),
            "records": list(self.records),
        }


@dataclass(frozen=True, slots=True)
class Population:
    """Who and what there is beside the installation's own workspace and owners.

    `neighbour` is another workspace of the same tenant and subscription, `foreign` one of another tenant. `owner`,
    `reader`, `publisher` and `person` have a role on the installation's own workspace and nowhere else; `nobody` and
    `newcomer` have none.
    """

    neighbour: Place
    foreign: Place
    owner: Application
    reader: Application
    publisher: Application
    nobody: Application
    person: User
    newcomer: User
    foreign_owner: Application
    foreign_person: User


@dataclass(slots=True)
class Server:
    """A running server and how to reach it. `home` is the installation's own workspace."""

    folder: Path
    endpoint: str
    ca_file: str
    home: Place
    application: Application
    user: User
    population: Population | None
    process: subprocess.Popen[str] | None = None
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def people(self) -> Population:
        assert self.population is not None
        return self.population

    def client(self, token: str | None = None, **options: Any) -> httpx.Client:
        """An HTTP client that trusts the server; bears the token if there is one."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(
            base_url=self.endpoint, verify=self._tls(), headers=headers, timeout=60, **options
        )

    def async_client(self, token: str | None = None, **options: Any) -> httpx.AsyncClient:
        """The same for asynchronous tests."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(
            base_url=self.endpoint, verify=self._tls(), headers=headers, timeout=60, **options
        )

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)

    def token(self, application: Application | None = None, scope: str = QUERY_SCOPE) -> str:
        """An access token of the application (else of the installation's owner), asked for once."""
        application = application or self.application
        key = (application.client_id, scope)
        if key not in self._tokens:
            form = {
                "grant_type": "client_credentials",
                "client_id": application.client_id,
                "client_secret": application.client_secret,
                "scope": scope,
            }
            with self.client() as client:
                answer = client.post(f"/{application.tenant_id}/oauth2/v2.0/token", data=form)
            assert answer.status_code == 200, answer.text
            self._tokens[key] = str(answer.json()["access_token"])
        return self._tokens[key]

    def credential_arguments(self, application: Application | None = None) -> dict[str, Any]:
        """What the credentials of `azure.identity` are made of, for the application (else the installation's owner)."""
        application = application or self.application
        return {
            "tenant_id": str(application.tenant_id),
            "client_id": application.client_id,
            "client_secret": application.client_secret,
            "authority": self.endpoint,
            "disable_instance_discovery": True,
            "connection_verify": self.ca_file,
        }

    def query(self, text: str, place: Place | None = None, **body: Any) -> dict[str, Any]:
        """The answer of the query API to the installation's owner; statistics and chart with it."""
        path = f"/v1/workspaces/{(place or self.home).workspace_id}/query"
        headers = {"Prefer": "include-statistics=true, include-render=true"}
        with self.client(self.token()) as client:
            answer = client.post(path, json={"query": text, **body}, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    @contextmanager
    def later(self, by: timedelta) -> Iterator[None]:
        """Turn the server's clock forward while the block runs; tokens that are asked for in it are of that time."""
        clock, tokens = self.folder / CLOCK_FILE, dict(self._tokens)
        self._tokens.clear()
        _replace_text(clock, str(by.total_seconds()))
        try:
            yield
        finally:
            _replace_text(clock, "0")
            self._tokens.clear()
            self._tokens.update(tokens)

    def routes(self) -> list[tuple[str, str, str]]:
        """Method, path and surface of everything that is served."""
        listed = json.loads((self.folder / ROUTES_FILE).read_text())
        return [(method, path, surface) for method, path, surface in listed]

    def log(self) -> str:
        """What the process wrote to its standard error so far."""
        return (self.folder / LOG_FILE).read_text()


def populate(installation: Installation) -> Population:
    """Make the population, through the doors that an administrator's tools will use."""
    names = installation.find_names()
    assert names is not None
    home, tenant_id = names.workspace_resource_id, names.tenant_id
    subscription = ResourceId.parse(f"/subscriptions/{names.subscription_id}")
    neighbour = make_place(installation, tenant_id, subscription, "elsewhere", "neighbour")
    directory = installation.directory
    person = directory.create_user(tenant_id, "ann@kelp.local", "Ann Reader", _PASSWORD)
    _grant(installation, LOG_ANALYTICS_READER, person.object_id, home, PrincipalKind.USER)
    newcomer = directory.create_user(tenant_id, "carl@kelp.local", "Carl Newcomer", _PASSWORD)
    fabrikam = directory.create_tenant("Fabrikam", "fabrikam.local")
    foreign_subscription = ResourceId.parse(f"/subscriptions/{uuid4()}")
    with installation.store.write(system_author(fabrikam.id)) as transaction:
        transaction.put(foreign_subscription, Subscription("Fabrikam"))
    foreign = make_place(installation, fabrikam.id, foreign_subscription, "default", "fabrikam")
    foreign_person = directory.create_user(fabrikam.id, "bob@fabrikam.local", "Bob Owner", _PASSWORD)
    _grant(installation, OWNER, foreign_person.object_id, foreign_subscription, PrincipalKind.USER)
    return Population(
        neighbour=neighbour,
        foreign=foreign,
        owner=make_application(installation, tenant_id, "owner", (OWNER, home)),
        reader=make_application(installation, tenant_id, "reader", (LOG_ANALYTICS_READER, home)),
        publisher=make_application(
            installation, tenant_id, "publisher", (MONITORING_METRICS_PUBLISHER, home)
        ),
        nobody=make_application(installation, tenant_id, "nobody"),
        person=User(person.object_id, "ann@kelp.local", _PASSWORD),
        newcomer=User(newcomer.object_id, "carl@kelp.local", _PASSWORD),
        foreign_owner=make_application(installation, fabrikam.id, "owner", (OWNER, foreign_subscription)),
        foreign_person=User(foreign_person.object_id, "bob@fabrikam.local", _PASSWORD),
    )


def make_place(
    installation: Installation, tenant_id: UUID, subscription: ResourceId, group: str, name: str
) -> Place:
    """Make a workspace in a resource group of its own."""
    group_id = subscription.child("resourceGroups", group)
    with installation.store.write(system_author(tenant_id)) as transaction:
        put_resource_group(transaction, group_id, ResourceGroup("local"))
        settings = WorkspaceSettings("local")
        workspace = put_workspace(transaction, group_id.child(WORKSPACE_TYPE, name), settings)
    workspace_id = workspace.properties.workspace_id
    primary = installation.store.shared_keys(workspace_id).primary
    return Place(tenant_id, workspace.id, str(workspace_id), primary)


def make_application(
    installation: Installation, tenant_id: UUID, name: str, *grants: tuple[UUID, ResourceId]
) -> Application:
    """Make an application with a secret and these roles."""
    account = installation.directory.create_application(tenant_id, name)
    secret = installation.directory.add_secret(account.object_id)
    for role_id, scope in grants:
        _grant(installation, role_id, account.object_id, scope, PrincipalKind.SERVICE_PRINCIPAL)
    return Application(tenant_id, account.object_id, str(account.application_id), secret)


def _grant(
    installation: Installation, role_id: UUID, principal_id: UUID, scope: ResourceId, kind: PrincipalKind
) -> None:
    account = installation.directory.find_account(principal_id)
    assert account is not None
    with installation.store.write(system_author(account.tenant_id)) as transaction:
        name = scope.child("Microsoft.Authorization/roleAssignments", str(uuid4()))
        put_role_assignment(transaction, name, role_id, principal_id, find_principal_kind=lambda *_: kind)


def shared_rows(server: Server) -> list[Rows]:
    """What the tables of the shared server begin with: beats of some computers, a value of each type, secrets elsewhere."""
    people = server.people
    return [
        Rows(server.home, "Heartbeat", _BEAT, [*_iter_beats("web-1", "web-2", "db-1")]),
        Rows(server.home, "Types_CL", TYPED_COLUMNS, TYPED_RECORDS),
        Rows(people.neighbour, "Heartbeat", _BEAT, [*_iter_beats("secret-neighbour")]),
        Rows(people.neighbour, "Secret_CL", {"Text": "string"}, [{"Text": "secret-neighbour"}]),
        Rows(people.foreign, "Heartbeat", _BEAT, [*_iter_beats("secret-foreign")]),
        Rows(people.foreign, "Secret_CL", {"Text": "string"}, [{"Text": "secret-foreign"}]),
    ]


_BEAT = {"TimeGenerated": "datetime", "Computer": "string", "OSType": "string", "Version": "string"}
BEATS_OF_A_COMPUTER = 20


def _iter_beats(*computers: str) -> Iterator[dict[str, str]]:
    """One beat of each computer in each of the last minutes."""
    now = datetime.now(UTC)
    for computer in computers:
        for minute in range(1, BEATS_OF_A_COMPUTER + 1):
            at = (now - timedelta(minutes=minute)).isoformat()
            yield {"TimeGenerated": at, "Computer": computer, "OSType": "Linux", "Version": "1.0"}


TYPED_COLUMNS = {
    "Row": "int",
    "Bool": "bool",
    "Int": "int",
    "Long": "long",
    "Real": "real",
    "Decimal": "decimal",
    "String": "string",
    "Time": "datetime",
    "Span": "timespan",
    "Guid": "guid",
    "Dynamic": "dynamic",
}
TYPED_RECORDS: Sequence[Mapping[str, Any]] = (
    {
        "Row": 1,
        "Bool": True,
        "Int": -7,
        "Long": 9_007_199_254_740_993,
        "Real": 1.5,
        "Decimal": "12345678901234567.125",
        "String": 'a "quoted"\nline, \\ and ü',
        "Time": "2026-01-02T03:04:05.1234567Z",
        "Span": 937_845_000_000,  # 1.02:03:04.5
        "Guid": "74be27de-1e4e-49d9-b579-fe0b331d3642",
        "Dynamic": {"a": [1, None, "x"], "b": {"c": 9_007_199_254_740_993}},
    },
    {"Row": 2},
)


@contextmanager
def start_server(
    folder: Path,
    *,
    settings: Mapping[str, Mapping[str, object]] | None = None,
    populate: Callable[[Installation], Population] | None = None,
    rows: Callable[[Server], Sequence[Rows]] | None = None,
    quick_jobs: bool = False,
) -> Iterator[Server]:
    """Run a server over a new installation in the folder until the block ends.

    `settings` are the sections of a settings file. `populate` adds to the installation, `rows` says which records its
    tables begin with. With `quick_jobs` what is done every few seconds is done several times a second.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SETTINGS_FILE).write_text(_print_toml(settings or {}))
    (folder / CLOCK_FILE).write_text("0")
    if quick_jobs:
        (folder / QUICK_JOBS_FILE).touch()
    server = _install(folder, populate)
    if rows is not None:
        (folder / ROWS_FILE).write_text(json.dumps([table.encode() for table in rows(server)]))
    with _run_process(folder) as (process, endpoint):
        yield replace(server, process=process, endpoint=endpoint)


def _install(folder: Path, populate: Callable[[Installation], Population] | None) -> Server:
    with closing(Installation.create(folder / DATA_FOLDER)) as installation:
        made = installation.initialize(ServerSettings())
        population = populate(installation) if populate is not None else None
        names, secrets = made.names, made.secrets
        assert secrets is not None
        account = installation.directory.find_application(names.client_id)
        user = installation.directory.find_user(names.user_name)
        assert account is not None
        assert user is not None
        return Server(
            folder=folder,
            endpoint="",
            ca_file=str(made.ca_file),
            home=Place(
                names.tenant_id, names.workspace_resource_id, str(names.workspace_id), made.primary_key
            ),
            application=Application(
                names.tenant_id, account.object_id, str(names.client_id), secrets.client_secret
            ),
            user=User(user.object_id, names.user_name, secrets.password),
            population=population,
        )


@contextmanager
def _run_process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "tests.server_process", str(folder)]
    with (folder / LOG_FILE).open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        first, _, endpoint = process.stdout.readline().strip().partition(" ")
        assert first == "ready", (folder / LOG_FILE).read_text()
        yield process, endpoint
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _print_toml(settings: Mapping[str, Mapping[str, object]]) -> str:
    lines = []
    for section, values in settings.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(lines)


def _replace_text(file: Path, text: str) -> None:
    """Write a file that another process reads at any moment."""
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(file)
