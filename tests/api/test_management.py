from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from kelp.base.ids import ResourceId
from kelp.resources.audit import Outcome
from kelp.resources.author import system_author
from kelp.resources.role_definition import (
    BUILT_IN_ROLES,
    CONTRIBUTOR,
    LOG_ANALYTICS_READER,
    MONITORING_CONTRIBUTOR,
    READER,
)
from kelp.resources.workspace import Workspace
from tests.api.management_service import BASE_URL, ManagementService, open_service

V = "api-version=2025-07-01"
R = "api-version=2022-12-01"
M = "api-version=2023-03-11"
A = "api-version=2022-04-01"


@pytest.fixture
def service(tmp_path: Path) -> ManagementService:
    return open_service(tmp_path, page_items=3)


@pytest.fixture
def group(service: ManagementService) -> str:
    return f"{service.subscription}/resourceGroups/default"


@pytest.fixture
def workspace(group: str) -> str:
    return f"{group}/providers/Microsoft.OperationalInsights/workspaces/default"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_without_a_token_the_caller_is_told_where_to_sign_in(service: ManagementService) -> None:
    async with service.client() as client:
        answer = await client.get(f"/subscriptions?{R}")
    assert code_of(answer) == (401, "AuthenticationFailed")
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith(
        f'Bearer authorization_uri="{BASE_URL}/{service.installation.tenant_id}", error="invalid_token"'
    )


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "", "é"])
async def test_a_bad_token_is_no_token(service: ManagementService, token: str) -> None:
    async with service.client() as client:
        headers = {b"Authorization": f"Bearer {token}".encode()}
        answer = await client.get(f"/subscriptions?{R}", headers=headers)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_token_for_another_audience_or_out_of_date_is_refused(service: ManagementService) -> None:
    other = await service.get_token("https://monitor.azure.com/.default")
    answer = await service.call("GET", f"/subscriptions?{R}", token=other)
    assert code_of(answer) == (401, "InvalidAuthenticationTokenAudience")
    token = await service.get_token()
    service.clock.turn(hours=1)
    answer = await service.call("GET", f"/subscriptions?{R}", token=token)
    assert code_of(answer) == (401, "ExpiredAuthenticationToken")


async def test_the_api_version_is_required_and_must_be_known(service: ManagementService) -> None:
    answer = await service.call("GET", "/subscriptions")
    assert code_of(answer) == (400, "MissingApiVersionParameter")
    answer = await service.call("GET", "/subscriptions?api-version=1999-01-01")
    assert code_of(answer) == (400, "InvalidApiVersionParameter")
    assert "2022-12-01" in answer.json()["error"]["message"]


async def test_answers_carry_the_ids_that_tie_logs_together(service: ManagementService) -> None:
    answer = await service.call(
        "GET", f"/subscriptions?{R}", x_ms_client_request_id="mine", x_ms_correlation_request_id="ours"
    )
    assert answer.headers["x-ms-client-request-id"] == "mine"
    assert answer.headers["x-ms-correlation-request-id"] == "ours"
    assert UUID(answer.headers["x-ms-request-id"])


async def test_unknown_paths_and_methods_are_refused_in_azures_shape(service: ManagementService) -> None:
    assert code_of(await service.call("GET", f"/nothing/here?{R}")) == (404, "PathNotFoundError")
    assert code_of(await service.call("DELETE", f"/subscriptions?{R}")) == (405, "MethodNotAllowed")


async def test_the_owner_sees_subscription_tenant_location_and_providers(service: ManagementService) -> None:
    (subscription,) = (await service.call("GET", f"/subscriptions?{R}")).json()["value"]
    assert subscription["subscriptionId"] == str(service.installation.subscription_id)
    assert (subscription["state"], subscription["managedByTenants"]) == ("Enabled", [])
    path = subscription["id"]
    assert (await service.call("GET", f"{path}?{R}")).json() == subscription
    (tenant,) = (await service.call("GET", f"/tenants?{R}")).json()["value"]
    assert tenant["tenantId"] == subscription["tenantId"]
    (location,) = (await service.call("GET", f"{path}/locations?{R}")).json()["value"]
    assert location["name"] == "local"
    for method, end in (("POST", "/register"), ("GET", "")):
        answer = await service.call(
            method, f"{path}/providers/microsoft.operationalinsights{end}?api-version=2016-02-01"
        )
        assert answer.json()["registrationState"] == "Registered"
    names = {
        provider["namespace"]
        for provider in (await service.call("GET", f"{path}/providers?{R}")).json()["value"]
    }
    assert "Microsoft.Insights" in names
    answer = await service.call("GET", f"{path}/providers/Microsoft.Nothing?{R}")
    assert code_of(answer) == (404, "InvalidResourceNamespace")


