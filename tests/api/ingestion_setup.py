"""What tests of ingestion need on a whole server: tables and rules made over the management API, and patience."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx

from tests.servers import INGESTION_SCOPE, MANAGEMENT_SCOPE, Place, Server
from tests.waiting import wait_for

API_VERSION = {"api-version": "2023-01-01"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A data collection rule with one declared stream."""

    immutable_id: str
    stream: str
    table: str

    @property
    def path(self) -> str:
        return f"/dataCollectionRules/{self.immutable_id}/streams/{self.stream}"


def put(server: Server, path: str, api_version: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Create or replace a resource as the installation's owner."""
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        answer = client.put(path, params={"api-version": api_version}, json=document)
        assert answer.status_code in (200, 201, 202), answer.text
        return dict(answer.json())


def make_table(
    server: Server, place: Place, name: str, columns: Mapping[str, str], plan: str = "Analytics"
) -> None:
    """Make a custom table; `TimeGenerated` comes first."""
    listed = [
        {"name": one, "type": kind} for one, kind in ({"TimeGenerated": "datetime"} | dict(columns)).items()
    ]
    document = {"properties": {"plan": plan, "schema": {"name": name, "columns": listed}}}
    put(server, f"{place.resource_id}/tables/{name}", "2022-10-01", document)


def make_rule(
    server: Server,
    name: str,
    columns: Mapping[str, str],
    *,
    transformation: str | None = None,
    places: Sequence[Place] = (),
    plan: str = "Analytics",
) -> Rule:
    """Make a table of these columns in each place (else in the home workspace), and a rule that fills it."""
    places = places or (server.home,)
    table = f"{name}_CL"
    for place in places:
        make_table(server, place, table, columns, plan)
    listed = [
        {"name": one, "type": kind} for one, kind in ({"TimeGenerated": "datetime"} | dict(columns)).items()
    ]
    flow: dict[str, Any] = {
        "streams": [f"Custom-{table}"],
        "destinations": [place.name for place in places],
        "outputStream": f"Custom-{table}",
    }
    if transformation is not None:
        flow["transformKql"] = transformation
    document = {
        "location": "local",
        "properties": {
            "streamDeclarations": {f"Custom-{table}": {"columns": listed}},
            "destinations": {
                "logAnalytics": [
                    {"name": place.name, "workspaceResourceId": str(place.resource_id)} for place in places
                ]
            },
            "dataFlows": [flow],
        },
    }
    group = str(server.home.resource_id).partition("/providers/")[0]
    path = f"{group}/providers/Microsoft.Insights/dataCollectionRules/{name}"
    made = put(server, path, "2022-06-01", document)
    return Rule(made["properties"]["immutableId"], f"Custom-{table}", table)


def post(server: Server, path: str, body: Any, **options: Any) -> httpx.Response:
    """Post records as the installation's owner, or with the token given."""
    token = options.pop("token", None) or server.token(scope=INGESTION_SCOPE)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | options.pop("headers", {})
    with server.client(token) as client:
        return client.post(path, params=options.pop("params", API_VERSION), content=content, headers=headers)


def sign(
    place: Place,
    length: int,
    *,
    at: datetime | None = None,
    content_type: str = "application/json",
    key: str | None = None,
) -> dict[str, str]:
    """The headers of a signed post to the Data Collector API."""
    date = format_datetime(at or datetime.now(UTC), usegmt=True)
    text = f"POST\n{length}\n{content_type}\nx-ms-date:{date}\n/api/logs"
    digest = hmac.digest(base64.b64decode(key or place.primary_key), text.encode(), hashlib.sha256)
    return {
        "Content-Type": content_type,
        "x-ms-date": date,
        "Authorization": f"SharedKey {place.workspace_id}:{base64.b64encode(digest).decode()}",
    }


def collect(server: Server, body: bytes, log_type: str, **headers: str) -> httpx.Response:
    """Post records to the Data Collector API, signed with the home workspace's key."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with server.client() as client:
        return client.post(
            "/api/logs",
            params={"api-version": "2016-04-01"},
            content=body,
            headers=sign(server.home, len(body)) | {"Log-Type": log_type} | named,
        )


def wait_for_rows(server: Server, query: str, count: int = 1, place: Place | None = None) -> list[list[Any]]:
    """The rows of a query once there are as many."""

    def find() -> list[list[Any]] | None:
        rows = rows_of(server, query, place)
        return rows if len(rows) >= count else None

    return wait_for(find)


def rows_of(server: Server, query: str, place: Place | None = None) -> list[list[Any]]:
    """The rows of a query as they are now; none while its table is not there yet."""
    path = f"/v1/workspaces/{(place or server.home).workspace_id}/query"
    with server.client(server.token()) as client:
        answer = client.post(path, json={"query": query, "timespan": "P30D"})
    if answer.status_code == 400:
        return []
    assert answer.status_code == 200, answer.text
    return [list(row) for row in answer.json()["tables"][0]["rows"]]


def hours_ago(hours: float) -> str:
    """A time before now, as records write it."""
    return (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
