from __future__ import annotations

import pytest

from kelp.kql.types import ScalarType
from kelp.resources.errors import InvalidDocument, ResourceConflict
from kelp.resources.store import ResourceStore
from kelp.resources.table import Table, TableColumn, put_table
from kelp.resources.workspace import Sku, Workspace, WorkspaceSettings, delete_workspace, put_workspace

from .conftest import AUTHOR, GROUP, WORKSPACE
from .doubles import SomeTables, TurnedClock


def test_every_problem_of_a_document_is_reported_at_once(store: ResourceStore) -> None:
    settings = WorkspaceSettings(
        "not a location!",
        sku=Sku.CAPACITY_RESERVATION,
        capacity_reservation_level=150,
        retention_in_days=1,
        daily_quota_gb=-4,
        tags={"a<b": "x" * 300},
    )
    bad_name = GROUP.child("Microsoft.OperationalInsights/workspaces", "-x-")
    with pytest.raises(InvalidDocument) as refusal, store.write(AUTHOR) as transaction:
        put_workspace(transaction, bad_name, settings)
    assert [problem.target for problem in refusal.value.problems] == [
        "name",
        "location",
        "tags.a<b",
        "tags.a<b",
        "properties.sku.capacityReservationLevel",
        "properties.retentionInDays",
        "properties.workspaceCapping.dailyQuotaGb",
    ]
    assert len(refusal.value.details) == 7


def test_an_update_keeps_identity_and_keys(store: ResourceStore) -> None:
    before = store.get(Workspace, WORKSPACE)
    keys = store.shared_keys(before.properties.workspace_id)
    with store.write(AUTHOR) as transaction:
        after = put_workspace(transaction, WORKSPACE, WorkspaceSettings("Local", retention_in_days=90))
    assert not after.is_new
    assert after.properties.workspace_id == before.properties.workspace_id
    assert after.properties.settings.retention_in_days == 90
    assert after.uid == before.uid
    assert after.etag != before.etag
    assert store.shared_keys(before.properties.workspace_id) == keys


def test_a_workspace_does_not_move(store: ResourceStore) -> None:
    with (
        pytest.raises(ResourceConflict, match="can't be moved") as refusal,
        store.write(AUTHOR) as transaction,
    ):
        put_workspace(transaction, WORKSPACE, WorkspaceSettings("elsewhere"))
    assert refusal.value.code == "InvalidResourceLocation"


def test_a_deleted_workspace_comes_back_within_fourteen_days(
    store: ResourceStore, clock: TurnedClock
) -> None:
    before = store.get(Workspace, WORKSPACE)
    with store.write(AUTHOR) as transaction:
        assert delete_workspace(transaction, WORKSPACE)
    assert before.properties.workspace_id not in store.snapshot.workspaces
    clock.turn(days=13, hours=23)
    with store.write(AUTHOR) as transaction:
        after = put_workspace(transaction, WORKSPACE, WorkspaceSettings("local"))
    assert after.properties.workspace_id == before.properties.workspace_id


def test_after_fourteen_days_the_name_stands_for_another_workspace(
    store: ResourceStore, clock: TurnedClock
) -> None:
    before = store.get(Workspace, WORKSPACE)
    with store.write(AUTHOR) as transaction:
        delete_workspace(transaction, WORKSPACE)
    clock.turn(days=14)
    with store.write(AUTHOR) as transaction:
        after = put_workspace(transaction, WORKSPACE, WorkspaceSettings("local"))
    assert after.properties.workspace_id != before.properties.workspace_id
    assert [closed.uid for closed in store.list_closed(Workspace)] == [before.uid]


@pytest.mark.parametrize("deleted_before", [False, True])
def test_force_leaves_nothing_to_recover(
    store: ResourceStore, clock: TurnedClock, deleted_before: bool
) -> None:
    before = store.get(Workspace, WORKSPACE)
    with store.write(AUTHOR) as transaction:
        if deleted_before:
            delete_workspace(transaction, WORKSPACE)
        assert delete_workspace(transaction, WORKSPACE, force=True)
    (closed,) = store.list_closed(Workspace)
    assert closed.purge_at == clock.now()
    with store.write(AUTHOR) as transaction:
        after = put_workspace(transaction, WORKSPACE, WorkspaceSettings("local"))
    assert after.properties.workspace_id != before.properties.workspace_id


def test_purging_forgets_the_workspace_and_its_keys(store: ResourceStore) -> None:
    with store.write(AUTHOR) as transaction:
        delete_workspace(transaction, WORKSPACE, force=True)
    with store.write(AUTHOR) as transaction:
        (closed,) = store.list_closed(Workspace)
        transaction.purge(closed)
    assert store.list_closed(Workspace) == ()


def test_deleting_what_is_not_there_says_so(store: ResourceStore) -> None:
    with store.write(AUTHOR) as transaction:
        assert not delete_workspace(
            transaction, GROUP.child("Microsoft.OperationalInsights/workspaces", "none")
        )


def test_recovery_brings_back_the_tables_of_that_workspace_only(store: ResourceStore) -> None:
    table = Table((TableColumn("TimeGenerated", ScalarType.DATETIME),))
    namesake = GROUP.child("Microsoft.OperationalInsights/workspaces", "space2")
    with store.write(AUTHOR) as transaction:
        put_workspace(transaction, namesake, WorkspaceSettings("local"))
        for workspace in (WORKSPACE, namesake):
            put_table(transaction, workspace.child("tables", "App_CL"), table, SomeTables())
    with store.write(AUTHOR) as transaction:
        delete_workspace(transaction, WORKSPACE)
        delete_workspace(transaction, namesake)
    assert store.snapshot.tables == {}
    with store.write(AUTHOR) as transaction:
        put_workspace(transaction, WORKSPACE, WorkspaceSettings("local"))
    assert list(store.snapshot.tables) == [WORKSPACE.key]
    assert store.find(Table, namesake.child("tables", "App_CL")) is None
