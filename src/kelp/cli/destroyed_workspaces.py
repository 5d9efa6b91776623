"""`kelp destroyed`: workspaces that were destroyed with their keys, and the proofs."""

from __future__ import annotations

from contextlib import closing
from io import StringIO
from typing import TYPE_CHECKING, Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kelp.api.management.destroyed_workspaces import encode_destruction
from kelp.app.installation import Installation
from kelp.cli.exit_codes import CommandFailed
from kelp.cli.service_client import ServiceClient, describe_failure, exit_code_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.base.settings import Settings
    from kelp.cli.credentials import Credentials

_PROVIDER = "providers/Microsoft.OperationalInsights/destroyedWorkspaces?api-version=2025-07-01"
_WIDTH = 200


def read_folder(settings: Settings) -> list[dict[str, Any]]:
    """Return what a data folder knows, of the tenant that was made with it. Raises `ServiceError`."""
    with closing(Installation.open(settings.data)) as installation:
        names = installation.find_names()
        found = installation.store.list_destructions(names.tenant_id) if names is not None else ()
        return [encode_destruction(one) for one in found]


def ask_service(credentials: Credentials) -> list[dict[str, Any]]:
    """Return what a server tells of all subscriptions that may be read. Raises `CommandFailed`."""
    with closing(ServiceClient(credentials)) as client:
        subscriptions = _list(client, "/subscriptions?api-version=2022-12-01")
        return [
            destroyed["properties"]
            for subscription in subscriptions
            for destroyed in _list(client, f"{subscription['id']}/{_PROVIDER}")
        ]


def describe_destroyed(found: Sequence[dict[str, Any]]) -> str:
    """Return the list as people read it."""
    if not found:
        return "No workspace was destroyed."
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("workspace", "closed", "destroyed", "keys", "rows", "audit record", "proof"):
        table.add_column(name, overflow="fold")
    for one in found:
        name = str(one["workspaceResourceId"]).rpartition("/")[2]
        cells = (
            f"{name} ({one['customerId']})",
            one["closedDate"][:19],
            one.get("destroyedDate", "under way")[:19],
            ", ".join(map(str, one["keys"]["erasedVersions"])),
            f"{one['found']['rows']:,}",
            str(one.get("auditSequence", "")),
            one.get("proof", ""),
        )
        table.add_row(*map(Text, cells))
    stream = StringIO()
    Console(file=stream, highlight=False, width=_WIDTH).print(table)
    return stream.getvalue().rstrip()


def _list(client: ServiceClient, path: str) -> list[dict[str, Any]]:
    answer = client.request("GET", path)
    if not answer.is_success:
        raise CommandFailed(exit_code_of(answer), describe_failure(answer))
    document = msgspec.json.decode(answer.body, type=dict[str, Any])
    return list(document["value"])
