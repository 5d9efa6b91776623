"""Delegated management: a provider acts on what a customer let it, and on nothing else, until either ends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.mgmt.managedservices import ManagedServicesClient

from kelp.resources.role_definition import (
    CONTRIBUTOR,
    LOG_ANALYTICS_READER,
    MONITORING_METRICS_PUBLISHER,
    OWNER,
    READER,
    REGISTRATION_ASSIGNMENT_DELETE,
    USER_ACCESS_ADMINISTRATOR,
)
from tests.servers import (
    INGESTION_SCOPE,
    KUSTO_SCOPE,
    MANAGEMENT_SCOPE,
    Application,
    Server,
    populate,
    shared_rows,
    start_server,
)

V = {"api-version": "2022-10-01"}
A = {"api-version": "2022-04-01"}
R = {"api-version": "2022-12-01"}
BEATS = {"query": "Heartbeat | where Computer != 'old' | distinct Computer"}
DEFINITIONS = "providers/Microsoft.ManagedServices/registrationDefinitions"
ASSIGNMENTS = "providers/Microsoft.ManagedServices/registrationAssignments"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("delegation")
    with start_server(folder, populate=populate, rows=shared_rows) as server:
        yield server


@dataclass(frozen=True)
class Token:
    """A credential that has its token."""

    text: str

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken(self.text, 2**40)


@dataclass
class Parties:
    """The customer is the tenant beside the installation's own; the provider is the installation's."""

    server: Server

    @property
    def subscription(self) -> str:
        return str(self.server.people.foreign.resource_id).partition("/resourceGroups/")[0]

    @property
    def group(self) -> str:
        return str(self.server.people.foreign.resource_id).partition("/providers/")[0]

    @property
    def workspace(self) -> str:
        return str(self.server.people.foreign.resource_id)

    def ask(
        self, application: Application, method: str, path: str, version: dict[str, str], body: Any = None
    ) -> httpx.Response:
        with self.server.client(self.server.token(application, MANAGEMENT_SCOPE)) as client:
            return client.request(method, path, params=version, json=body)

    def as_customer(
        self, method: str, path: str, version: dict[str, str], body: Any = None
    ) -> httpx.Response:
        return self.ask(self.server.people.foreign_owner, method, path, version, body)

    def as_provider(
        self, method: str, path: str, version: dict[str, str], body: Any = None
    ) -> httpx.Response:
        return self.ask(self.server.people.nobody, method, path, version, body)

    def query(self, path: str = "") -> httpx.Response:
        with self.server.client(self.server.token(self.server.people.nobody)) as client:
            place = self.server.people.foreign.workspace_id
            return client.post(path or f"/v1/workspaces/{place}/query", json=BEATS)

    def describe(self, *roles: UUID, principal: UUID | None = None) -> dict[str, Any]:
        return {
            "properties": {
                "registrationDefinitionName": "Managed logs",
                "description": "what we watch",
                "managedByTenantId": str(self.server.home.tenant_id),
                "authorizations": [
                    {
                        "principalId": str(principal or self.server.people.nobody.object_id),
                        "principalIdDisplayName": "the team",
                        "roleDefinitionId": str(role),
                    }
                    for role in roles
                ],
            }
        }

    def delegate(self, scope: str, *roles: UUID) -> str:
        """Put roles for the provider's application in force; the path of the assignment."""
        definition = f"{self.subscription}/{DEFINITIONS}/{uuid4()}"
        made = self.as_customer("PUT", definition, V, self.describe(*roles))
        assert made.status_code == 201, made.text
        assignment = f"{scope}/{ASSIGNMENTS}/{uuid4()}"
        body = {"properties": {"registrationDefinitionId": definition}}
        made = self.as_customer("PUT", assignment, V, body)
        assert made.status_code == 201, made.text
        return assignment


