"""The published description of the API: whole, valid, and true of what the server reads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.servers import ROOT, Server


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    with server.client() as client:
        answer = client.get("/openapi.json")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def draft_of(document: dict[str, Any], kind: str) -> dict[str, Any]:
    return dict(document["components"]["schemas"][f"{kind}Draft"]["properties"])


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_route_is_in_it(server: Server, document: dict[str, Any]) -> None:
    described = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    served = {f"{method} {re.sub(r':path}', '}', path)}" for method, path, _ in server.routes()}
    assert described == served


def test_every_operation_has_a_name_and_says_what_it_does(document: dict[str, Any]) -> None:
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z][A-Za-z]*_[a-zA-Z0-9]+", name)] == []
    assert [one["operationId"] for one in operations if not one["summary"].strip()] == []


def test_a_kind_is_described_by_what_reads_it(document: dict[str, Any]) -> None:
    group = draft_of(document, "ActionGroup")["properties"]
    assert {"groupShortName", "enabled"} <= set(group["required"])
    rule = draft_of(document, "DataCollectionRule")["properties"]["properties"]
    stream = rule["streamDeclarations"]["additionalProperties"]["properties"]
    assert stream["columns"]["items"]["properties"].keys() == {
        "name", "type", "description", "displayName", "dataTypeHint",
    }  # fmt: skip
    assert rule["dataFlows"]["items"]["properties"]["transformKql"] == {"type": "string"}


def test_what_was_put_and_what_is_answered_have_one_name(document: dict[str, Any]) -> None:
    path = (
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights"
        "/workspaces/{workspace}/savedSearches/{savedSearch}"
    )
    put = document["paths"][path]["put"]
    schema = put["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/SavedSearchDraft"}
    assert put["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/SavedSearch"
    }
    versions = document["components"]["parameters"]["ApiVersion.Microsoft.OperationalInsights"]["schema"]
    assert versions["enum"][0] == "2025-07-01"


def test_it_is_sent_once(server: Server) -> None:
    with server.client() as client:
        first = client.get("/openapi.json")
        again = client.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_command_line_prints_the_same(document: dict[str, Any]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from kelp.cli import main; main(['openapi'])"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == document
