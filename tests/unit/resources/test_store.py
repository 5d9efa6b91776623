from __future__ import annotations

import base64
import threading
from pathlib import Path
from uuid import UUID

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.base.ids import WorkspaceId
from kelp.resources.database import Database
from kelp.resources.errors import PreconditionFailed, ResourceNotFound
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.shared_keys import KeySlot
from kelp.resources.store import EngineChange, ResourceStore
from kelp.resources.subscription import Subscription
from kelp.resources.workspace import Workspace, WorkspaceSettings, delete_workspace, put_workspace

from .conftest import AUTHOR, GROUP, SUBSCRIPTION, TENANT, WORKSPACE
from .doubles import OwnKeys, TurnedClock


def test_what_was_written_is_read_by_a_store_opened_later(
    store: ResourceStore, database: Database, keys: OwnKeys, clock: TurnedClock
) -> None:
    again = ResourceStore(database, clock, keys)
    assert again.snapshot.workspaces == store.snapshot.workspaces
    assert again.snapshot.version == store.snapshot.version
    workspace = again.get(Workspace, WORKSPACE)
    assert workspace.created.at == clock.now()
    assert workspace.created.by == "ada@contoso.local"
    assert workspace.tenant_id == TENANT


def test_names_are_found_in_any_case(store: ResourceStore) -> None:
    shouted = type(WORKSPACE).parse(str(WORKSPACE).upper())
    assert store.get(Workspace, shouted).id.name == "space"


