from __future__ import annotations

from dataclasses import replace

import pytest

from kelp.kql.types import ScalarType
from kelp.resources.errors import InvalidDocument, ResourceConflict, ResourceNotFound
from kelp.resources.store import ResourceStore
from kelp.resources.table import (
    Table,
    TableColumn,
    TablePlan,
    TableSubType,
    add_columns,
    delete_table,
    migrate_table,
    parse_column_type,
    put_table,
)

from .conftest import AUTHOR, GROUP, WORKSPACE
from .doubles import SomeTables, TurnedClock

TIME = TableColumn("TimeGenerated", ScalarType.DATETIME)
MESSAGE = TableColumn("Message", ScalarType.STRING)
CUSTOM = WORKSPACE.child("tables", "App_CL")


def put(store: ResourceStore, name: str, table: Table) -> Table:
    with store.write(AUTHOR) as transaction:
        return put_table(transaction, WORKSPACE.child("tables", name), table, SomeTables()).properties


def problems_of(store: ResourceStore, name: str, table: Table) -> list[str]:
    with pytest.raises(InvalidDocument) as refusal:
        put(store, name, table)
    return [problem.message for problem in refusal.value.problems]


def test_a_custom_table_is_stored_and_seen_in_the_snapshot(store: ResourceStore) -> None:
    put(store, "App_CL", Table((TIME, MESSAGE)))
    workspace = store.snapshot.workspaces_by_key[WORKSPACE.key]
    found = store.snapshot.find_table(workspace, "app_cl")
    assert found is not None
    assert found.properties.columns == (TIME, MESSAGE)


@pytest.mark.parametrize(
    "name, table, said",
    [
        ("App", Table((TIME,)), "neither a built-in table nor"),
        ("App_CL", Table((MESSAGE,)), "needs a column 'TimeGenerated'"),
        ("App_CL", Table((TIME, TIME)), "declared twice"),
        ("App_CL", Table((TIME, TableColumn("a b", ScalarType.INT))), "no column name"),
        ("App_CL", Table((TIME, TableColumn("1st", ScalarType.INT))), "no column name"),
        ("App_CL", Table((TIME, TableColumn("_ResourceId", ScalarType.STRING))), "system column"),
        ("App_CL", Table((TIME,), retention_in_days=3), "Retention is 4 to 730 days"),
        (
            "App_CL",
            Table((TIME,), retention_in_days=90, total_retention_in_days=60),
            "Total retention is 90 to 730 days or one of 1095",
        ),
        ("App_CL", Table((TIME,), total_retention_in_days=1000), "not 1000"),
        ("App_CL", Table((TIME,), plan=TablePlan.BASIC, retention_in_days=90), "Basic plan keeps 30 days"),
        ("Heartbeat", Table((), plan=TablePlan.BASIC), "Analytics plan only"),
        ("Heartbeat", Table((MESSAGE,)), "end in '_CF'"),
        ("App_CL", Table((TIME, *(TableColumn(f"c{n}", ScalarType.INT) for n in range(500)))), "501 columns"),
    ],
)
def test_a_refusal_names_what_is_wrong(store: ResourceStore, name: str, table: Table, said: str) -> None:
    assert any(said in message for message in problems_of(store, name, table))


def test_columns_are_added_and_removed_but_not_retyped(store: ResourceStore) -> None:
    put(store, "App_CL", Table((TIME, MESSAGE)))
    level = TableColumn("Level", ScalarType.INT)
    put(store, "App_CL", Table((TIME, MESSAGE, level)))
    retyped = replace(level, type=ScalarType.STRING)
    said = "Column 'Level' is int, as stored records have it, and can't become string"
    assert [message.split(":")[0] for message in problems_of(store, "App_CL", Table((TIME, retyped)))] == [
        said
    ]
    removed = put(store, "App_CL", Table((TIME, MESSAGE)))
    assert (removed.columns, removed.removed_columns) == ((TIME, MESSAGE), (level,))
    # Also while it is not shown.
    assert said in problems_of(store, "App_CL", Table((TIME, MESSAGE, retyped)))[0]
    kept = put(store, "App_CL", Table((), retention_in_days=7))
    assert kept.removed_columns == (level,)
    back = put(store, "App_CL", Table((TIME, MESSAGE, level)))
    assert (back.columns, back.removed_columns) == ((TIME, MESSAGE, level), ())


def test_columns_can_t_be_removed_and_added_without_end(store: ResourceStore) -> None:
    def table(first: int, count: int) -> Table:
        many = (TableColumn(f"C{number}", ScalarType.INT) for number in range(first, first + count))
        return Table((TIME, *many))

    put(store, "App_CL", table(0, 499))
    put(store, "App_CL", table(499, 499))
    assert any("more than 1000 columns" in one for one in problems_of(store, "App_CL", table(998, 499)))


def test_a_change_of_retention_leaves_the_columns(store: ResourceStore) -> None:
    put(store, "App_CL", Table((TIME, MESSAGE)))
    changed = put(store, "App_CL", Table((), retention_in_days=7, total_retention_in_days=365))
    assert changed.columns == (TIME, MESSAGE)
    assert changed.retention_in_days == 7


def test_a_built_in_table_takes_custom_columns_and_ignores_its_own_when_echoed(store: ResourceStore) -> None:
    extra = TableColumn("Site_CF", ScalarType.STRING)
    changed = put(store, "Syslog", Table((TIME, TableColumn("SyslogMessage", ScalarType.STRING), extra)))
    assert changed.columns == (extra,)
    assert changed.sub_type is TableSubType.ANY


