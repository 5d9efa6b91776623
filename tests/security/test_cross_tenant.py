"""Nobody reads or changes a workspace without a role on it: every route, every kind of credential, two kinds of strangers.

The target is a workspace of another tenant, and one of the same tenant and subscription. The caller has roles, keys and a
session for the installation's own workspace only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from kelp.app.installation import Installation
from kelp.base.ids import ResourceId
from kelp.resources.role_definition import OWNER
from tests.portal.browsing import sign_in
from tests.security.aims import (
    NO_BODY,
    SAME_FOR_EVERYBODY,
    SCOPES,
    TABLE,
    Attempt,
    Target,
    aim,
    is_made_up,
    iter_detours,
    needs_body,
    sign,
)
from tests.security.furnishing import furnish
from tests.security.kind_bodies import READ_SECRET
from tests.servers import (
    MANAGEMENT_SCOPE,
    QUERY_SCOPE,
    Application,
    Population,
    Server,
    make_application,
    populate,
    shared_rows,
    start_server,
)
from tests.waiting import wait_for

CREDENTIALS = (
    "nothing",
    "owner",
    "owner of the group",
    "reader",
    "publisher",
    "person",
    "session",
    "session of the other tenant",
    "session that names the tenant",
    "shared key",
    "of the other tenant",
    "not a token",
)
TARGETS = ("foreign", "neighbour")
BEYOND_AN_OWNER = {
    # What the whole tenant did, and made, is for those with a role at its root.
    "GET /providers/Microsoft.Insights/eventtypes/management/values",
    "GET /providers/Microsoft.Subscription/aliases",
    # For operators of the installation, and of a request that nobody made.
    "GET /providers/Kelp.Keys/keys",
    "GET /providers/Microsoft.CustomerLockbox/requests",
    "GET /subscriptions/{subscription}/providers/Microsoft.CustomerLockbox/requests/{request}",
    # Roles at the root of a tenant are nothing that a subscription's owner sees.
    "GET /providers/Microsoft.Authorization/roleAssignments",
    "GET /providers/Microsoft.Authorization/roleAssignments/{assignment}",
    # A search is its asker's, a function with a parameter can't be run as one, and a lock would stand in the way.
    "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{workspace}/search/{search}",
    "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{workspace}/savedSearches/{savedSearch}/results",
    "GET /{scope:path}/providers/Microsoft.Authorization/locks/{lock}",
    # Nothing was purged.
    "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{workspace}/operations/{operation}",
    # There are no perimeters.
    "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{workspace}/networkSecurityPerimeterConfigurations/{perimeter}",
    # It is linked to nothing.
    "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{workspace}/linkedServices/{service}",
}


@dataclass
class World:
    """A server, the targets, and the headers that each credential gives a request."""

    server: Server
    group_owner: Application
    targets: dict[str, Target]
    sessions: dict[str, str] = field(default_factory=dict)

    def owner_of(self, target: str) -> Application:
        return self.server.people.foreign_owner if target == "foreign" else self.server.application

    def headers(self, credential: str, attempt: Attempt) -> Mapping[str, str]:
        people, scope = self.server.people, SCOPES[attempt.surface]
        applications = {
            "owner": people.owner,
            "owner of the group": self.group_owner,
            "reader": people.reader,
            "publisher": people.publisher,
            "of the other tenant": people.foreign_owner,
        }
        if credential in applications:
            return {"Authorization": f"Bearer {self.server.token(applications[credential], scope)}"}
        match credential:
            case "person":
                return {"Authorization": f"Bearer {self._token_of_person(scope)}"}
            case _ if credential in self.sessions:
                return {"Cookie": self.sessions[credential], "X-Kelp-Csrf": "1"}
            case "shared key":
                home = self.server.home
                return sign(attempt.signs_for or home.workspace_id, home.primary_key, attempt.content)
            case "not a token":
                return {"Authorization": "Bearer e30.e30.e30"}
        return {}

    def _token_of_person(self, scope: str) -> str:
        known = self.server._tokens
        person = self.server.people.person
        key = (person.user_name, scope)
        if key not in known:
            form = {
                "grant_type": "password",
                "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
                "username": person.user_name,
                "password": person.password,
                "scope": scope,
            }
            with self.server.client() as client:
                answer = client.post("/organizations/oauth2/v2.0/token", data=form)
            known[key] = answer.json()["access_token"]
        return known[key]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made: list[Application] = []

    def populate_more(installation: Installation) -> Population:
        population = populate(installation)
        names = installation.find_names()
        assert names is not None
        group = names.workspace_resource_id.parent
        assert group is not None
        made.append(make_application(installation, names.tenant_id, "owner of a group", (OWNER, group)))
        return population

    limits = {"query": {"requests_per_caller": 1_000_000}}
    folder = tmp_path_factory.mktemp("security")
    with start_server(folder, settings=limits, populate=populate_more, rows=shared_rows) as server:
        world = World(server, made[0], {})
        people = server.people
        for name, place, principal in (
            ("foreign", people.foreign, people.foreign_person.object_id),
            ("neighbour", people.neighbour, server.user.object_id),
        ):
            token = server.token(world.owner_of(name), MANAGEMENT_SCOPE)
            world.targets[name] = furnish(server, place, token, str(principal), f"secret-{name}")
        for name, person in (
            ("session", people.person),
            ("session that names the tenant", people.newcomer),
            ("session of the other tenant", people.foreign_person),
        ):
            with server.client() as client:
                cookie = sign_in(client, person).headers["set-cookie"]
            world.sessions[name] = cookie.partition(";")[0]
        yield world


def send(
    world: World, client: httpx.Client, credential: str, attempt: Attempt, target: Target
) -> httpx.Response:
    headers, path = {**attempt.headers, **world.headers(credential, attempt)}, attempt.path
    if credential == "session that names the tenant" and attempt.method == "GET":
        path += f"{'&' if '?' in path else '?'}inTenant={target.place.tenant_id}"
    elif credential == "session that names the tenant":
        headers["X-Kelp-Tenant"] = str(target.place.tenant_id)
    if attempt.body is not NO_BODY:
        headers["Content-Type"] = "application/json"
    return client.request(attempt.method, path, content=attempt.content, headers=headers)


def judge(target: Target, attempt: Attempt, answer: httpx.Response) -> str | None:
    """What is wrong with an answer."""
    name = f"{attempt.method} {attempt.path} {attempt.body or ''}"
    shown = f"{answer.text} {answer.headers}".lower()
    leaked = [fact for fact in target.facts if fact in shown and fact not in attempt.sent]
    if leaked:
        return f"{name}: {answer.status_code} tells {leaked}: {answer.text[:300]}"
    if answer.status_code not in attempt.accepted:
        return f"{name}: {answer.status_code} {answer.text[:300]}"
    return None


def state_of(world: World, name: str) -> dict[str, Any]:
    """Everything of a target that its owner sees, except the log of queries, which this asking fills."""
    target, owner = world.targets[name], world.owner_of(name)
    place, group = target.place, str(target.place.resource_id).partition("/providers/")[0]
    insights, logs = f"{group}/providers/Microsoft.Insights", "/providers/Microsoft.OperationalInsights"
    questions = [
        ("GET", str(place.resource_id), "2022-10-01"),
        ("POST", f"{place.resource_id}/sharedKeys", "2022-10-01"),
        ("GET", f"{place.resource_id}/tables/{TABLE}", "2022-10-01"),
        ("GET", f"{insights}/dataCollectionRules", "2023-03-11"),
        ("GET", f"{insights}/dataCollectionEndpoints", "2023-03-11"),
        ("GET", f"{place.resource_id}/providers/Microsoft.Authorization/roleAssignments", "2022-04-01"),
        ("GET", f"{group}{logs}/workspaces", "2022-10-01"),
        ("GET", f"{group}{logs}/deletedWorkspaces", "2022-10-01"),
        ("GET", group, "2022-09-01"),
        ("GET", f"{group}/providers/Microsoft.KeyVault/vaults", "2023-07-01"),
    ]
    state = {}
    with world.server.client(world.server.token(owner, MANAGEMENT_SCOPE)) as client:
        for method, path, version in questions:
            answer = client.request(method, path, params={"api-version": version})
            assert answer.status_code == 200, answer.text
            state[f"{method} {path}"] = answer.json()
    with world.server.client(world.server.token(owner, QUERY_SCOPE)) as client:
        for query in (READ_SECRET, "Heartbeat | summarize count() by Computer", f"{TABLE} | getschema"):
            answer = client.post(f"/v1/workspaces/{place.workspace_id}/query", json={"query": query})
            assert answer.status_code == 200, answer.text
            state[query] = sorted(answer.json()["tables"][0]["rows"])
    return state


def test_every_surface_is_known(world: World) -> None:
    routes = world.server.routes()
    assert {surface for _, _, surface in routes} <= SCOPES.keys()
    served = {f"{method} {path}" for method, path, _ in routes}
    assert served >= SAME_FOR_EVERYBODY


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("name", TARGETS)
def test_nobody_else_gets_in(world: World, name: str, credential: str) -> None:
    if name == "foreign" and credential.endswith("of the other tenant"):
        pytest.skip("it is the target's own tenant")
    target = world.targets[name]
    before, wrong, asked = state_of(world, name), [], 0
    attempts = [aim(*route, target) for route in world.server.routes()]
    attempts += iter_detours(target, world.server.home)
    with world.server.client() as client:
        for attempt in attempts:
            ends = attempt.method == "DELETE" and attempt.path.startswith("/portal/api/session")
            if ends and credential in world.sessions:
                continue  # it would end the session of the attempts that follow
            wrong.append(judge(target, attempt, send(world, client, credential, attempt, target)))
            asked += 1
    found = [one for one in wrong if one]
    assert not found, "\n".join(found)
    assert asked > 80
    assert state_of(world, name) == before


@pytest.mark.parametrize("name", TARGETS)
def test_the_owner_does_get_in(world: World, name: str) -> None:
    """The same requests of the one who may: so that the ones above are refused for want of a right alone."""
    target, told, failed = world.targets[name], "", []
    application = world.owner_of(name)
    with world.server.client() as client:
        for method, path, surface in world.server.routes():
            attempt = aim(method, path, surface, target)
            if f"{method} {path}" in BEYOND_AN_OWNER or (surface == "KEY_VAULT" and "{vault}" not in path):
                continue  # without a host name of its own a vault is in the path
            if surface in ("GRAPH", "PORTAL"):
                continue  # roles at the root of a tenant, as above, and a session instead of a token
            is_reading = not needs_body(method) and method != "DELETE"
            if surface in ("QUERY", "KUSTO"):
                is_reading = not path.startswith("/portal/")
            if f"{method} {path}" in SAME_FOR_EVERYBODY or not is_reading:
                continue
            token = world.server.token(application, SCOPES[surface])
            headers = {**attempt.headers, "Authorization": f"Bearer {token}"}
            answer = client.request(method, attempt.path, content=attempt.content, headers=headers)
            told += answer.text.lower()
            if not answer.is_success and not is_made_up(method, path, surface, target):
                failed.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
    absent = (
        "/providers/Microsoft.Authorization",
        "/providers/Microsoft.ManagedServices",
        "destroyedWorkspaces",
        "/workspaces/{workspace}/operations/",
    )
    assert [one for one in failed if not any(part in one for part in absent)] == []
    keys = {fact for fact in target.facts if fact.endswith("==")}
    assert {fact for fact in target.facts - keys if fact not in told} == set()


@pytest.mark.parametrize("name", TARGETS)
def test_no_record_is_brought_in(world: World, name: str) -> None:
    """Records become rows a while after they were accepted: one that may come shows that none before it came."""
    target, server = world.targets[name], world.server
    routes = [route for route in server.routes() if route[2] in ("INGESTION", "DATA_COLLECTOR")]
    assert len(routes) >= 2
    with server.client() as client:
        for credential in CREDENTIALS:
            if name == "foreign" and credential.endswith("of the other tenant"):
                continue
            for route in routes:
                attempt = aim(*route, target)
                assert judge(target, attempt, send(world, client, credential, attempt, target)) is None
        content = b'[{"Own": "yes"}]'
        headers = sign(target.place.workspace_id, target.place.primary_key, content)
        headers |= {"Content-Type": "application/json", "Log-Type": "Secret"}
        answer = client.post("/api/logs?api-version=2016-04-01", content=content, headers=headers)
        assert answer.is_success, answer.text

    def count_rows() -> list[int]:
        query = {
            "query": f"{TABLE} | extend Own_s = column_ifexists('Own_s', '') | summarize count(), countif(Own_s == 'yes')"
        }
        with server.client(server.token(world.owner_of(name), QUERY_SCOPE)) as client:
            answer = client.post(f"/v1/workspaces/{target.place.workspace_id}/query", json=query)
        return list(answer.json()["tables"][0]["rows"][0])

    wait_for(lambda: count_rows()[1] == 1)
    assert count_rows() == [2, 1]


def test_an_application_signs_in_to_its_own_tenant_only(world: World) -> None:
    server = world.server
    form = {
        "grant_type": "client_credentials",
        "client_id": server.people.owner.client_id,
        "client_secret": server.people.owner.client_secret,
        "scope": MANAGEMENT_SCOPE,
    }
    with server.client() as client:
        for path in ("oauth2/v2.0/token", "oauth2/token"):
            for tenant in (str(server.people.foreign.tenant_id), "fabrikam.local"):
                answer = client.post(f"/{tenant}/{path}", data=form)
                assert answer.status_code in (400, 401)
                assert "access_token" not in answer.text
            assert client.post(f"/{server.home.tenant_id}/{path}", data=form).status_code == 200


def test_a_name_of_two_tenants_means_the_callers_own(world: World) -> None:
    """Groups are called alike in both tenants, workspaces may be: a name never leads into another tenant."""
    server = world.server
    own = ResourceId.parse(str(server.home.resource_id))
    assert own.resource_group == ResourceId.parse(str(server.people.foreign.resource_id)).resource_group
    body = {"query": "Heartbeat | distinct Computer"}
    with server.client(server.token(server.people.foreign_owner)) as client:
        answer = client.post("/v1/workspaces/default/query", json=body)
        assert answer.status_code == 404
        answer = client.post("/v1/workspaces/fabrikam/query", json=body)
        assert answer.json()["tables"][0]["rows"] == [["secret-foreign"]]
