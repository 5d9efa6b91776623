"""What all plain kinds share, asked of each with its example: a life from PUT to DELETE, conditions, faults, rights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from kelp.base.ids import ResourceId
from kelp.resources.audit import Outcome
from kelp.resources.kinds import PLAIN_KINDS
from kelp.resources.role_definition import READER
from tests.api.management_service import ManagementService, open_service
from tests.api.plain_examples import EXAMPLES, Example

VERSIONS = {
    "Microsoft.Authorization": "2020-05-01",
    "Microsoft.Insights": "2023-03-11",
    "Microsoft.OperationalInsights": "2025-07-01",
    "Microsoft.OperationsManagement": "2015-11-01-preview",
}
TOKENS: dict[str, str] = {}
each = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ManagementService:
    folder: Path = tmp_path_factory.mktemp("installation")
    return open_service(folder)


def workspace_of(service: ManagementService) -> str:
    return str(service.installation.workspace_resource_id)


def address(service: ManagementService, example: Example) -> str:
    return example.resource_id(workspace_of(service))


async def ask(
    service: ManagementService,
    method: str,
    path: str,
    document: Any = None,
    listed: str = "",
    **options: Any,
) -> httpx.Response:
    version = VERSIONS[ResourceId.parse(path + ("/x" if path.count("/") % 2 else "")).namespace]
    query = f"api-version={version}&deleteAssociations=true{listed and '&' + listed}"
    options["token"] = options.get("token") or await token_of(service)
    return await service.call(method, f"{path}?{query}", document, **options)


async def token_of(service: ManagementService) -> str:
    """The owner's token, asked for once."""
    tenant = str(service.installation.tenant_id)
    if tenant not in TOKENS:
        TOKENS[tenant] = await service.get_token()
    return TOKENS[tenant]


async def make(service: ManagementService, example: Example) -> httpx.Response:
    """Make the example, what it lies in and what it names."""
    named = str(example.filled(workspace_of(service)))
    for other in EXAMPLES:
        other_path = address(service, other)
        if address(service, example).startswith(f"{other_path}/") or f"'{other_path}'" in named:
            await ask(service, "PUT", address(service, other), other.filled(workspace_of(service)))
    return await ask(service, "PUT", address(service, example), example.filled(workspace_of(service)))


async def make_absent(service: ManagementService, example: Example) -> None:
    """Make what the example lies in and names, and leave it out itself."""
    await make(service, example)
    await ask(service, "DELETE", address(service, example))


def holds(found: Any, expected: Any) -> bool:
    """Tell whether everything expected is in what was found; answers have more members than requests."""
    if isinstance(expected, Mapping):
        return all(name in found and holds(found[name], value) for name, value in expected.items())
    return bool(found == expected)


def without(document: Any, hidden: tuple[str, ...]) -> Any:
    """Return the document without what is never shown."""
    copy = json.loads(json.dumps(document))
    for path in hidden:
        *parents, last = path.split(".")
        place = copy
        for parent in parents:
            place = place[parent]
        del place[last]
    return copy


def test_each_kind_has_an_example() -> None:
    shown = {example.kind.lower() for example in EXAMPLES} | {"intelligencepacks"}
    assert [kind.TYPE for kind in PLAIN_KINDS if kind.TYPE.rpartition("/")[2].lower() not in shown] == []


@each
async def test_a_resource_lives_from_put_to_delete(service: ManagementService, example: Example) -> None:
    path, document = address(service, example), example.filled(workspace_of(service))
    await make_absent(service, example)
    made = await make(service, example)
    assert made.status_code == example.created, made.text
    told = made.json()
    assert (told["id"], told["name"]) == (path, example.name)
    assert told["type"].lower().endswith(f"/{example.kind.lower()}")
    shown = without(document, example.hidden)
    assert holds(told, shown), told
    assert told["systemData"]["createdByType"] == "Application"
    assert (
        await ask(service, "GET", path.upper().replace(example.name.upper(), example.name))
    ).json() == told
    listed = await ask(service, "GET", path.rpartition("/")[0], listed=example.listed)
    assert told["id"] in [one["id"] for one in listed.json()["value"]], listed.text
    again = await ask(service, "PUT", path, document if example.hidden else told)
    assert again.status_code == 200, again.text
    assert again.json()[example.etag] != told[example.etag]
    assert holds(again.json(), shown)
    if example.patch is not None:
        patched = await ask(service, "PATCH", path, dict(example.patch))
        assert patched.status_code == 200, patched.text
        assert holds(patched.json(), example.patch)
    assert (await ask(service, "DELETE", path)).status_code == example.deleted
    assert (await ask(service, "DELETE", path)).status_code == example.absent
    missing = await ask(service, "GET", path)
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "ResourceNotFound")
    actions = {record.action for record in service.store.audit_records(service.installation.tenant_id)}
    assert {f"{told['type']}/write", f"{told['type']}/delete"} <= actions


