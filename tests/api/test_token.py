from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt
import pytest

from tests.api.management_service import BASE_URL, ManagementService, open_service

CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


@pytest.fixture
def service(tmp_path: Path) -> ManagementService:
    return open_service(tmp_path)


async def ask(
    service: ManagementService, path: str | None = None, **form: str | None
) -> tuple[int, dict[str, Any]]:
    defaults = {
        "grant_type": "client_credentials",
        "client_id": str(service.installation.client_id),
        "client_secret": service.secrets.client_secret,
        "scope": "https://management.azure.com/.default",
        "client_info": "1",
        "claims": '{"access_token":{"xms_cc":{"values":["CP1"]}}}',
    }
    sent = {name: value for name, value in (defaults | form).items() if value is not None}
    async with service.client() as client:
        answer = await client.post(path or service.token_path, data=sent)
    return answer.status_code, answer.json()


async def test_an_application_gets_a_token(service: ManagementService) -> None:
    status, document = await ask(service)
    assert status == 200
    assert set(document) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert document["token_type"] == "Bearer"
    assert document["expires_in"] == document["ext_expires_in"] == 3599


@pytest.mark.parametrize(
    "tenant", ["{tenant_id}", "kelp.local", "common", "organizations", "adfs", "KELP.LOCAL"]
)
@pytest.mark.parametrize("end", ["oauth2/v2.0/token", "oauth2/token"])
async def test_every_name_of_the_tenant_and_both_versions_lead_to_a_token(
    service: ManagementService, tenant: str, end: str
) -> None:
    name = tenant.format(tenant_id=service.installation.tenant_id)
    status, document = await ask(service, f"/{name}/{end}")
    assert status == 200
    claims = jwt.decode(document["access_token"], options={"verify_signature": False})
    assert claims["ver"] == ("2.0" if "v2.0" in end else "1.0")
    assert claims["tid"] == str(service.installation.tenant_id)


async def test_the_first_version_takes_a_resource_and_answers_in_text(service: ManagementService) -> None:
    path = f"/{service.installation.tenant_id}/oauth2/token"
    status, document = await ask(service, path, scope=None, resource="https://management.core.windows.net/")
    assert status == 200
    assert document["expires_in"] == "3599"
    assert document["resource"] == "https://management.core.windows.net/"
    assert int(document["expires_on"]) - int(document["not_before"]) == 3600
    claims = jwt.decode(document["access_token"], options={"verify_signature": False})
    assert claims["aud"] == "https://management.azure.com"


@pytest.mark.parametrize(
    "scope, audience",
    [
        ("https://monitor.azure.com//.default", "https://monitor.azure.com"),
        ("https://api.loganalytics.io/.default", "https://api.loganalytics.io"),
        ("https://api.loganalytics.azure.com/.default", "https://api.loganalytics.io"),
        ("https://kusto.kusto.windows.net/.default", "https://kusto.kusto.windows.net"),
        ("https://localhost:8443/.default", BASE_URL),
        ("https://127.0.0.1:8443/.default", BASE_URL),
    ],
)
async def test_each_client_gets_its_audience(service: ManagementService, scope: str, audience: str) -> None:
    _, document = await ask(service, scope=scope)
    claims = jwt.decode(document["access_token"], options={"verify_signature": False})
    assert claims["aud"] == audience


async def test_a_user_signs_in_with_a_password(service: ManagementService) -> None:
    status, document = await ask(
        service,
        grant_type="password",
        client_id=CLI,
        client_secret=None,
        username="Admin@kelp.local",
        password=service.secrets.password,
        scope="openid profile offline_access https://management.core.windows.net//.default",
    )
    assert status == 200
    told = jwt.decode(document["id_token"], options={"verify_signature": False})
    assert told["preferred_username"] == "admin@kelp.local"
    assert told["aud"] == CLI
    client_info = base64.urlsafe_b64decode(document["client_info"] + "==")
    assert told["oid"].encode() in client_info