async def test_a_subscription_of_another_tenant_does_not_exist(service: ManagementService) -> None:
    tenant_id, foreign = service.add_foreign_subscription()
    for method, path in (
        ("GET", f"{foreign}?{R}"),
        ("GET", f"{foreign}/resourceGroups?{R}"),
        ("PUT", f"{foreign}/resourceGroups/g?{R}"),
        ("GET", f"{foreign}/providers/Microsoft.Authorization/roleAssignments?{A}"),
        ("GET", f"{foreign}/providers/Microsoft.OperationalInsights/locations/local/operationStatuses/x?{V}"),
    ):
        answer = await service.call(method, path, {} if method == "PUT" else None)
        assert code_of(answer) == (404, "SubscriptionNotFound"), path
    stranger = await service.get_token_of_new_application(tenant_id=tenant_id)
    answer = await service.call("GET", f"{service.subscription}?{R}", token=stranger)
    assert code_of(answer) == (404, "SubscriptionNotFound")
    assert (await service.call("GET", f"/subscriptions?{R}", token=stranger)).json()["value"] == []


async def test_a_resource_group_lives_from_put_to_delete(service: ManagementService) -> None:
    path = f"{service.subscription}/resourcegroups/New?{R}"
    assert (await service.call("HEAD", path)).status_code == 404
    made = await service.call("PUT", path, {"location": "Local", "tags": {"a": "1"}})
    assert made.status_code == 201
    assert made.json()["id"] == f"{service.subscription}/resourceGroups/New"
    assert made.json()["properties"]["provisioningState"] == "Succeeded"
    assert (await service.call("PUT", path, {"location": "local"})).status_code == 200
    patched = await service.call("PATCH", path, {"tags": {"b": "2"}})
    assert (patched.status_code, patched.json()["tags"]) == (200, {"b": "2"})
    assert (await service.call("HEAD", path)).status_code == 204
    assert (await service.follow(await service.call("DELETE", path))).status_code == 204
    assert code_of(await service.call("GET", path)) == (404, "ResourceGroupNotFound")
    assert code_of(await service.call("DELETE", path)) == (404, "ResourceGroupNotFound")


async def test_lists_come_in_pages_that_lead_on(service: ManagementService, group: str) -> None:
    for number in range(7):
        path = f"{group}/providers/Microsoft.OperationalInsights/workspaces/space-{number}?{V}"
        assert (await service.call("PUT", path, {"location": "local"})).status_code == 201
    names, link = [], f"{group}/providers/Microsoft.OperationalInsights/workspaces?{V}"
    pages = 0
    while link:
        page = (await service.call("GET", link)).json()
        assert len(page["value"]) <= 3
        names += [item["name"] for item in page["value"]]
        link = page.get("nextLink", "")
        pages += 1
        assert not link or link.startswith(BASE_URL)
    assert names == ["default", *(f"space-{number}" for number in range(7))]
    assert pages == 3
    answer = await service.call(
        "GET", f"{group}/providers/Microsoft.OperationalInsights/workspaces?{V}&$skipToken=%25"
    )
    assert code_of(answer) == (400, "InvalidSkipToken")


async def test_a_list_shows_only_what_the_caller_may_read(
    service: ManagementService, group: str, workspace: str
) -> None:
    other = f"{group}/providers/Microsoft.OperationalInsights/workspaces/other?{V}"
    await service.call("PUT", other, {"location": "local"})
    token = await service.get_token_of_new_application((READER, ResourceId.parse(workspace)))
    for scope in (group, str(service.subscription)):
        answer = await service.call(
            "GET", f"{scope}/providers/Microsoft.OperationalInsights/workspaces?{V}", token=token
        )
        assert [item["name"] for item in answer.json()["value"]] == ["default"]
    outsider = await service.get_token_of_new_application()
    answer = await service.call(
        "GET", f"{group}/providers/Microsoft.OperationalInsights/workspaces?{V}", token=outsider
    )
    assert code_of(answer) == (403, "AuthorizationFailed")
    answer = await service.call(
        "GET",
        f"{service.subscription}/resourceGroups/none/providers/Microsoft.OperationalInsights/workspaces?{V}",
    )
    assert code_of(answer) == (404, "ResourceGroupNotFound")


