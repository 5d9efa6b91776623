"""The directory through its API: who may do what, documents as Graph's clients read them, refusals in its words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from kelp.api.graph.routes import ROUTES
from kelp.base.ids import ResourceId
from kelp.identity.events import DirectoryEvent
from kelp.resources.role_definition import READER
from tests.api.management_service import ManagementService, open_service

GRAPH = "https://graph.microsoft.com/.default"
PASSWORD = "quite a long secret"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ManagementService:
    return open_service(tmp_path_factory.mktemp("graph"))


async def ask(
    service: ManagementService, method: str, path: str, document: Any = None, token: str | None = None
) -> httpx.Response:
    token = token or await service.get_token(GRAPH)
    return await service.call(method, f"/v1.0{path}", document, token=token)


async def make(service: ManagementService, path: str, document: Any) -> dict[str, Any]:
    answer = await ask(service, "POST", path, document)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def make_user(service: ManagementService, name: str = "") -> dict[str, Any]:
    name = name or uuid4().hex
    return await make(
        service,
        "/users",
        {
            "accountEnabled": True,
            "displayName": f"User {name}",
            "mailNickname": name,
            "userPrincipalName": f"{name}@kelp.local",
            "passwordProfile": {"forceChangePasswordNextSignIn": False, "password": PASSWORD},
        },
    )


async def sign_in(
    service: ManagementService, user_name: str, tenant: str = "common", **form: str
) -> httpx.Response:
    sent = {
        "grant_type": "password",
        "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "username": user_name,
        "password": PASSWORD,
        "scope": GRAPH,
    } | form
    async with service.client() as client:
        return await client.post(f"/{tenant}/oauth2/v2.0/token", data=sent)


async def values(service: ManagementService, path: str) -> list[dict[str, Any]]:
    answer = await ask(service, "GET", path)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["value"])


async def test_a_user_is_made_found_changed_and_removed(service: ManagementService) -> None:
    made = await make_user(service, "grace")
    assert (made["userPrincipalName"], made["userType"]) == ("grace@kelp.local", "Member")
    for name in (made["id"], "Grace@kelp.local"):
        assert (await ask(service, "GET", f"/users/{name}")).json()["id"] == made["id"]
    change = {
        "displayName": "Grace H.",
        "userPrincipalName": "hopper@kelp.local",
        "mail": "g@elsewhere.example",
    }
    assert (await ask(service, "PATCH", f"/users/{made['id']}", change)).status_code == 204
    assert (await ask(service, "GET", "/users/hopper@kelp.local")).json()["displayName"] == "Grace H."
    assert (await sign_in(service, "hopper@kelp.local")).status_code == 200
    await ask(service, "PATCH", f"/users/{made['id']}", {"accountEnabled": False})
    assert (await sign_in(service, "hopper@kelp.local")).json()["error_codes"] == [50057]
    assert (await ask(service, "DELETE", f"/users/{made['id']}")).status_code == 204
    gone = await ask(service, "GET", f"/users/{made['id']}")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "Request_ResourceNotFound")


async def test_all_problems_of_a_user_are_told_at_once(service: ManagementService) -> None:
    document = {
        "userPrincipalName": "",
        "passwordProfile": {"password": "short"},
        "accountEnabled": "perhaps",
    }
    answer = await ask(service, "POST", "/users", document)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "Request_BadRequest")
    targets = {detail["target"] for detail in error["details"]}
    assert targets == {"userPrincipalName", "displayName", "passwordProfile.password", "accountEnabled"}
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    elsewhere = {
        "userPrincipalName": "eve@contoso.example",
        "displayName": "Eve",
        "passwordProfile": {"password": PASSWORD},
    }
    answer = await ask(service, "POST", "/users", elsewhere)
    assert (answer.status_code, "domain portion" in answer.json()["error"]["message"]) == (400, True)
    await make_user(service, "twice")
    answer = await ask(service, "POST", "/users", elsewhere | {"userPrincipalName": "twice@kelp.local"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        409,
        "Request_MultipleObjectsWithSameKeyValue",
    )


async def test_lists_are_filtered_selected_and_paged(service: ManagementService) -> None:
    made = [await make_user(service, f"page{number}") for number in range(5)]
    query = quote("startswith(displayName,'user PAGE') and accountEnabled eq true")
    path, found = f"/users?$filter={query}&$select=id,displayName&$top=2&$count=true", list[dict[str, Any]]()
    for _ in range(3):
        answer = (await ask(service, "GET", path)).json()
        assert answer["@odata.count"] == 5
        found += answer["value"]
        link = answer.get("@odata.nextLink", "")
        path = link.partition("/v1.0")[2]
    assert path == ""
    assert found == [{"id": one["id"], "displayName": one["displayName"]} for one in made]
    by_name = quote("userPrincipalName eq 'PAGE1@kelp.local' or id eq '" + made[3]["id"] + "'")
    assert [one["id"] for one in await values(service, f"/users?$filter={by_name}")] == [
        made[1]["id"],
        made[3]["id"],
    ]
    assert (
        await values(
            service, f"/users?$filter={quote('not (userType eq ' + chr(39) + 'Member' + chr(39) + ')')}"
        )
        == []
    )


@pytest.mark.parametrize(
    "query",
    [
        "$filter=" + quote("displayName gt 'a'"),
        "$filter=" + quote("displayName eq 'a"),
        "$filter=" + quote("nonsense eq 'a'"),
        "$filter=" + quote("(" * 30 + "id eq 'a'" + ")" * 30),
        "$top=0",
        "$top=many",
        "$search=a",
        "$skiptoken=!",
        "$orderby=mail",
    ],
)
async def test_what_is_not_understood_is_refused(service: ManagementService, query: str) -> None:
    answer = await ask(service, "GET", f"/users?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "Request_BadRequest")


async def test_a_group_gives_its_members_its_roles_at_once(service: ManagementService) -> None:
    user = await make_user(service)
    outer, inner = [
        await make(
            service,
            "/groups",
            {"displayName": name, "mailNickname": name, "mailEnabled": False, "securityEnabled": True},
        )
        for name in ("Outer", "Inner")
    ]
    token = (
        await sign_in(service, user["userPrincipalName"], scope="https://management.azure.com/.default")
    ).json()["access_token"]
    path = f"/providers/Microsoft.Authorization/roleAssignments/{uuid4()}?api-version=2022-04-01"
    grant = {
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{READER}",
            "principalId": outer["id"],
            "principalType": "Group",
        }
    }
    granted = await service.call("PUT", f"{service.subscription}{path}", grant)
    assert (granted.status_code, granted.json()["properties"]["principalType"]) == (201, "Group")
    groups = f"{service.subscription}/resourceGroups?api-version=2022-09-01"
    assert (await service.call("GET", groups, token=token)).status_code == 403
    for group, member in ((outer, inner), (inner, user)):
        reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{member['id']}"}
        assert (
            await ask(service, "POST", f"/groups/{group['id']}/members/$ref", reference)
        ).status_code == 204
    assert (await service.call("GET", groups, token=token)).status_code == 200
    assert [one["@odata.type"] for one in await values(service, f"/groups/{outer['id']}/members")] == [
        "#microsoft.graph.group"
    ]
    assert {one["id"] for one in await values(service, f"/groups/{outer['id']}/transitiveMembers")} == {
        inner["id"],
        user["id"],
    }
    assert {one["id"] for one in await values(service, f"/users/{user['id']}/transitiveMemberOf")} == {
        inner["id"],
        outer["id"],
    }
    assert [one["id"] for one in await values(service, f"/users/{user['id']}/memberOf")] == [inner["id"]]
    round_trip = {"@odata.id": f"https://localhost/v1.0/directoryObjects/{outer['id']}"}
    refused = await ask(service, "POST", f"/groups/{inner['id']}/members/$ref", round_trip)
    assert (refused.status_code, "may not be in itself" in refused.json()["error"]["message"]) == (400, True)
    assert (
        await ask(service, "DELETE", f"/groups/{inner['id']}/members/{user['id']}/$ref")
    ).status_code == 204
    assert (await service.call("GET", groups, token=token)).status_code == 403
    assert (await ask(service, "DELETE", f"/groups/{outer['id']}")).status_code == 204


async def test_a_guest_enters_with_the_credentials_of_home(service: ManagementService) -> None:
    contoso = await make(
        service,
        "/tenants",
        {
            "displayName": "Contoso",
            "defaultDomain": "contoso.example",
            "administrator": {"userPrincipalName": "boss@contoso.example", "password": PASSWORD},
        },
    )
    assert (await sign_in(service, "boss@contoso.example", "kelp.local")).json()["error_codes"] == [50020]
    invitation = await make(
        service,
        "/invitations",
        {"invitedUserEmailAddress": "boss@contoso.example", "inviteRedirectUrl": "https://kelp.example/"},
    )
    guest = invitation["invitedUser"]
    assert (guest["userType"], guest["externalUserState"]) == ("Guest", "PendingAcceptance")
    entered = (await sign_in(service, "boss@contoso.example", "kelp.local")).json()
    me = (await ask(service, "GET", "/me", token=entered["access_token"])).json()
    assert (me["id"], me["externalUserState"]) == (guest["id"], "Accepted")
    # At home the same person is somebody else, with the rights of home.
    home = (await sign_in(service, "boss@contoso.example")).json()["access_token"]
    management = (
        await sign_in(service, "boss@contoso.example", scope="https://management.azure.com/.default")
    ).json()["access_token"]
    own = await service.call("GET", "/subscriptions?api-version=2022-12-01", token=management)
    assert [one["subscriptionId"] for one in own.json()["value"]] == [contoso["subscriptionId"]]
    organizations = (await ask(service, "GET", "/organization", token=home)).json()["value"]
    assert [one["id"] for one in organizations] == [contoso["id"]]
    tenants = await service.call(
        "GET",
        "/tenants?api-version=2022-12-01",
        token=(
            await sign_in(service, "boss@contoso.example", scope="https://management.azure.com/.default")
        ).json()["access_token"],
    )
    assert {one["tenantId"]: one["tenantCategory"] for one in tenants.json()["value"]} == {
        contoso["id"]: "Home",
        str(service.installation.tenant_id): "ProjectedBy",
    }
    assert (await ask(service, "DELETE", f"/users/{guest['id']}")).status_code == 204
    answer = await ask(service, "GET", "/me", token=entered["access_token"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


async def test_tenants_are_for_the_operators(service: ManagementService) -> None:
    document = {
        "displayName": "Fabrikam",
        "defaultDomain": "fabrikam.example",
        "administrator": {"password": PASSWORD},
    }
    tenant = await make(service, "/tenants", document)
    assert (
        await ask(service, "PATCH", f"/tenants/{tenant['id']}", {"displayName": "Fab"})
    ).status_code == 204
    changed = await make(service, f"/tenants/{tenant['id']}/domains", {"id": "fab.example"})
    assert [one["name"] for one in changed["verifiedDomains"]] == ["fabrikam.example", "fab.example"]
    assert (await ask(service, "DELETE", f"/tenants/{tenant['id']}/domains/fab.example")).status_code == 204
    assert tenant["id"] in {one["id"] for one in await values(service, "/tenants")}
    admin = (await sign_in(service, "admin@fabrikam.example")).json()["access_token"]
    assert (await ask(service, "GET", "/users", token=admin)).status_code == 200
    for path in ("/tenants", f"/tenants/{service.installation.tenant_id}"):
        answer = await ask(service, "GET", path, token=admin)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Authorization_RequestDenied")
    wrong = {
        "displayName": "",
        "defaultDomain": "no domain",
        "administrator": {"password": "x", "userPrincipalName": "a@b"},
    }
    answer = await ask(service, "POST", "/tenants", wrong)
    assert len(answer.json()["error"]["details"]) == 4


async def test_what_az_asks_to_grant_a_role(service: ManagementService) -> None:
    user = await make_user(service)
    application = await make(service, "/applications", {"displayName": "importer", "keyCredentials": []})
    principal = await make(
        service, "/servicePrincipals", {"appId": application["appId"], "accountEnabled": True}
    )
    by_name = quote(f"servicePrincipalNames/any(c:c eq '{application['appId']}')")
    assert [one["id"] for one in await values(service, f"/servicePrincipals?$filter={by_name}")] == [
        principal["id"]
    ]
    both = {
        "ids": [user["id"], principal["id"], str(uuid4())],
        "types": ["user", "group", "servicePrincipal", "directoryObjectPartnerReference"],
    }
    answer = await ask(service, "POST", "/directoryObjects/getByIds", both)
    assert [(one["id"], one["@odata.type"]) for one in answer.json()["value"]] == [
        (user["id"], "#microsoft.graph.user"),
        (principal["id"], "#microsoft.graph.servicePrincipal"),
    ]
    unknown = await ask(service, "POST", "/servicePrincipals", {"appId": str(uuid4())})
    assert (unknown.status_code, "does not reference" in unknown.json()["error"]["message"]) == (400, True)


async def test_secrets_of_an_application_come_and_go(service: ManagementService) -> None:
    application = await make(service, "/applications", {"displayName": "secretive"})
    wanted = {"passwordCredential": {"displayName": "rbac", "endDateTime": "2099-01-01T00:00:00Z"}}
    assert (
        await ask(service, "POST", f"/applications/{application['id']}/addPassword", wanted)
    ).status_code == 400
    made = (await ask(service, "POST", f"/applications/{application['id']}/addPassword", {})).json()
    form = {
        "grant_type": "client_credentials",
        "client_id": application["appId"],
        "client_secret": made["secretText"],
        "scope": GRAPH,
    }
    async with service.client() as client:
        assert (await client.post(service.token_path, data=form)).status_code == 200
        listed = (await ask(service, "GET", f"/applications/{application['id']}")).json()[
            "passwordCredentials"
        ]
        assert [(one["keyId"], one["secretText"], one["hint"]) for one in listed] == [
            (made["keyId"], None, made["secretText"][:3])
        ]
        removal = await ask(
            service, "POST", f"/applications/{application['id']}/removePassword", {"keyId": made["keyId"]}
        )
        assert removal.status_code == 204
        assert (await client.post(service.token_path, data=form)).status_code == 401
    assert (await ask(service, "DELETE", f"/applications/{application['id']}")).status_code == 204
    assert (await ask(service, "GET", f"/servicePrincipals/{application['id']}")).status_code == 404


async def test_who_has_no_role_at_the_root_does_nothing(service: ManagementService) -> None:
    reader = await service.get_token_of_new_application((READER, service.subscription))
    admin = await service.get_token_of_new_application((READER, ResourceId()))
    for token, reading in ((reader, 401), (admin, 401)):  # tokens for management are not for the directory
        assert (await ask(service, "GET", "/users", token=token)).status_code == reading
    user = await make_user(service)
    token = (await sign_in(service, user["userPrincipalName"])).json()["access_token"]
    assert (await ask(service, "GET", "/me", token=token)).json()["id"] == user["id"]
    for method, path in (
        ("GET", "/users"),
        ("GET", "/groups"),
        ("GET", "/applications"),
        ("DELETE", f"/users/{user['id']}"),
        ("GET", "/organization"),
    ):
        answer = await ask(service, method, path, token=token)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


async def test_changes_are_told(service: ManagementService) -> None:
    before = len(service.events)
    user = await make_user(service)
    await ask(service, "PATCH", f"/users/{user['id']}", {"displayName": "Other"})
    told = [one for one in service.events[before:] if isinstance(one, DirectoryEvent)]
    assert [one.activity for one in told] == ["Add user", "Update user"]
    assert {one.actor.name for one in told} == {"kelp-owner"}
    assert told[1].targets[0].changed == ("name",)
    token = (await sign_in(service, user["userPrincipalName"])).json()["access_token"]
    await ask(service, "DELETE", f"/users/{user['id']}", token=token)
    refused = service.events[-1]
    assert isinstance(refused, DirectoryEvent)
    assert (refused.activity, refused.actor.name) == ("Refused: users/delete", user["userPrincipalName"])
    assert "no role" in refused.refusal


async def test_the_tenant_chooses_where_it_is_logged(service: ManagementService) -> None:
    own = f"/organization/{service.installation.tenant_id}"
    workspace = str(service.installation.workspace_resource_id)
    assert (await ask(service, "PATCH", own, {"logWorkspace": workspace})).status_code == 204
    assert (await ask(service, "GET", own)).json()["logWorkspace"] == workspace
    answer = await ask(service, "PATCH", own, {"logWorkspace": workspace + "x", "displayName": ""})
    assert (answer.status_code, len(answer.json()["error"]["details"])) == (400, 2)
    assert (await ask(service, "PATCH", own, {"logWorkspace": ""})).status_code == 204
    assert (await ask(service, "GET", own)).json()["logWorkspace"] is None
    assert [one["id"] for one in await values(service, "/domains")] == ["kelp.local"]


NASTY: tuple[Any, ...] = (
    {},
    [],
    "text",
    None,
    dict.fromkeys(("displayName", "members@odata.bind", "keyCredentials", "web", "ids")),
    dict.fromkeys(("displayName", "userPrincipalName", "passwordProfile", "keyId", "code", "id"), 7),
    {name: [7, {}] for name in ("ids", "groupIds", "keyCredentials", "members@odata.bind", "web")},
    dict.fromkeys(("displayName", "description", "invitedUserEmailAddress", "issuer", "domain"), "x" * 5000),
    dict.fromkeys(("displayName", "mail", "userPrincipalName", "@odata.id", "appId", "logWorkspace"), "\x00"),
    {
        "keyCredentials": [{"key": "AAAA"}, {"key": "%"}, {"keyId": "x"}],
        "web": {"redirectUris": ["x", 7, "http://["]},
    },
    {"passwordCredential": {"endDateTime": "9999-12-31T23:59:59+14:00", "displayName": "\ud83d"}},
    {"@odata.id": "http://[", "members@odata.bind": ["http://[", "//"], "inviteRedirectUrl": "http://["},
)


async def test_no_document_makes_it_fail(service: ManagementService) -> None:
    """Whatever is sent, the answer says what is wrong with it."""
    user = await make_user(service)
    group = await make(service, "/groups", {"displayName": "Nasty"})
    application = await make(service, "/applications", {"displayName": "nasty"})
    named = {
        "user": user["id"],
        "group": group["id"],
        "member": user["id"],
        "object": user["id"],
        "application": application["id"],
        "principal": application["id"],
        "organization": str(service.installation.tenant_id),
        "tenant": str(service.installation.tenant_id),
        "domain": "x",
        "provider": user["id"],
    }
    token, failed = await service.get_token(GRAPH), []
    async with service.client() as client:
        for route in ROUTES:
            if route.method not in ("POST", "PATCH"):
                continue
            path = route.path.format(**named)
            for document in NASTY:
                answer = await client.request(
                    route.method,
                    f"/v1.0{path}",
                    content=json.dumps(document).encode(),
                    headers={"Authorization": f"Bearer {token}"},
                )
                if answer.status_code >= 500:
                    failed.append((route.method, route.path, document, answer.text))
        deep = await client.post(
            "/v1.0/users", content=b"[" * 100_000, headers={"Authorization": f"Bearer {token}"}
        )
    assert failed == []
    assert deep.status_code == 400