@each
async def test_conditions_are_honoured(service: ManagementService, example: Example) -> None:
    path, document = address(service, example), example.filled(workspace_of(service))
    await make_absent(service, example)
    absent = await ask(service, "PUT", path, document, If_Match="*")
    assert (absent.status_code, absent.json()["error"]["code"]) == (412, "PreconditionFailed")
    etag = (await make(service, example)).json()[example.etag]
    assert (await ask(service, "PUT", path, document, If_None_Match="*")).status_code == 412
    changed = await ask(service, "PUT", path, document, If_Match=etag)
    assert changed.status_code == 200
    assert (await ask(service, "PUT", path, document, If_Match=etag)).status_code == 412
    assert (await ask(service, "DELETE", path, If_Match=etag)).status_code == 412
    present = changed.json()[example.etag]
    assert (await ask(service, "DELETE", path, If_Match=present)).status_code == example.deleted


@each
async def test_every_fault_is_told_at_once(service: ManagementService, example: Example) -> None:
    path = address(service, example)
    await make_absent(service, example)
    answer = await ask(service, "PUT", path, example.filled(workspace_of(service), example.wrong))
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert {detail["target"] for detail in error["details"]} == example.problems, error
    assert (await ask(service, "GET", path)).status_code == 404


@each
async def test_a_reader_only_reads(service: ManagementService, example: Example) -> None:
    path, document = address(service, example), example.filled(workspace_of(service))
    await make(service, example)
    token = await service.get_token_of_new_application((READER, service.subscription))
    assert (await ask(service, "GET", path, token=token)).status_code == 200
    for method, body in (("PUT", document), ("DELETE", None)):
        refused = await ask(service, method, path, body, token=token)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "AuthorizationFailed")
    stranger = await service.get_token_of_new_application()
    assert (await ask(service, "GET", path, token=stranger)).status_code == 403
    records = service.store.audit_records(service.installation.tenant_id)
    assert any(record.outcome is Outcome.FAILED and record.resource_id == path for record in records)


@each
async def test_nothing_lies_in_what_is_not_there(service: ManagementService, example: Example) -> None:
    path = address(service, example)
    places = ("/workspaces/default/", "/workspaces/no"), ("/queryPacks/common/", "/queryPacks/no")
    elsewhere = path
    for place, nowhere in places:
        elsewhere = elsewhere.replace(place, f"{nowhere}where/")
    if elsewhere == path:
        elsewhere = path.replace("/resourceGroups/default/", "/resourceGroups/nowhere/")
    await make(service, example)
    document = example.filled(workspace_of(service))
    for method, target, body in (
        ("PUT", elsewhere, document),
        ("GET", elsewhere, None),
        ("GET", elsewhere.rpartition("/")[0], None),
    ):
        missing = await ask(
            service, method, target, body, listed=example.listed if target != elsewhere else ""
        )
        assert missing.status_code == 404, missing.text
        assert missing.json()["error"]["code"] in ("ResourceNotFound", "ResourceGroupNotFound")


async def test_a_list_finds_the_diagnostic_settings_that_lead_to_a_workspace(
    service: ManagementService,
) -> None:
    workspace, subscription = workspace_of(service), str(service.subscription)
    kind = "providers/Microsoft.Insights/diagnosticSettings"
    log = {"enabled": True}
    for place, destination, category in (
        (subscription, workspace.upper(), "Administrative"),
        (workspace, workspace, "Audit"),
    ):
        document = {"properties": {"workspaceId": destination, "logs": [{**log, "category": category}]}}
        made = await ask(service, "PUT", f"{place}/{kind}/leads-here", document)
        assert made.status_code == 200, made.text

    async def list_at(place: str, condition: str = "") -> set[str]:
        listed = await ask(service, "GET", f"{place}/{kind}", listed=condition and f"$filter={condition}")
        return {one["id"] for one in listed.json()["value"] if one["name"] == "leads-here"}

    of_subscription = f"{subscription}/{kind}/leads-here"
    of_workspace = f"{workspace}/{kind}/leads-here"
    assert await list_at(subscription) == {of_subscription}
    assert await list_at(subscription, f"workspaceId eq '{workspace}'") == {of_subscription, of_workspace}
    assert await list_at(workspace, f"workspaceId eq '{workspace}'") == {of_workspace}
    assert await list_at(subscription, f"workspaceId eq '{workspace}2'") == set()


async def test_data_sources_of_several_kinds_are_listed_at_once(service: ManagementService) -> None:
    places = {"WindowsEvent": "one-event", "IISLogs": "one-iis", "LinuxSyslog": "one-syslog"}
    workspace = workspace_of(service)
    for kind, name in places.items():
        document = {"kind": kind, "properties": {"state": "OnPremiseEnabled"}}
        made = await ask(service, "PUT", f"{workspace}/dataSources/{name}", document)
        assert made.status_code == 201, made.text

    async def list_by(condition: str) -> httpx.Response:
        return await ask(service, "GET", f"{workspace}/dataSources", listed=f"$filter={condition}")

    found = await list_by("kind eq 'WindowsEvent' or kind eq 'iislogs'")
    assert {"one-event", "one-iis"} <= {one["name"] for one in found.json()["value"]}
    assert "one-syslog" not in {one["name"] for one in found.json()["value"]}
    refused = await list_by("kind eq 'WindowsEvent' or name eq 'x'")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "InvalidFilter")