async def test_credentials_may_come_by_the_basic_scheme(service: ManagementService) -> None:
    pair = f"{service.installation.client_id}:{quote(service.secrets.client_secret)}"
    headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    form = {"grant_type": "client_credentials", "scope": "https://monitor.azure.com/.default"}
    async with service.client() as client:
        answer = await client.post(service.token_path, data=form, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "change, status, error, number",
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000216),
        ({"client_secret": None, "client_assertion": "a.b.c"}, 401, "invalid_client", 700027),
        ({"client_id": CLI}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"grant_type": None}, 400, "invalid_request", 900144),
        ({"grant_type": "device_code"}, 400, "unsupported_grant_type", 70003),
        ({"scope": "https://nothing.of.ours/.default"}, 400, "invalid_resource", 500011),
        ({"scope": "https://management.azure.com/user_impersonation"}, 400, "invalid_scope", 70011),
        ({"scope": "openid"}, 400, "invalid_scope", 70011),
        ({"scope": None}, 400, "invalid_request", 900144),
        (
            {"grant_type": "password", "client_id": CLI, "username": "admin@kelp.local", "password": "wrong"},
            400,
            "invalid_grant",
            50126,
        ),
    ],
)
async def test_refusals_have_the_number_clients_know(
    service: ManagementService, change: dict[str, str | None], status: int, error: str, number: int
) -> None:
    given, document = await ask(service, None, **change)
    assert (given, document["error"], document["error_codes"]) == (status, error, [number])
    assert document["error_description"].startswith(f"AADSTS{number}: ")
    assert set(document) >= {"timestamp", "trace_id", "correlation_id"}


async def test_an_unknown_tenant_is_refused_everywhere(service: ManagementService) -> None:
    status, document = await ask(service, "/nowhere.example/oauth2/v2.0/token")
    assert (status, document["error_codes"]) == (400, [90002])
    async with service.client() as client:
        for end in ("v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"):
            answer = await client.get(f"/nowhere.example/{end}")
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_body_that_is_no_form_is_refused(service: ManagementService) -> None:
    async with service.client() as client:
        for body in (b"\xff\xfe=1", b"client_id=a&client_id=b", b"&".join(b"p%d=1" % n for n in range(100))):
            answer = await client.post(service.token_path, content=body)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        answer = await client.post(service.token_path, content=b"x" * 70_000)
        assert answer.status_code == 413


async def test_guessing_is_answered_as_wrong_ten_times_and_then_told_to_wait(
    service: ManagementService,
) -> None:
    for _ in range(10):
        assert (await ask(service, client_secret="wrong"))[0] == 401
    async with service.client() as client:
        form = {
            "grant_type": "client_credentials",
            "client_id": str(service.installation.client_id),
            "client_secret": service.secrets.client_secret,
            "scope": "https://monitor.azure.com/.default",
        }
        answer = await client.post(service.token_path, data=form)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    service.clock.turn(seconds=60)
    assert (await ask(service))[0] == 200


@pytest.mark.parametrize("version, path", [(2, "/v2.0"), (1, "")])
async def test_discovery_leads_to_endpoints_that_answer(
    service: ManagementService, version: int, path: str
) -> None:
    tenant = service.installation.tenant_id
    async with service.client() as client:
        document = (await client.get(f"/{tenant}{path}/.well-known/openid-configuration")).json()
        assert document["token_endpoint"] == f"{BASE_URL}/{tenant}/oauth2{path}/token"
        assert document["issuer"] == (
            f"{BASE_URL}/{tenant}/v2.0" if version == 2 else f"{BASE_URL}/{tenant}/"
        )
        assert document["authorization_endpoint"].startswith("https://")
        keys = (await client.get(document["jwks_uri"])).json()["keys"]
    _, answer = await ask(service, document["token_endpoint"].removeprefix(BASE_URL))
    kid = jwt.get_unverified_header(answer["access_token"])["kid"]
    assert kid in {key["kid"] for key in keys}
    key = jwt.PyJWKSet.from_dict({"keys": keys})[kid]
    jwt.decode(
        answer["access_token"],
        key,
        ["RS256"],
        audience="https://management.azure.com",
        issuer=document["issuer"],
    )


async def test_documents_lead_back_by_the_name_the_client_used(service: ManagementService) -> None:
    async with service.client() as client:
        for host, base_url in (("127.0.0.1:8443", "https://127.0.0.1:8443"), ("evil.example", BASE_URL)):
            answer = await client.get("/adfs/.well-known/openid-configuration", headers={"Host": host})
            assert answer.json()["token_endpoint"] == f"{base_url}/adfs/oauth2/token"


async def test_instance_discovery_realm_and_cloud_answer(service: ManagementService) -> None:
    async with service.client() as client:
        instance = await client.get("/common/discovery/instance?api-version=1.1&authorization_endpoint=x")
        assert instance.json()["metadata"] == []
        assert instance.json()["tenant_discovery_endpoint"].startswith(BASE_URL)
        realm = await client.get("/common/userrealm/admin@kelp.local?api-version=1.0")
        assert realm.json()["account_type"] == "Managed"
        cloud = (await client.get("/metadata/endpoints?api-version=2022-09-01")).json()
        assert {"name", "authentication", "suffixes", "resourceManager"} <= set(cloud)
        assert cloud["logAnalyticslogAnalyticsResourceId"] == BASE_URL
        assert (await client.get("/metadata/endpoints?api-version=2020-06-01")).json() == [cloud]
