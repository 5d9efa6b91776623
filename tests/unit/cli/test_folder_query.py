"""Querying a folder of several organizations: one workspace is named, and its audit tells that it was read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kelp.app.installation import Installation
from kelp.base.ids import ResourceId
from kelp.base.settings import ServerSettings
from kelp.cli.commands import main
from kelp.resources.author import system_author
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.subscription import Subscription
from kelp.resources.workspace import WorkspaceSettings, put_workspace


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, UUID, str]:
    """A folder with two organizations: where it is, the second one's id and the GUID of its workspace."""
    path = tmp_path_factory.mktemp("folder")
    with closing(Installation.create(path)) as installation:
        installation.initialize(ServerSettings())
        tenant = installation.directory.create_tenant("Fabrikam", "fabrikam.local")
        subscription = ResourceId.parse(f"/subscriptions/{uuid4()}")
        group = subscription.child("resourceGroups", "default")
        with installation.store.write(system_author(tenant.id)) as transaction:
            transaction.put(subscription, Subscription("Fabrikam"))
            put_resource_group(transaction, group, ResourceGroup("local"))
            workspace_id = group.child("Microsoft.OperationalInsights/workspaces", "theirs")
            workspace = put_workspace(transaction, workspace_id, WorkspaceSettings("local"))
        guid = str(workspace.properties.workspace_id)
        installation.ensure_workspace_keys()
    return path, tenant.id, guid


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def test_one_workspace_is_named_and_told(
    folder: tuple[Path, UUID, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, tenant_id, guid = folder
    assert run("query", "--data", str(path), "print 1") == 2
    assert guid in capsys.readouterr().err
    assert run("query", "--data", str(path), "--workspace", guid, "print 1") == 0
    assert run("query", "--data", str(path), "--workspace", guid, 'workspace("default").Heartbeat') != 0
    with closing(Installation.open(path)) as installation:
        told = [record for record in installation.store.audit_records(tenant_id) if "folder" in record.action]
    assert [record.action for record in told] == [
        "Microsoft.OperationalInsights/workspaces/folder/query/action"
    ] * 2
    assert told[0].author.name.startswith("host user ")
