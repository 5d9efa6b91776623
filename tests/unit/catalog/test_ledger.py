from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

from kelp.base.ids import WorkspaceId
from kelp.catalog.ledger import Load, StoredTable, TableLedger, TableSize
from kelp.catalog.storage_rules import define_table
from kelp.kql.types import Column, ScalarType
from kelp.resources.database import Database

HERE, THERE = WorkspaceId(UUID(int=1)), WorkspaceId(UUID(int=2))
SYSLOG = StoredTable("Syslog", define_table("Syslog", [Column("SyslogMessage", ScalarType.STRING)]))


def _load(
    rows: int, first: int | None, last: int | None, *, plan_id: UUID | None = None, table: str = "Syslog"
) -> Load:
    return Load(plan_id or uuid4(), HERE, table, rows, rows * 100, first, last)


def test_a_table_is_kept_with_its_definition(database: Database, ledger: TableLedger) -> None:
    changing = StoredTable("T_CL", None, define_table("T_CL", [Column("a", ScalarType.DYNAMIC)]), uuid4())
    ledger.put(HERE, SYSLOG)
    ledger.put(HERE, changing)
    for reader in (ledger, TableLedger(database)):
        assert dict(reader.tables(HERE)) == {"Syslog": SYSLOG, "T_CL": changing}
        assert reader.tables(THERE) == {}
        assert reader.store_ids() == {HERE}


def test_loads_add_up(database: Database, ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.record_loads([_load(10, 500, 900), _load(5, 300, 600)])
    ledger.record_loads([_load(1, 700, 700)])
    expected = TableSize(rows=16, bytes=1600, first_ticks=300, last_ticks=900)
    assert ledger.sizes(HERE) == {"Syslog": expected}
    assert TableLedger(database).sizes(HERE) == {"Syslog": expected}
    assert ledger.tables(HERE)["Syslog"].holds_rows


def test_a_load_that_did_not_tell_its_times_leaves_the_first_one_unknown(
    database: Database, ledger: TableLedger
) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.record_loads([_load(1, 5, 6)])
    assert ledger.tables(HERE)["Syslog"].first_ticks == 5
    ledger.record_loads([_load(2, None, None)])
    ledger.record_loads([_load(1, 5, 9)])
    for reader in (ledger, TableLedger(database)):
        assert reader.sizes(HERE)["Syslog"] == TableSize(rows=4, bytes=400, first_ticks=None, last_ticks=9)
        assert reader.tables(HERE)["Syslog"].first_ticks is None


def test_a_first_time_that_moves_is_another_revision(ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.record_loads([_load(1, 50, 60)])
    before = ledger.revision
    ledger.record_loads([_load(1, 50, 90)])
    assert ledger.revision == before
    ledger.record_loads([_load(1, 40, 90)])
    assert ledger.revision > before


def test_a_plan_is_counted_once_however_often_it_is_replayed(database: Database, ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    load = _load(10, 1, 2)
    ledger.record_loads([load, load])
    ledger.record_loads([load])
    TableLedger(database).record_loads([load])
    ledger.refresh()
    assert ledger.sizes(HERE)["Syslog"].rows == 10
    ledger.forget_plans([load.plan_id])
    ledger.record_loads([_load(1, 1, 1)])
    assert ledger.sizes(HERE)["Syslog"].rows == 11


def test_an_empty_load_leaves_a_table_without_rows(ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.record_loads([_load(0, 0, 0)])
    assert ledger.sizes(HERE) == {"Syslog": TableSize()}
    assert not ledger.tables(HERE)["Syslog"].holds_rows


def test_a_load_into_a_removed_table_counts_for_nothing(ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.remove_table(HERE, "Syslog")
    ledger.record_loads([_load(10, 1, 2)])
    assert ledger.sizes(HERE) == {}
    assert ledger.tables(HERE) == {}


def test_changing_a_definition_keeps_the_size(ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.record_loads([_load(10, 1, 2)])
    wider = define_table("Syslog", [Column("Facility", ScalarType.STRING)])
    ledger.put(HERE, StoredTable("Syslog", SYSLOG.definition, wider))
    assert ledger.sizes(HERE)["Syslog"].rows == 10
    assert ledger.tables(HERE)["Syslog"].pending == wider


def test_the_tables_stay_the_same_object_until_something_about_them_changes(ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.record_loads([_load(10, 1, 2)])
    before = ledger.tables(HERE)
    ledger.record_loads([_load(10, 1, 2)])
    ledger.refresh()
    assert ledger.tables(HERE) is before


def test_a_size_counted_anew_replaces_the_old(ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.record_loads([_load(10, 1, 2)])
    counted = TableSize(rows=10, bytes=1000, first_ticks=1, last_ticks=2)
    assert ledger.replace_size(HERE, "Syslog", TableSize(), instead_of=counted)
    assert ledger.sizes(HERE) == {"Syslog": TableSize()}
    assert not ledger.tables(HERE)["Syslog"].holds_rows


def test_a_count_that_missed_a_load_is_not_entered(ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.record_loads([_load(10, 50, 60)])
    before = ledger.sizes(HERE)["Syslog"]
    ledger.record_loads([_load(1, 7, 60)])
    assert not ledger.replace_size(HERE, "Syslog", TableSize(4, 400, 55, 60), instead_of=before)
    assert ledger.sizes(HERE)["Syslog"] == TableSize(rows=11, bytes=1100, first_ticks=7, last_ticks=60)
    assert not ledger.replace_size(HERE, "Nothing", TableSize(), instead_of=TableSize())


def test_removing_a_workspace_removes_all_of_it_and_nothing_else(
    database: Database, ledger: TableLedger
) -> None:
    ledger.put(HERE, SYSLOG)
    ledger.put(THERE, SYSLOG)
    ledger.remove_store(HERE)
    ledger.refresh()
    assert ledger.store_ids() == {THERE}
    assert TableLedger(database).store_ids() == {THERE}


def test_another_process_sees_changes_after_a_refresh(database: Database, ledger: TableLedger) -> None:
    other = TableLedger(database)
    ledger.put(HERE, SYSLOG)
    ledger.record_loads([_load(3, 1, 2)])
    assert other.tables(HERE) == {}
    other.refresh()
    assert other.tables(HERE)["Syslog"].holds_rows
    ledger.remove_table(HERE, "Syslog")
    other.refresh()
    assert other.tables(HERE) == {}


def test_writers_on_many_threads_lose_nothing(ledger: TableLedger) -> None:
    ledger.put(HERE, SYSLOG)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: ledger.record_loads([_load(1, n, n)]), range(1, 41)))
    assert ledger.sizes(HERE)["Syslog"] == TableSize(rows=40, bytes=4000, first_ticks=1, last_ticks=40)