def test_the_plan_changes_between_analytics_and_basic_only(store: ResourceStore) -> None:
    put(store, "App_CL", Table((TIME,)))
    changed = put(store, "App_CL", Table((), plan=TablePlan.BASIC))
    assert changed.plan_modified_at is not None
    assert any(
        "can't change" in message
        for message in problems_of(store, "App_CL", Table((), plan=TablePlan.AUXILIARY))
    )


def test_the_plan_changes_once_a_week(store: ResourceStore, clock: TurnedClock) -> None:
    put(store, "App_CL", Table((TIME,)))
    put(store, "App_CL", Table((), plan=TablePlan.BASIC))
    clock.turn(days=6, hours=23)
    (message,) = problems_of(store, "App_CL", Table((), plan=TablePlan.ANALYTICS))
    assert message == (
        "The plan was changed at 2026-03-01 12:00 UTC; it can be changed again at 2026-03-08 12:00 UTC, a week later."
    )
    put(store, "App_CL", Table((), plan=TablePlan.BASIC, total_retention_in_days=365))
    clock.turn(hours=1)
    assert put(store, "App_CL", Table((), plan=TablePlan.ANALYTICS)).plan is TablePlan.ANALYTICS


def test_a_classic_table_is_migrated(store: ResourceStore) -> None:
    with store.write(AUTHOR) as transaction:
        add_columns(transaction, CUSTOM, [MESSAGE])
        assert migrate_table(transaction, CUSTOM).properties.sub_type is TableSubType.RULE_BASED
        assert migrate_table(transaction, CUSTOM).properties.columns == (TIME, MESSAGE)
    with pytest.raises(ResourceNotFound), store.write(AUTHOR) as transaction:
        migrate_table(transaction, WORKSPACE.child("tables", "Gone_CL"))


@pytest.mark.parametrize("shortened", [True, False])
def test_a_shortened_retention_is_remembered(store: ResourceStore, *, shortened: bool) -> None:
    put(store, "App_CL", Table((TIME,), retention_in_days=90))
    days = 30 if shortened else 365
    changed = put(store, "App_CL", Table((), retention_in_days=30, total_retention_in_days=days))
    assert (changed.shortened is not None) is shortened
    if shortened:
        assert put(store, "App_CL", Table((), retention_in_days=90)).shortened is None


def test_a_built_in_table_can_not_be_deleted_and_a_custom_one_can(store: ResourceStore) -> None:
    put(store, "App_CL", Table((TIME,)))
    with store.write(AUTHOR) as transaction:
        assert delete_table(transaction, CUSTOM, SomeTables())
        assert not delete_table(transaction, CUSTOM, SomeTables())
    with pytest.raises(ResourceConflict), store.write(AUTHOR) as transaction:
        delete_table(transaction, WORKSPACE.child("tables", "heartbeat"), SomeTables())


def test_a_table_made_again_under_its_name_has_another_uid(store: ResourceStore) -> None:
    uids = []
    for _ in range(2):
        put(store, "App_CL", Table((TIME,)))
        uids.append(store.get(Table, CUSTOM).uid)
        with store.write(AUTHOR) as transaction:
            delete_table(transaction, CUSTOM, SomeTables())
    assert uids[0] != uids[1]


def test_a_table_needs_its_workspace(store: ResourceStore) -> None:
    nowhere = GROUP.child("Microsoft.OperationalInsights/workspaces", "none").child("tables", "App_CL")
    with pytest.raises(ResourceNotFound), store.write(AUTHOR) as transaction:
        put_table(transaction, nowhere, Table((TIME,)), SomeTables())


def test_records_define_and_grow_a_classic_table(store: ResourceStore) -> None:
    with store.write(AUTHOR) as transaction:
        first = add_columns(transaction, CUSTOM, [TableColumn("1st_s", ScalarType.STRING)])
        second = add_columns(
            transaction, CUSTOM, [TableColumn("1st_s", ScalarType.REAL), TableColumn("n_d", ScalarType.REAL)]
        )
    assert first.is_new
    assert second.properties.sub_type is TableSubType.CLASSIC
    assert [(column.name, column.type) for column in second.properties.columns] == [
        ("TimeGenerated", ScalarType.DATETIME),
        ("1st_s", ScalarType.STRING),
        ("n_d", ScalarType.REAL),
    ]
    version = store.snapshot.version
    with store.write(AUTHOR) as transaction:
        unchanged = add_columns(transaction, CUSTOM, [TableColumn("n_d", ScalarType.REAL)])
    assert unchanged.etag == second.etag
    assert store.snapshot.version == version + 1


@pytest.mark.parametrize(
    "text, expected",
    [
        ("dateTime", ScalarType.DATETIME),
        ("DATETIME", ScalarType.DATETIME),
        ("Boolean", ScalarType.BOOL),
        ("bool", ScalarType.BOOL),
        ("guid", ScalarType.GUID),
        ("Dynamic", ScalarType.DYNAMIC),
        ("timespan", None),
        ("decimal", None),
        ("text", None),
    ],
)
def test_column_types_are_read_in_any_case(text: str, expected: ScalarType | None) -> None:
    assert parse_column_type(text) is expected
