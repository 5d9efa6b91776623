"""Customers of a workspace: enrollment keys, stamped records, blocking; through the management and ingestion APIs."""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.monitor.ingestion import LogsIngestionClient

from tests.api.ingestion_setup import Rule, make_rule, sign, wait_for_rows
from tests.servers import INGESTION_SCOPE, MANAGEMENT_SCOPE, Server, populate, start_server

VERSION = {"api-version": "2025-07-01"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("customers"), populate=populate) as server:
        yield server


@dataclass(frozen=True, slots=True)
class MadeCustomer:
    """A customer of the home workspace and its keys."""

    path: str
    customer_id: str
    primary: str
    secondary: str


def call(
    server: Server, method: str, path: str, document: Any = None, token: str | None = None
) -> httpx.Response:
    with server.client(token or server.token(scope=MANAGEMENT_SCOPE)) as client:
        return client.request(method, path, params=VERSION, json=document)


def make_customer(server: Server, name: str, **properties: Any) -> MadeCustomer:
    path = f"{server.home.resource_id}/customers/{name}"
    made = call(server, "PUT", path, {"properties": {"displayName": name.title(), **properties}})
    assert made.status_code == 201, made.text
    keys = call(server, "POST", f"{path}/listKeys").json()
    return MadeCustomer(path, keys["customerId"], keys["primaryKey"], keys["secondaryKey"])


def collect_for(
    server: Server, owner_id: str, key: str, log_type: str, body: bytes = b"[{}]"
) -> httpx.Response:
    place = replace(server.home, workspace_id=owner_id)
    headers = sign(place, len(body), key=key) | {"Log-Type": log_type}
    with server.client() as client:
        return client.post("/api/logs", params={"api-version": "2016-04-01"}, content=body, headers=headers)


def refusal_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["Error"]


def test_a_customer_is_a_resource(server: Server) -> None:
    path = f"{server.home.resource_id}/customers/Contoso"
    document = {
        "tags": {"plan": "gold"},
        "properties": {"displayName": "Contoso Ltd.", "dailyQuotaGb": 2.5, "retentionInDays": 14},
    }
    made = call(server, "PUT", path, document)
    assert made.status_code == 201, made.text
    again = call(server, "PUT", path, document)
    assert again.status_code == 200
    read = call(server, "GET", path.lower()).json()
    assert read["name"] == "Contoso"
    assert read["type"] == "Microsoft.OperationalInsights/workspaces/customers"
    assert read["properties"]["customerId"] == made.json()["properties"]["customerId"]
    assert read["properties"]["state"] == "Active"
    assert read["properties"]["dailyQuotaGb"] == 2.5
    changed = call(server, "PATCH", path, {"properties": {"dailyQuotaGb": -1}}).json()
    assert changed["properties"]["dailyQuotaGb"] == -1
    assert changed["properties"]["retentionInDays"] == 14
    listed = call(server, "GET", f"{server.home.resource_id}/customers").json()["value"]
    assert read["id"] in [one["id"] for one in listed]
    assert call(server, "DELETE", path).status_code == 200
    assert call(server, "DELETE", path).status_code == 204
    assert call(server, "GET", path).status_code == 404


def test_all_that_is_wrong_with_a_customer_is_told_at_once(server: Server) -> None:
    properties = {
        "state": "Sleeping",
        "dailyQuotaGb": 0,
        "retentionInDays": 3000,
        "senders": ["nobody", str(server.people.person.object_id)],
    }
    answer = call(server, "PUT", f"{server.home.resource_id}/customers/-bad-", {"properties": properties})
    assert answer.status_code == 400
    targets = [one["target"] for one in answer.json()["error"]["details"]]
    assert sorted(targets) == [
        "name",
        "properties.dailyQuotaGb",
        "properties.retentionInDays",
        "properties.senders[0]",
        "properties.senders[1]",
        "properties.state",
    ]


def test_keys_are_for_those_who_may_ask_and_change_apart(server: Server) -> None:
    customer = make_customer(server, "keys")
    reader = server.token(server.people.reader, MANAGEMENT_SCOPE)
    assert call(server, "GET", customer.path, token=reader).status_code == 200
    assert call(server, "POST", f"{customer.path}/listKeys", token=reader).status_code == 403
    changed = call(server, "POST", f"{customer.path}/regenerateKey", {"keyType": "Secondary"}).json()
    assert changed["primaryKey"] == customer.primary
    assert changed["secondaryKey"] != customer.secondary
    owner = customer.customer_id
    assert collect_for(server, owner, customer.primary, "Keys").status_code == 200
    assert collect_for(server, owner, changed["secondaryKey"], "Keys").status_code == 200
    assert refusal_of(collect_for(server, owner, customer.secondary, "Keys")) == (403, "InvalidAuthorization")
    assert call(server, "POST", f"{customer.path}/regenerateKey", {"keyType": "third"}).status_code == 400