async def test_every_problem_of_a_document_is_reported(service: ManagementService, group: str) -> None:
    path = f"{group}/providers/Microsoft.OperationalInsights/workspaces/x?{V}"
    document = {
        "location": 5,
        "tags": {"a": 1},
        "properties": {
            "retentionInDays": "long",
            "sku": {"name": "Gold"},
            "workspaceCapping": [],
            "features": {"disableLocalAuth": "perhaps"},
        },
    }
    answer = await service.call("PUT", path, document)
    assert answer.status_code == 400
    details = answer.json()["error"]["details"]
    assert {detail["target"] for detail in details} == {
        "name",
        "location",
        "tags.a",
        "properties.retentionInDays",
        "properties.sku.name",
        "properties.workspaceCapping",
        "properties.features.disableLocalAuth",
    }


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
async def test_a_body_that_is_no_object_is_refused(
    service: ManagementService, workspace: str, body: bytes
) -> None:
    headers = {"Authorization": f"Bearer {await service.get_token()}"}
    async with service.client() as client:
        answer = await client.put(f"{workspace}?{V}", content=body, headers=headers)
    assert code_of(answer) == (400, "InvalidRequestContent")


async def test_a_body_that_is_too_large_is_refused(service: ManagementService, workspace: str) -> None:
    headers = {"Authorization": f"Bearer {await service.get_token()}"}
    async with service.client() as client:
        answer = await client.put(f"{workspace}?{V}", content=b"x" * 4_200_000, headers=headers)
    assert code_of(answer) == (413, "RequestEntityTooLarge")


async def test_paths_match_in_any_case(service: ManagementService, workspace: str) -> None:
    answer = await service.call("GET", f"{workspace.upper()}?{V}")
    assert answer.json()["id"] == workspace


async def test_a_workspace_is_patched_without_losing_the_rest(
    service: ManagementService, workspace: str
) -> None:
    path = f"{workspace}?{V}"
    put = {
        "location": "local",
        "tags": {"a": "1"},
        "properties": {"retentionInDays": 90, "workspaceCapping": {"dailyQuotaGb": 2.5}},
    }
    before = (await service.call("PUT", path, put)).json()
    after = (
        await service.call("PATCH", path, {"tags": {"b": "2"}, "properties": {"retentionInDays": 60}})
    ).json()
    assert after["tags"] == {"b": "2"}
    assert after["properties"]["retentionInDays"] == 60
    assert after["properties"]["workspaceCapping"]["dailyQuotaGb"] == 2.5
    assert after["properties"]["customerId"] == before["properties"]["customerId"]
    missing = workspace.replace("/default", "/none").replace("resourceGroups/none", "resourceGroups/default")
    assert code_of(await service.call("PATCH", f"{missing}?{V}", {})) == (404, "ResourceNotFound")


async def test_a_workspace_keeps_what_its_owner_decides(service: ManagementService, workspace: str) -> None:
    made_at = (await service.call("GET", f"{workspace}?{V}")).json()["properties"]["sku"]["lastSkuUpdate"]
    service.clock.turn(minutes=5)
    features = {"enableDataExport": True, "somethingLater": {"a": 1}, "unifiedSentinelBillingOnly": True}
    properties = {"features": features, "forceCmkForQuery": True, "retentionInDays": 60}
    kept = (
        await service.call("PUT", f"{workspace}?{V}", {"location": "local", "properties": properties})
    ).json()
    found = kept["properties"]
    assert (found["forceCmkForQuery"], found["sku"]["lastSkuUpdate"]) == (True, made_at)
    assert (found["features"]["enableDataExport"], found["features"]["somethingLater"]) == (True, {"a": 1})
    assert "unifiedSentinelBillingOnly" not in found["features"]
    sku = {"name": "CapacityReservation", "capacityReservationLevel": 100}
    changed = (await service.call("PATCH", f"{workspace}?{V}", {"properties": {"sku": sku}})).json()
    assert changed["properties"]["sku"]["lastSkuUpdate"] > made_at
    assert changed["properties"]["features"]["somethingLater"] == {"a": 1}
    wrong = {
        "location": "local",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "replication": {"enabled": True},
            "sku": {"name": "PerGB2018", "capacityReservationLevel": 150},
            "retentionInDays": 3,
            "workspaceCapping": {"dailyQuotaGb": -3},
            "publicNetworkAccessForQuery": "Sometimes",
            "defaultDataCollectionRuleResourceId": workspace,
            "forceCmkForQuery": 1,
        },
    }
    refused = await service.call("PUT", f"{workspace}?{V}", wrong)
    assert {detail["target"] for detail in refused.json()["error"]["details"]} == {
        "identity.type",
        "properties.replication.enabled",
        "properties.sku.capacityReservationLevel",
        "properties.retentionInDays",
        "properties.workspaceCapping.dailyQuotaGb",
        "properties.publicNetworkAccessForQuery",
        "properties.defaultDataCollectionRuleResourceId",
        "properties.forceCmkForQuery",
    }