@pytest.fixture
def parties(server: Server) -> Parties:
    return Parties(server)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_what_is_delegated_is_seen_queried_and_managed_until_it_is_ended(parties: Parties) -> None:
    server, workspace = parties.server, parties.workspace
    assert parties.as_provider("GET", workspace, V).status_code == 404
    assert parties.query().status_code == 403
    assignment = parties.delegate(parties.subscription, LOG_ANALYTICS_READER)
    assert parties.as_provider("GET", workspace, V).json()["id"] == workspace
    assert parties.query().json()["tables"][0]["rows"] == [["secret-foreign"]]
    place = server.people.foreign.workspace_id
    remote = {"query": f'workspace("{place}").Heartbeat | where Computer != "old" | distinct Computer'}
    with server.client(server.token(server.people.nobody)) as client:
        answer = client.post(f"/v1/workspaces/{place}/query", json=remote)
        assert answer.json()["tables"][0]["rows"] == [["secret-foreign"]]
    with server.client(server.token(server.people.nobody, KUSTO_SCOPE)) as client:
        answer = client.post("/v1/rest/query", json={"db": place, "csl": BEATS["query"]})
        assert answer.json()["Tables"][0]["Rows"] == [["secret-foreign"]]
    listed = parties.as_provider("GET", "/subscriptions", R).json()["value"]
    shown = {one["id"]: one for one in listed}[parties.subscription]
    assert shown["tenantId"] == str(server.people.foreign.tenant_id)
    assert shown["managedByTenants"] == [{"tenantId": str(server.home.tenant_id)}]
    workspaces = "providers/Microsoft.OperationalInsights/workspaces"
    names = parties.as_provider("GET", f"{parties.subscription}/{workspaces}", V).json()["value"]
    assert [one["name"] for one in names] == ["fabrikam"]
    change = {"location": "local", "tags": {"by": "provider"}}
    assert code_of(parties.as_provider("PUT", workspace, V, change)) == (403, "AuthorizationFailed")
    assert parties.as_customer("DELETE", assignment, V).status_code == 200
    # At once, also for what was decided and answered before.
    assert parties.query().status_code == 403
    assert parties.as_provider("GET", workspace, V).status_code == 404
    assert parties.as_provider("GET", "/subscriptions", R).json()["value"] == []


def test_a_delegated_group_is_all_that_is_reached(parties: Parties) -> None:
    assignment = parties.delegate(parties.group, CONTRIBUTOR)
    other = f"{parties.subscription}/resourceGroups/another"
    assert parties.as_customer("PUT", other, R, {"location": "local"}).status_code == 201
    assert code_of(parties.as_provider("GET", other, R)) == (404, "SubscriptionNotFound")
    groups = parties.as_provider("GET", f"{parties.subscription}/resourceGroups", R)
    assert [one["id"] for one in groups.json()["value"]] == [parties.group]
    tagged = parties.as_provider("PATCH", parties.workspace, V, {"tags": {"by": "provider"}})
    assert tagged.json()["tags"] == {"by": "provider"}
    # What gives or takes rights stays the customer's, Contributor or not.
    role = f"{parties.group}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    grant = {
        "properties": {
            "roleDefinitionId": str(READER),
            "principalId": str(parties.server.people.nobody.object_id),
        }
    }
    assert code_of(parties.as_provider("PUT", role, A, grant)) == (403, "AuthorizationFailed")
    definition = f"{parties.subscription}/{DEFINITIONS}/{uuid4()}"
    answer = parties.as_provider("PUT", definition, V, parties.describe(CONTRIBUTOR))
    assert answer.status_code in (403, 404)
    assert code_of(parties.as_provider("DELETE", assignment, V)) == (403, "AuthorizationFailed")
    assert parties.as_customer("DELETE", assignment, V).status_code == 200


def test_the_provider_can_end_it_with_the_role_made_for_that(parties: Parties) -> None:
    assignment = parties.delegate(parties.group, REGISTRATION_ASSIGNMENT_DELETE)
    listed = parties.as_provider("GET", f"{parties.group}/{ASSIGNMENTS}", V)
    assert [one["id"] for one in listed.json()["value"]] == [assignment]
    assert parties.as_provider("DELETE", assignment, V).status_code == 200
    assert parties.as_provider("GET", assignment, V).status_code == 404
    assert parties.as_customer("DELETE", assignment, V).status_code == 204


