from __future__ import annotations

import pytest

from kelp.base.errors import Category
from kelp.catalog.migration import ColumnTypeConflict, check_types, plan_migration
from kelp.catalog.storage_rules import define_table
from kelp.clickhouse.ddl import TableStorage
from kelp.clickhouse.types import EngineTable
from kelp.kql.types import Column, ScalarType

TABLE = EngineTable("ws", "Syslog")
WANTED = define_table(
    "Syslog", [Column("SyslogMessage", ScalarType.STRING), Column("ProcessID", ScalarType.INT)]
)


def test_a_missing_table_is_made_whole() -> None:
    (statement,) = plan_migration(TABLE, (), WANTED, TableStorage())
    assert statement.creates == {TABLE}
    assert all(f"`{column.name}`" in statement.sql for column in WANTED.columns)


def test_only_what_is_missing_is_added() -> None:
    existing = [column.name for column in WANTED.columns if column.name != "SyslogMessage"]
    (statement,) = plan_migration(TABLE, existing, WANTED, TableStorage())
    assert statement.touches == {TABLE}
    assert "ADD COLUMN IF NOT EXISTS `SyslogMessage`" in statement.sql
    assert "terms_SyslogMessage" in statement.sql
    assert plan_migration(TABLE, [*existing, "SyslogMessage"], WANTED, TableStorage()) == ()


def test_every_conflicting_column_is_named() -> None:
    present = {"a": ScalarType.STRING, "b": ScalarType.LONG, "c": ScalarType.REAL}
    wanted = [
        Column("a", ScalarType.LONG),
        Column("b", ScalarType.LONG),
        Column("c", ScalarType.DYNAMIC),
        Column("d", ScalarType.BOOL),
    ]
    with pytest.raises(
        ColumnTypeConflict, match="Column 'a' of 'T_CL' is string and can't take long"
    ) as caught:
        check_types("T_CL", present, wanted)
    assert [detail.target for detail in caught.value.details] == ["a", "c"]
    assert caught.value.category is Category.CONFLICT