async def test_a_saved_search_is_replaced_by_who_knows_it(service: ManagementService, workspace: str) -> None:
    """As PowerShell sends it: the etag in the body, `*` for any."""
    path = f"{workspace}/savedSearches/one?api-version=2020-08-01"

    def body(etag: str | None, query: str) -> dict[str, object]:
        search = {"category": "c", "displayName": "d", "query": query, "version": 2, "tags": []}
        return {"properties": search} | ({} if etag is None else {"etag": etag})

    first = (await service.call("PUT", path, body("*", "Heartbeat"))).json()["etag"]
    second = (await service.call("PUT", path, body(first, "Syslog"))).json()["etag"]
    stale = await service.call("PUT", path, body(first, "Perf"))
    assert code_of(stale) == (412, "PreconditionFailed")
    for etag in (second, "*", None):
        assert (await service.call("PUT", path, body(etag, "Event"))).status_code == 200


async def test_an_etag_is_honoured(service: ManagementService, workspace: str) -> None:
    path = f"{workspace}?{V}"
    etag = (await service.call("GET", path)).json()["etag"]
    assert (await service.call("PUT", path, {"location": "local"}, If_Match=etag)).status_code == 200
    answer = await service.call("PUT", path, {"location": "local"}, If_Match=etag)
    assert code_of(answer) == (412, "PreconditionFailed")


async def test_deleting_twice_and_force(service: ManagementService, workspace: str) -> None:
    before = (await service.call("GET", f"{workspace}?{V}")).json()["properties"]["customerId"]
    assert (await service.call("DELETE", f"{workspace}?{V}")).status_code == 200
    assert (await service.call("DELETE", f"{workspace}?{V}")).status_code == 204
    recovered = await service.call("PUT", f"{workspace}?{V}", {"location": "local"})
    assert recovered.json()["properties"]["customerId"] == before
    assert (await service.call("DELETE", f"{workspace}?{V}&force=true")).status_code == 200
    fresh = await service.call("PUT", f"{workspace}?{V}", {"location": "local"})
    assert fresh.json()["properties"]["customerId"] != before


async def test_keys_are_for_those_who_may_list_them(service: ManagementService, workspace: str) -> None:
    scope = ResourceId.parse(workspace)
    reader = await service.get_token_of_new_application((LOG_ANALYTICS_READER, scope))
    answer = await service.call("POST", f"{workspace}/sharedKeys?api-version=2020-08-01", token=reader)
    assert code_of(answer) == (403, "AuthorizationFailed")
    contributor = await service.get_token_of_new_application((MONITORING_CONTRIBUTOR, scope))
    keys = await service.call("POST", f"{workspace}/sharedKeys?api-version=2020-08-01", token=contributor)
    assert set(keys.json()) == {"primarySharedKey", "secondarySharedKey"}
    answer = await service.call("POST", f"{workspace}/regenerateSharedKey?{V}", {"keyType": "Tertiary"})
    assert code_of(answer) == (400, "InvalidParameter")
    changed = await service.call(
        "POST", f"{workspace}/regenerateSharedKey?{V}", {"keyType": "SecondarySharedKey"}
    )
    assert changed.json()["primarySharedKey"] == keys.json()["primarySharedKey"]
    assert changed.json()["secondarySharedKey"] != keys.json()["secondarySharedKey"]
    records = service.store.audit_records(service.installation.tenant_id)
    told = [
        (record.action.rpartition("sharedKeys/")[2], record.outcome)
        for record in records
        if "sharedKeys" in record.action
    ]
    assert told == [("action", Outcome.FAILED), ("action", Outcome.SUCCEEDED)]


