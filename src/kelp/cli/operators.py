"""`kelp keys` and `kelp lockbox`: what operators and approvers ask of a server."""

from __future__ import annotations

from contextlib import closing
from io import StringIO
from typing import TYPE_CHECKING, Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kelp.cli.exit_codes import CommandFailed
from kelp.cli.service_client import ServiceClient, describe_failure, exit_code_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.cli.credentials import Credentials

_KEYS = "/providers/Kelp.Keys/keys"
_KEYS_VERSION = "api-version=2026-11-01"
_REQUESTS = "/providers/Microsoft.CustomerLockbox/requests"
_REQUESTS_VERSION = "api-version=2018-02-28-preview"
_WIDTH = 200


def list_keys(credentials: Credentials) -> list[dict[str, Any]]:
    """Return how every key of the installation stands. Raises `CommandFailed`."""
    return _ask(credentials, "GET", f"{_KEYS}?{_KEYS_VERSION}")["value"]  # type: ignore[no-any-return]


def rotate_keys(credentials: Credentials, part: str, owner: str) -> int:
    """Replace keys now, and return how many. Raises `CommandFailed`."""
    body = {"part": part, "owner": owner}
    return int(_ask(credentials, "POST", f"{_KEYS}/rotate?{_KEYS_VERSION}", body)["rotated"])


def describe_keys(keys: Sequence[dict[str, Any]]) -> str:
    """Return the keys as a table for people."""
    table = _make_table("keys of", "owner", "version", "since", "replaced at", "")
    for key in keys:
        version = key["version"] if len(key["version"]) < 20 else f"{key['version'][:16]}..."
        seal = f"sealed off: {key['sealedOff']}" if "sealedOff" in key else ""
        table.add_row(
            key["part"], key.get("owner", ""), version, key["createdAt"][:19], key["dueAt"][:19], Text(seal)
        )
    return _print(table)


def list_requests(credentials: Credentials, subscription: str) -> list[dict[str, Any]]:
    """Return the lockbox requests of a subscription; without one those that the caller made as an operator."""
    prefix = f"/subscriptions/{subscription}" if subscription else ""
    found: list[dict[str, Any]] = _ask(credentials, "GET", f"{prefix}{_REQUESTS}?{_REQUESTS_VERSION}")[
        "value"
    ]
    return found


def request_access(credentials: Credentials, workspace: str, reason: str, duration: str) -> dict[str, Any]:
    """Ask for access to a workspace. Raises `CommandFailed`."""
    properties = {"resourceId": workspace, "justification": reason, "duration": duration}
    return _ask(credentials, "POST", f"{_REQUESTS}?{_REQUESTS_VERSION}", {"properties": properties})


def answer_request(
    credentials: Credentials, subscription: str, request: str, decision: str, reason: str
) -> dict[str, Any]:
    """Approve or deny a request. Raises `CommandFailed`."""
    path = f"/subscriptions/{subscription}{_REQUESTS}/{request}/updateApproval?{_REQUESTS_VERSION}"
    return _ask(credentials, "POST", path, {"decision": decision, "reason": reason})


def describe_requests(requests: Sequence[dict[str, Any]]) -> str:
    """Return the requests as a table for people."""
    table = _make_table("request", "status", "workspace", "by", "for", "until", "reason")
    for request in requests:
        facts = request["properties"]
        table.add_row(
            request["name"],
            facts["status"],
            facts["resourceIds"][0].rpartition("/")[2],
            Text(facts["requestedBy"]),
            facts["duration"],
            facts["expirationDateTime"][:19],
            Text(facts["justification"]),
        )
    return _print(table)


def _ask(
    credentials: Credentials, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    with closing(ServiceClient(credentials)) as client:
        answer = client.request(method, path, msgspec.json.encode(body) if body is not None else b"")
    if not answer.is_success:
        raise CommandFailed(exit_code_of(answer), describe_failure(answer))
    document: dict[str, Any] = msgspec.json.decode(answer.body)
    return document


def _make_table(*headings: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading)
    return table


def _print(table: Table) -> str:
    console = Console(file=StringIO(), width=_WIDTH, color_system=None)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()).strip("\n")