def test_records_come_in_with_a_delegated_role(parties: Parties) -> None:
    path = f"{parties.group}/providers/Microsoft.Insights/dataCollectionRules/delegated"
    stream = {
        "columns": [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Computer", "type": "string"}]
    }
    rule = {
        "location": "local",
        "properties": {
            "streamDeclarations": {"Custom-Beat": stream},
            "destinations": {"logAnalytics": [{"name": "there", "workspaceResourceId": parties.workspace}]},
            "dataFlows": [
                {"streams": ["Custom-Beat"], "destinations": ["there"], "outputStream": "Microsoft-Heartbeat"}
            ],
        },
    }
    made = parties.as_customer("PUT", path, {"api-version": "2023-03-11"}, rule).json()
    url = f"/dataCollectionRules/{made['properties']['immutableId']}/streams/Custom-Beat"

    def send() -> int:
        token = parties.server.token(parties.server.people.nobody, INGESTION_SCOPE)
        with parties.server.client(token) as client:
            body = [{"TimeGenerated": "2026-01-01T00:00:00Z", "Computer": "old"}]
            return client.post(url, params={"api-version": "2023-01-01"}, json=body).status_code

    assert send() == 403
    assignment = parties.delegate(parties.group, MONITORING_METRICS_PUBLISHER)
    assert send() == 204
    assert parties.as_customer("DELETE", assignment, V).status_code == 200
    assert send() == 403


def test_every_problem_of_a_definition_is_told(parties: Parties) -> None:
    path = f"{parties.subscription}/{DEFINITIONS}/{uuid4()}"
    body = parties.describe(OWNER, USER_ACCESS_ADMINISTRATOR, uuid4())
    body["properties"]["authorizations"][0]["principalId"] = str(
        parties.server.people.foreign_owner.object_id
    )
    refused = parties.as_customer("PUT", path, V, body).json()["error"]
    assert [detail["target"] for detail in refused["details"]] == [
        "properties.authorizations[0].roleDefinitionId",
        "properties.authorizations[0].principalId",
        "properties.authorizations[1].roleDefinitionId",
        "properties.authorizations[2].roleDefinitionId",
    ]
    own = parties.describe(READER)
    own["properties"]["managedByTenantId"] = str(parties.server.people.foreign.tenant_id)
    own["properties"]["authorizations"] = []
    refused = parties.as_customer("PUT", path, V, own).json()["error"]
    assert [detail["code"] for detail in refused["details"]] == [
        "InvalidManagedByTenant",
        "MissingAuthorizations",
    ]
    nowhere = f"{parties.workspace}/{DEFINITIONS}/{uuid4()}"
    assert parties.as_customer("PUT", nowhere, V, parties.describe(READER)).status_code == 400
    absent = {"properties": {"registrationDefinitionId": path}}
    assignment = f"{parties.group}/{ASSIGNMENTS}/{uuid4()}"
    assert code_of(parties.as_customer("PUT", assignment, V, absent)) == (
        400,
        "RegistrationDefinitionNotFound",
    )


def test_a_definition_in_force_stays(parties: Parties) -> None:
    assignment = parties.delegate(parties.group, READER)
    expanded = V | {"$expandRegistrationDefinition": "true"}
    found = parties.as_customer("GET", assignment, expanded).json()
    inside = found["properties"]["registrationDefinition"]
    assert inside["properties"]["managedByTenantName"]
    definition = found["properties"]["registrationDefinitionId"]
    refused = parties.as_customer("DELETE", definition, V)
    assert code_of(refused) == (409, "RegistrationDefinitionHasAssignments")
    # A change of the definition holds at once.
    assert parties.query().status_code == 200
    other = parties.describe(REGISTRATION_ASSIGNMENT_DELETE)
    assert parties.as_customer("PUT", definition, V, other).status_code == 200
    assert parties.query().status_code == 403
    assert parties.as_customer("DELETE", assignment, V).status_code == 200
    assert parties.as_customer("DELETE", definition, V).status_code == 200


def test_the_client_for_managed_services_drives_it(parties: Parties) -> None:
    server = parties.server
    token = Token(server.token(server.people.foreign_owner, MANAGEMENT_SCOPE))
    client: Any = ManagedServicesClient(token, base_url=server.endpoint, connection_verify=server.ca_file)
    name, scope = str(uuid4()), parties.subscription.removeprefix("/")
    made = client.registration_definitions.begin_create_or_update(
        name, scope, parties.describe(READER), polling_interval=0
    ).result()
    assert made.properties.registration_definition_name == "Managed logs"
    assert [one.name for one in client.registration_definitions.list(scope)].count(name) == 1
    body = {"properties": {"registrationDefinitionId": made.id}}
    in_force = client.registration_assignments.begin_create_or_update(
        scope, name, body, polling_interval=0
    ).result()
    assert in_force.properties.registration_definition_id == made.id
    assert [one.name for one in client.registration_assignments.list(scope)] == [name]
    client.registration_assignments.begin_delete(scope, name, polling_interval=0).result()
    client.registration_definitions.delete(name, scope)
    client.close()
