"""Sends bodies of records to a service through its ingestion APIs, as any client would.

A custom table (`.._CL`) goes through the HTTP Data Collector API with the workspace's key, which makes the table; a
standard table through the Logs Ingestion API and a data collection rule, which is made when it is missing.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.service_client import describe_failure, exit_code_of

if TYPE_CHECKING:
    from kelp.cli.credentials import Credentials
    from kelp.cli.service_client import Response, ServiceClient

_T = TypeVar("_T")
CUSTOM_SUFFIX = "_CL"
LONGEST_WAIT_SECONDS = 60.0
MAXIMUM_ATTEMPTS = 10
_LATER = frozenset({429, 503})
_TABLES_VERSION, _RULES_VERSION, _INGESTION_VERSION = "2022-10-01", "2023-03-11", "2023-01-01"
_STREAM_TYPES = {"guid": "string", "dateTime": "datetime", "bool": "boolean"}
# The service sets these itself.
_OWN_COLUMNS = frozenset({"TenantId", "Type"})


class Destination(Protocol):
    """Where bodies go."""

    def send(self, body: bytes) -> Response:
        """Send one body, once."""
        ...


@dataclass(frozen=True, slots=True)
class DataCollector:
    """The HTTP Data Collector API, for one log type."""

    client: ServiceClient
    workspace_id: str
    key: bytes
    log_type: str
    time_field: str = ""

    def send(self, body: bytes) -> Response:
        moment = formatdate(usegmt=True)
        signed = f"POST\n{len(body)}\napplication/json\nx-ms-date:{moment}\n/api/logs"
        signature = base64.b64encode(hmac.digest(self.key, signed.encode(), hashlib.sha256)).decode()
        headers = {
            "Authorization": f"SharedKey {self.workspace_id}:{signature}",
            "Content-Type": "application/json",
            "Log-Type": self.log_type,
            "x-ms-date": moment,
            "time-generated-field": self.time_field,
        }
        return self.client.request(
            "POST", "/api/logs?api-version=2016-04-01", body, headers, with_token=False
        )


@dataclass(frozen=True, slots=True)
class RuleStream:
    """The Logs Ingestion API, for one stream of a data collection rule."""

    client: ServiceClient
    rule_id: str
    stream: str

    def send(self, body: bytes) -> Response:
        path = f"/dataCollectionRules/{quote(self.rule_id, safe='')}/streams/{quote(self.stream, safe='')}"
        return self.client.request(
            "POST",
            f"{path}?api-version={_INGESTION_VERSION}",
            gzip.compress(body, compresslevel=1),
            {"Content-Encoding": "gzip"},
        )


def open_data_collector(
    client: ServiceClient, credentials: Credentials, table: str, time_field: str = ""
) -> DataCollector:
    """Return the way into a custom table. Raises `CommandFailed` (usage)."""
    try:
        key = base64.b64decode(credentials.require("primary_key", "--key KEY"), validate=True)
    except binascii.Error as error:
        raise CommandFailed(ExitCode.USAGE, "The workspace key is no base64 text.") from error
    workspace_id = credentials.require("workspace_id", "--workspace GUID")
    return DataCollector(client, workspace_id, key, table.removesuffix(CUSTOM_SUFFIX), time_field)


def open_rule_stream(client: ServiceClient, credentials: Credentials, table: str) -> RuleStream:
    """Return the way into a table through the rule `kelp-ingest-<table>` beside the workspace.

    The rule is made, or renewed. Raises `CommandFailed`.
    """
    workspace = credentials.require("workspace_resource_id", "").rstrip("/")
    group = workspace.partition("/providers/")[0]
    location = _get(client, f"{workspace}?api-version={_TABLES_VERSION}", _Located).location
    described = _get(
        client, f"{workspace}/tables/{quote(table, safe='')}?api-version={_TABLES_VERSION}", _Table
    )
    name = f"kelp-ingest-{table.lower().replace('_', '-')}"
    path = f"{group}/providers/Microsoft.Insights/dataCollectionRules/{name}?api-version={_RULES_VERSION}"
    document = _make_rule(table, described.properties.schema.all_columns(), workspace, location)
    answer = client.request("PUT", path, msgspec.json.encode(document))
    rule = _decode(answer, _Rule)
    return RuleStream(client, rule.properties.immutable_id, f"Custom-{table}")


def send_patiently(
    destination: Destination, body: bytes, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Send a body, again when the service says "later" and for as long as it says. Raises `CommandFailed`."""
    wait_seconds = 1.0
    for _ in range(MAXIMUM_ATTEMPTS):
        answer = destination.send(body)
        if answer.is_success:
            return
        if answer.status not in _LATER:
            raise CommandFailed(
                exit_code_of(answer), f"The service refused the records: {describe_failure(answer)}"
            )
        sleep(min(_read_retry_after(answer) or wait_seconds, LONGEST_WAIT_SECONDS))
        wait_seconds = min(wait_seconds * 2, LONGEST_WAIT_SECONDS)
    raise CommandFailed(ExitCode.FAILED, f"The service took no records in {MAXIMUM_ATTEMPTS} attempts.")


def _read_retry_after(answer: Response) -> float | None:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None


class _Located(msgspec.Struct):
    location: str


class _Column(msgspec.Struct):
    name: str
    type: str


class _Schema(msgspec.Struct, rename="camel"):
    columns: list[_Column] | None = None
    standard_columns: list[_Column] | None = None

    def all_columns(self) -> list[_Column]:
        """Standard columns and the owner's, each once."""
        found = {column.name: column for column in (*(self.standard_columns or ()), *(self.columns or ()))}
        return [column for name, column in found.items() if name not in _OWN_COLUMNS]


class _TableProperties(msgspec.Struct):
    schema: _Schema


class _Table(msgspec.Struct):
    properties: _TableProperties


class _RuleProperties(msgspec.Struct, rename="camel"):
    immutable_id: str


class _Rule(msgspec.Struct):
    properties: _RuleProperties


def _make_rule(table: str, columns: list[_Column], workspace: str, location: str) -> dict[str, object]:
    prefix = "Custom" if table.endswith(CUSTOM_SUFFIX) else "Microsoft"
    declared = [
        {"name": column.name, "type": _STREAM_TYPES.get(column.type, column.type)}
        for column in columns
        if not column.name.startswith("_")
    ]
    return {
        "location": location,
        "kind": "Direct",
        "properties": {
            "streamDeclarations": {f"Custom-{table}": {"columns": declared}},
            "destinations": {"logAnalytics": [{"name": "workspace", "workspaceResourceId": workspace}]},
            "dataFlows": [
                {
                    "streams": [f"Custom-{table}"],
                    "destinations": ["workspace"],
                    "outputStream": f"{prefix}-{table}",
                }
            ],
        },
    }


def _get(client: ServiceClient, path: str, kind: type[_T]) -> _T:
    return _decode(client.request("GET", path), kind)


def _decode(answer: Response, kind: type[_T]) -> _T:
    if not answer.is_success:
        raise CommandFailed(exit_code_of(answer), describe_failure(answer))
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.DecodeError as error:
        raise CommandFailed(ExitCode.FAILED, f"The service gave an unexpected answer: {error}.") from error