@pytest.mark.parametrize(
    "path, code",
    [
        (
            f"/subscriptions/{UUID(int=9)}/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w",
            "SubscriptionNotFound",
        ),
        (
            f"{SUBSCRIPTION}/resourceGroups/none/providers/Microsoft.OperationalInsights/workspaces/w",
            "ResourceGroupNotFound",
        ),
        (f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/none", "ResourceNotFound"),
    ],
)
def test_absence_is_told_of_the_outermost_thing_missing(store: ResourceStore, path: str, code: str) -> None:
    with pytest.raises(ResourceNotFound) as refusal:
        store.get(Workspace, type(WORKSPACE).parse(path))
    assert refusal.value.code == code


def test_a_failed_transaction_leaves_nothing(store: ResourceStore) -> None:
    before = store.snapshot
    with pytest.raises(RuntimeError), store.write(AUTHOR) as transaction:
        put_workspace(
            transaction,
            GROUP.child("Microsoft.OperationalInsights/workspaces", "other"),
            WorkspaceSettings("local"),
        )
        raise RuntimeError
    assert store.snapshot is before
    assert len(store.page(Workspace, GROUP, tenant_id=TENANT).items) == 1


def test_an_etag_guards_against_a_lost_update(store: ResourceStore) -> None:
    etag = store.get(ResourceGroup, GROUP).etag
    with store.write(AUTHOR) as transaction:
        changed = put_resource_group(
            transaction, GROUP, ResourceGroup("local", {"a": "1"}), if_match=f'"{etag}"'
        )
    assert not changed.is_new
    with pytest.raises(PreconditionFailed), store.write(AUTHOR) as transaction:
        put_resource_group(transaction, GROUP, ResourceGroup("local"), if_match=etag)
    with pytest.raises(PreconditionFailed), store.write(AUTHOR) as transaction:
        put_resource_group(
            transaction, SUBSCRIPTION.child("resourceGroups", "new"), ResourceGroup("local"), if_match="*"
        )


def test_pages_follow_each_other_without_gap(store: ResourceStore) -> None:
    with store.write(AUTHOR) as transaction:
        for number in range(7):
            group = SUBSCRIPTION.child("resourceGroups", f"group-{number}")
            put_resource_group(transaction, group, ResourceGroup("local"))
    names, after = [], ""
    while True:
        page = store.page(ResourceGroup, SUBSCRIPTION, tenant_id=TENANT, after_key=after, limit=3)
        assert len(page.items) <= 3
        names += [group.id.name for group in page.items]
        if page.next_key is None:
            break
        after = page.next_key
    assert names == ["group", *(f"group-{number}" for number in range(7))]


def test_a_list_holds_only_what_lies_below_and_belongs_to_the_tenant(store: ResourceStore) -> None:
    with store.write(AUTHOR) as transaction:
        longer = SUBSCRIPTION.child("resourceGroups", "group2")
        put_resource_group(transaction, longer, ResourceGroup("local"))
        put_workspace(
            transaction,
            longer.child("Microsoft.OperationalInsights/workspaces", "elsewhere"),
            WorkspaceSettings("local"),
        )
    assert [found.id.name for found in store.page(Workspace, GROUP, tenant_id=TENANT).items] == ["space"]
    assert store.page(Workspace, GROUP, tenant_id=UUID(int=77)).items == ()


def test_a_deleted_group_takes_its_resources_along_and_its_workspaces_can_be_recovered(
    store: ResourceStore, clock: TurnedClock
) -> None:
    workspace_id = store.get(Workspace, WORKSPACE).properties.workspace_id
    with store.write(AUTHOR) as transaction:
        assert transaction.delete(GROUP)
    assert store.find(Workspace, WORKSPACE) is None
    assert store.snapshot.workspaces == {}
    with pytest.raises(ServiceError):
        store.shared_keys(workspace_id)
    clock.turn(days=13)
    with store.write(AUTHOR) as transaction:
        put_resource_group(transaction, GROUP, ResourceGroup("local"))
        recovered = put_workspace(transaction, WORKSPACE, WorkspaceSettings("local"))
    assert recovered.properties.workspace_id == workspace_id
    assert store.snapshot.workspaces[workspace_id].id == WORKSPACE


def test_subscribers_hear_of_workspaces_after_the_commit_and_of_nothing_else(store: ResourceStore) -> None:
    heard: list[EngineChange] = []
    store.subscribe(heard.append)
    with store.write(AUTHOR) as transaction:
        put_resource_group(transaction, GROUP, ResourceGroup("local", {"tag": "x"}))
    assert heard == []
    with store.write(AUTHOR) as transaction:
        delete_workspace(transaction, WORKSPACE)
        assert heard == []
    assert heard == [EngineChange(store.snapshot.version, (WORKSPACE,))]


def test_another_process_sees_a_write_after_refresh(
    store: ResourceStore, database: Database, keys: OwnKeys, clock: TurnedClock
) -> None:
    other = ResourceStore(database, clock, keys)
    workspace_id = store.get(Workspace, WORKSPACE).properties.workspace_id
    old_key = other.shared_keys(workspace_id).primary
    with store.write(AUTHOR) as transaction:
        transaction.regenerate_shared_key(transaction.get(Workspace, WORKSPACE), KeySlot.PRIMARY)
    assert other.shared_keys(workspace_id).primary == old_key
    other.refresh()
    assert other.shared_keys(workspace_id).primary == store.shared_keys(workspace_id).primary != old_key


def test_one_key_is_regenerated_and_the_other_stays(store: ResourceStore) -> None:
    workspace = store.get(Workspace, WORKSPACE)
    before = store.shared_keys(workspace.properties.workspace_id)
    assert len(before.primary) == len(before.secondary) == 88
    with store.write(AUTHOR) as transaction:
        transaction.regenerate_shared_key(workspace, KeySlot.SECONDARY)
    after = store.shared_keys(workspace.properties.workspace_id)
    assert after.primary == before.primary
    assert after.secondary != before.secondary


def test_keys_lie_wrapped_in_the_database(store: ResourceStore, database: Database) -> None:
    keys = store.shared_keys(store.get(Workspace, WORKSPACE).properties.workspace_id)
    database.close()
    stored = b"".join(path.read_bytes() for path in _files_of(database))
    assert keys.primary.encode() not in stored
    assert base64.b64decode(keys.primary) not in stored


def test_the_database_file_is_its_owners_alone(store: ResourceStore, database: Database) -> None:
    assert [path.stat().st_mode & 0o077 for path in _files_of(database)] == [0] * len(_files_of(database))


def test_writers_on_many_threads_lose_nothing(store: ResourceStore) -> None:
    def write(number: int) -> None:
        for index in range(5):
            with store.write(AUTHOR) as transaction:
                group = SUBSCRIPTION.child("resourceGroups", f"g{number}-{index}")
                put_resource_group(transaction, group, ResourceGroup("local"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.page(ResourceGroup, SUBSCRIPTION, tenant_id=TENANT).items) == 21
    assert store.find_broken_audit_record() is None


def test_a_snapshot_that_is_held_does_not_change(store: ResourceStore) -> None:
    held = store.snapshot
    with store.write(AUTHOR) as transaction:
        delete_workspace(transaction, WORKSPACE)
    assert len(held.workspaces) == 1
    assert len(store.snapshot.workspaces) == 0


def test_shared_keys_of_an_unknown_workspace_are_not_found(store: ResourceStore) -> None:
    with pytest.raises(ServiceError) as refusal:
        store.shared_keys(WorkspaceId(UUID(int=5)))
    assert refusal.value.category is Category.NOT_FOUND


def test_a_subscription_belongs_to_the_tenant_of_its_author(store: ResourceStore) -> None:
    assert store.get(Subscription, SUBSCRIPTION).tenant_id == TENANT
    assert store.snapshot.find_tenant_id(WORKSPACE) == TENANT


def _files_of(database: Database) -> list[Path]:
    path = Path(database.engine.url.database or "")
    return [path, *path.parent.glob(f"{path.name}-*")]