async def test_a_denied_change_is_told_and_recorded(service: ManagementService, workspace: str) -> None:
    token = await service.get_token_of_new_application((READER, ResourceId.parse(workspace)))
    assert (await service.call("GET", f"{workspace}?{V}", token=token)).status_code == 200
    answer = await service.call("DELETE", f"{workspace}?{V}", token=token)
    assert code_of(answer) == (403, "AuthorizationFailed")
    assert "made for a test" in answer.json()["error"]["message"]
    last = service.store.audit_records(service.installation.tenant_id)[-1]
    assert (last.outcome, last.code) == (Outcome.FAILED, "AuthorizationFailed")
    assert last.action == "Microsoft.OperationalInsights/workspaces/delete"


async def test_tables_list_custom_and_built_in(service: ManagementService, workspace: str) -> None:
    schema = {
        "name": "App_CL",
        "columns": [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Count", "type": "Int"}],
    }
    made = await service.call("PUT", f"{workspace}/tables/App_CL?{V}", {"properties": {"schema": schema}})
    assert made.status_code == 200
    properties = made.json()["properties"]
    assert properties["provisioningState"] == "Succeeded"
    assert [(column["name"], column["type"]) for column in properties["schema"]["columns"]] == [
        ("TimeGenerated", "dateTime"),
        ("Count", "int"),
    ]
    assert (properties["retentionInDays"], properties["retentionInDaysAsDefault"]) == (30, True)
    listed = (await service.call("GET", f"{workspace}/tables?{V}")).json()["value"]
    assert [table["name"] for table in listed] == ["App_CL", "Heartbeat", "Syslog"]
    assert [table["properties"]["schema"]["tableType"] for table in listed] == [
        "CustomLog",
        "Microsoft",
        "Microsoft",
    ]
    assert code_of(await service.call("GET", f"{workspace}/tables/None_CL?{V}")) == (404, "ResourceNotFound")


async def test_a_table_is_patched_and_its_defaults_stay_defaults(
    service: ManagementService, workspace: str
) -> None:
    path = f"{workspace}/tables/syslog?{V}"
    first = await service.call("PATCH", path, {"properties": {"totalRetentionInDays": 365}})
    properties = first.json()["properties"]
    assert first.json()["name"] == "Syslog"
    assert (properties["retentionInDaysAsDefault"], properties["totalRetentionInDays"]) == (True, 365)
    second = (await service.call("PATCH", path, {"properties": {"retentionInDays": 60}})).json()["properties"]
    assert (
        second["retentionInDays"],
        second["retentionInDaysAsDefault"],
        second["archiveRetentionInDays"],
    ) == (60, False, 305)
    third = (await service.call("PATCH", path, {"properties": {"retentionInDays": -1}})).json()["properties"]
    assert (third["retentionInDays"], third["retentionInDaysAsDefault"]) == (30, True)


async def test_a_table_refuses_what_would_lose_records(service: ManagementService, workspace: str) -> None:
    path = f"{workspace}/tables/App_CL?{V}"
    columns = [{"name": "TimeGenerated", "type": "dateTime"}, {"name": "Count", "type": "int"}]
    await service.call("PUT", path, {"properties": {"schema": {"columns": columns}}})
    columns[1]["type"] = "string"
    answer = await service.call("PUT", path, {"properties": {"schema": {"columns": columns}}})
    assert code_of(answer) == (400, "InvalidParameter")
    assert "can't become string" in answer.json()["error"]["message"]
    columns[1]["type"] = "decimal"
    answer = await service.call("PUT", path, {"properties": {"schema": {"columns": columns}}})
    assert "'decimal' is not a type" in answer.json()["error"]["message"]
    answer = await service.call("DELETE", f"{workspace}/tables/Heartbeat?{V}")
    assert code_of(answer) == (409, "InvalidOperation")
    assert (await service.call("DELETE", path)).status_code == 200
    assert (await service.call("DELETE", path)).status_code == 204


STREAMS = {
    "Custom-App": {
        "columns": [{"name": "TimeGenerated", "type": "datetime"}, {"name": "ok", "type": "boolean"}]
    }
}


def rule_into(workspace: str, **changes: object) -> dict[str, object]:
    flow = {
        "streams": ["Custom-App"],
        "destinations": ["here"],
        "transformKql": "source",
        "outputStream": "Microsoft-Syslog",
    }
    properties: dict[str, object] = {
        "streamDeclarations": STREAMS,
        "dataFlows": [flow],
        "destinations": {"logAnalytics": [{"name": "here", "workspaceResourceId": workspace}]},
    }
    return {"location": "local", "kind": "Direct", "properties": properties | changes}


async def test_a_direct_rule_tells_where_to_send(
    service: ManagementService, group: str, workspace: str
) -> None:
    path = f"{group}/providers/Microsoft.Insights/dataCollectionRules/rule?{M}"
    made = await service.call("PUT", path, rule_into(workspace))
    assert made.status_code == 201
    properties = made.json()["properties"]
    assert properties["immutableId"] in service.store.snapshot.rules
    assert properties["endpoints"]["logsIngestion"] == BASE_URL
    assert properties["streamDeclarations"] == STREAMS
    assert properties["destinations"]["logAnalytics"][0]["workspaceId"] == str(
        service.installation.workspace_id
    )
    again = await service.call("PUT", path, made.json())
    assert (again.status_code, again.json()["properties"]["immutableId"]) == (200, properties["immutableId"])


async def test_a_rule_is_refused_with_the_path_of_each_fault(
    service: ManagementService, group: str, workspace: str
) -> None:
    path = f"{group}/providers/Microsoft.Insights/dataCollectionRules/rule?{M}"
    flow = {
        "streams": ["Custom-App"],
        "destinations": ["there"],
        "transformKql": "source | nonsense",
        "outputStream": "Custom-None_CL",
    }
    answer = await service.call("PUT", path, rule_into(workspace, dataFlows=[flow]))
    details = {detail["target"]: detail["code"] for detail in answer.json()["error"]["details"]}
    assert details == {
        "properties.dataFlows[0].destinations": "InvalidDestination",
        "properties.dataFlows[0].transformKql": "InvalidTransformQuery",
    }
    elsewhere = {"eventHubs": [{"name": "hub"}]}
    answer = await service.call("PUT", path, rule_into(workspace, destinations=elsewhere))
    assert "properties.destinations.eventHubs" in {
        detail["target"] for detail in answer.json()["error"]["details"]
    }


async def test_a_rule_does_not_reach_into_a_workspace_its_author_may_not_write_to(
    service: ManagementService, group: str, workspace: str
) -> None:
    other_group = f"{service.subscription}/resourceGroups/other"
    await service.call("PUT", f"{other_group}?{R}", {"location": "local"})
    token = await service.get_token_of_new_application((CONTRIBUTOR, ResourceId.parse(other_group)))
    path = f"{other_group}/providers/Microsoft.Insights/dataCollectionRules/rule?{M}"
    answer = await service.call("PUT", path, rule_into(workspace), token=token)
    assert code_of(answer) == (400, "LinkedAuthorizationFailed")
    assert service.store.snapshot.rules == {}


async def test_an_endpoint_tells_its_addresses(service: ManagementService, group: str) -> None:
    path = f"{group}/providers/Microsoft.Insights/dataCollectionEndpoints/endpoint?{M}"
    made = await service.call(
        "PUT", path, {"location": "local", "properties": {"networkAcls": {"publicNetworkAccess": "Enabled"}}}
    )
    assert made.status_code == 201
    assert made.json()["properties"]["logsIngestion"]["endpoint"] == BASE_URL
    patched = await service.call("PATCH", path, {"tags": {"a": "b"}})
    assert patched.json()["properties"]["immutableId"] == made.json()["properties"]["immutableId"]
    for scope in (group, str(service.subscription)):
        listed = await service.call(
            "GET", f"{scope}/providers/Microsoft.Insights/dataCollectionEndpoints?{M}"
        )
        assert [item["name"] for item in listed.json()["value"]] == ["endpoint"]
    assert (await service.call("DELETE", path)).status_code == 200
    assert (await service.call("DELETE", path)).status_code == 204


async def test_a_role_is_granted_listed_and_revoked(service: ManagementService, workspace: str) -> None:
    account = service.directory.create_application(service.installation.tenant_id, "reader")
    role = f"{service.subscription}/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    path = f"{workspace}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    document = {"properties": {"roleDefinitionId": role, "principalId": str(account.object_id)}}
    made = await service.call("PUT", f"{path}?{A}", document)
    assert made.status_code == 201
    assert made.json()["properties"]["roleDefinitionId"] == role
    assert made.json()["properties"]["principalType"] == "ServicePrincipal"
    assert (await service.call("GET", f"{path}?{A}")).json() == made.json()
    listing = f"{workspace}/providers/Microsoft.Authorization/roleAssignments?{A}"
    mine = await service.call("GET", f"{listing}&$filter=principalId eq '{account.object_id}'")
    assert mine.json()["value"] == [made.json()]
    scopes = {item["properties"]["scope"] for item in (await service.call("GET", listing)).json()["value"]}
    assert scopes == {"/", workspace}
    upward = await service.call(
        "GET",
        f"{service.subscription}/providers/Microsoft.Authorization/roleAssignments?{A}&$filter=atScope()",
    )
    assert {item["properties"]["scope"] for item in upward.json()["value"]} == {"/"}
    assert code_of(await service.call("GET", f"{listing}&$filter=nonsense")) == (400, "InvalidFilter")
    assert (await service.call("DELETE", f"{path}?{A}")).json() == made.json()
    assert (await service.call("DELETE", f"{path}?{A}")).status_code == 204
    assert code_of(await service.call("GET", f"{path}?{A}")) == (404, "RoleAssignmentNotFound")


async def test_only_who_may_grant_grants(service: ManagementService, group: str) -> None:
    token = await service.get_token_of_new_application((CONTRIBUTOR, service.subscription))
    path = f"{group}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}?{A}"
    account = service.directory.create_application(service.installation.tenant_id, "reader")
    document = {"properties": {"roleDefinitionId": str(READER), "principalId": str(account.object_id)}}
    assert code_of(await service.call("PUT", path, document, token=token)) == (403, "AuthorizationFailed")
    conditional = {"properties": document["properties"] | {"condition": "@Resource[x] == 1"}}
    assert code_of(await service.call("PUT", path, conditional)) == (400, "InvalidCondition")
    nobody = {"properties": {"roleDefinitionId": str(READER), "principalId": str(uuid4())}}
    assert code_of(await service.call("PUT", path, nobody)) == (400, "PrincipalNotFound")


async def test_roles_can_be_looked_up(service: ManagementService, group: str) -> None:
    listing = f"{group}/providers/Microsoft.Authorization/roleDefinitions?{A}"
    roles = (await service.call("GET", listing)).json()["value"]
    assert len(roles) == len(BUILT_IN_ROLES)
    (found,) = (await service.call("GET", f"{listing}&$filter=roleName eq 'Log Analytics Reader'")).json()[
        "value"
    ]
    assert found["name"] == str(LOG_ANALYTICS_READER)
    assert "*/read" in found["properties"]["permissions"][0]["actions"]
    assert (await service.call("GET", f"{found['id']}?{A}")).json() == found
    answer = await service.call("GET", f"/providers/Microsoft.Authorization/roleDefinitions/{uuid4()}?{A}")
    assert code_of(answer) == (404, "RoleDefinitionDoesNotExist")


async def test_an_operation_is_polled(service: ManagementService, workspace: str) -> None:
    with service.store.write(system_author(service.installation.tenant_id)) as transaction:
        operation = transaction.start_operation(
            transaction.get(Workspace, ResourceId.parse(workspace)), "local", "failover"
        )
    path = f"{service.subscription}/providers/Microsoft.OperationalInsights/locations/local/operationStatuses/{operation.id}?{V}"
    running = await service.call("GET", path)
    assert (running.status_code, running.json()["status"], running.headers["retry-after"]) == (
        200,
        "InProgress",
        "1",
    )
    with service.store.write(system_author(service.installation.tenant_id)) as transaction:
        transaction.end_operation(operation)
    assert (await service.call("GET", path)).json()["status"] == "Succeeded"
    unknown = path.replace(str(operation.id), str(uuid4()))
    assert code_of(await service.call("GET", unknown)) == (404, "OperationNotFound")