def test_records_bear_the_customer_whose_key_signed_them(server: Server) -> None:
    one, two = make_customer(server, "one"), make_customer(server, "two")
    workspace_id = server.home.workspace_id
    body = b'[{"N": 1, "_CustomerId": "forged"}]'
    for owner, key in (
        (one.customer_id, one.primary),
        (one.customer_id, one.secondary),
        (workspace_id, two.primary),
        (workspace_id, server.home.primary_key),
    ):
        assert collect_for(server, owner, key, "Stamped", body).status_code == 200
    rows = wait_for_rows(server, "Stamped_CL | project _CustomerId", 4)
    assert sorted(row[0] for row in rows) == sorted([one.customer_id, one.customer_id, two.customer_id, ""])
    # One customer's key does not open another's door, nor that of the workspace itself.
    assert collect_for(server, one.customer_id, two.primary, "Stamped").status_code == 403
    assert collect_for(server, one.customer_id, server.home.primary_key, "Stamped").status_code == 403


def test_a_customer_that_is_blocked_is_refused_alone(server: Server) -> None:
    blocked, other = make_customer(server, "blocked"), make_customer(server, "other")
    changes = {"properties": {"state": "Blocked", "blockReason": "The contract has ended."}}
    assert call(server, "PATCH", blocked.path, changes).status_code == 200
    answer = collect_for(server, blocked.customer_id, blocked.primary, "Blocked")
    assert refusal_of(answer) == (403, "CustomerBlocked")
    assert answer.json()["Message"].endswith("The contract has ended.")
    assert collect_for(server, server.home.workspace_id, blocked.secondary, "Blocked").status_code == 403
    assert collect_for(server, other.customer_id, other.primary, "Blocked").status_code == 200
    assert (
        collect_for(server, server.home.workspace_id, server.home.primary_key, "Blocked").status_code == 200
    )
    assert call(server, "PATCH", blocked.path, {"properties": {"state": "Active"}}).status_code == 200
    assert collect_for(server, blocked.customer_id, blocked.primary, "Blocked").status_code == 200


def test_keys_of_a_customer_that_is_gone_open_nothing(server: Server) -> None:
    gone = make_customer(server, "gone")
    assert call(server, "DELETE", gone.path).status_code == 200
    answer = collect_for(server, gone.customer_id, gone.primary, "Gone")
    assert refusal_of(answer) == (400, "InvalidCustomerId")
    back = make_customer(server, "gone")
    assert back.customer_id != gone.customer_id
    assert collect_for(server, back.customer_id, gone.primary, "Gone").status_code == 403


class _Credential:
    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self._token, 4_102_444_800)


def upload(server: Server, rule: Rule, records: list[MutableMapping[str, Any]]) -> None:
    credential = _Credential(server.token(server.people.publisher, INGESTION_SCOPE))
    with LogsIngestionClient(server.endpoint, credential, connection_verify=server.ca_file) as client:
        client.upload(rule.immutable_id, rule.stream, records)


def test_records_bear_the_customer_that_the_sender_is_bound_to(server: Server) -> None:
    """A rule's records of a bound service principal, also with the column declared and set by the transformation."""
    columns = {"N": "int", "_CustomerId": "string"}
    transformation = 'source | extend _CustomerId = strcat("forged", _CustomerId)'
    rule = make_rule(server, "Bound", columns, transformation=transformation)
    grant = f"{server.home.resource_id.parent}/providers/Microsoft.Insights/dataCollectionRules/Bound"
    _publish(server, grant)
    upload(server, rule, [{"N": 1, "_CustomerId": "forged"}])
    assert wait_for_rows(server, "Bound_CL | where N == 1 | project _CustomerId") == [[""]]
    bound = make_customer(server, "bound", senders=[str(server.people.publisher.object_id)])
    upload(server, rule, [{"N": 2, "_CustomerId": "forged"}])
    assert wait_for_rows(server, "Bound_CL | where N == 2 | project _CustomerId") == [[bound.customer_id]]
    twice = {"properties": {"senders": [str(server.people.publisher.object_id)]}}
    answer = call(server, "PUT", f"{server.home.resource_id}/customers/second", twice)
    assert answer.status_code == 400, answer.text
    call(server, "PATCH", bound.path, {"properties": {"state": "Blocked"}})
    with pytest.raises(HttpResponseError) as refused:
        upload(server, rule, [{"N": 3}])
    assert refused.value.status_code == 403
    assert refused.value.error is not None
    assert refused.value.error.code == "CustomerBlocked"


def _publish(server: Server, scope: str) -> None:
    """Let the publisher send through a rule."""
    role = "/providers/Microsoft.Authorization/roleDefinitions/3913510d-42f4-4e42-8a64-420c390055eb"
    name = "6f4d2f6e-1d3c-4d1e-9f2b-0c8f2a4c9d10"
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    properties = {"roleDefinitionId": role, "principalId": str(server.people.publisher.object_id)}
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        answer = client.put(
            path, params={"api-version": "2022-04-01"}, content=json.dumps({"properties": properties})
        )
    assert answer.status_code == 201, answer.text
