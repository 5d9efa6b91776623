"""`kelp subscription`: makes and lists subscriptions of a server."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec

from kelp.cli.exit_codes import CommandFailed
from kelp.cli.service_client import ServiceClient, describe_failure, exit_code_of

if TYPE_CHECKING:
    from kelp.cli.credentials import Credentials

_VERSION = "2021-10-01"
_NOT_OF_AN_ALIAS = re.compile(r"[^\w.-]+")


def create_subscription(credentials: Credentials, name: str, alias: str | None) -> str:
    """Return the id of a new subscription, or of the one that was made under the alias. Raises `CommandFailed`."""
    alias = alias or _NOT_OF_AN_ALIAS.sub("-", name.strip()).strip("-").lower()
    body = msgspec.json.encode({"properties": {"displayName": name}})
    document = _ask(
        credentials, "PUT", f"/providers/Microsoft.Subscription/aliases/{alias}?api-version={_VERSION}", body
    )
    return str(document["properties"]["subscriptionId"])


def list_subscriptions(credentials: Credentials) -> list[tuple[str, str, str]]:
    """Return id, name and state of what the caller can see. Raises `CommandFailed`."""
    document = _ask(credentials, "GET", "/subscriptions?api-version=2022-12-01", b"")
    return [(one["subscriptionId"], one["displayName"], one["state"]) for one in document["value"]]


def _ask(credentials: Credentials, method: str, path: str, body: bytes) -> Any:
    with closing(ServiceClient(credentials)) as client:
        answer = client.request(method, path, body)
    if not answer.is_success:
        raise CommandFailed(exit_code_of(answer), describe_failure(answer))
    return msgspec.json.decode(answer.body)
