from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from uuid import UUID

import pytest

from kelp.clickhouse.ddl import (
    LOAD_COLUMN,
    EncryptedDisk,
    MaterializedColumn,
    Partitioning,
    SchemaStatement,
    TableDefinition,
    TableStorage,
    add_column,
    attach_partition,
    create_table,
    database_name,
    delete_rows,
    drop_table,
    exchange_tables,
    find_store,
    normalized_terms,
    rename_table,
)
from kelp.clickhouse.types import EngineTable
from kelp.kql.types import Column, ScalarType
from kelp.plan.scope import PropertyPath

TABLE = EngineTable("ws_1", "My`Logs_CL")
OTHER = EngineTable("ws_1", "Other")
TIME = Column("TimeGenerated", ScalarType.DATETIME)
PROPERTY = PropertyPath("Rest", ("status",), "Nullable(Int64)")
DEFINITION = TableDefinition(
    (
        TIME,
        Column("_TimeReceived", ScalarType.DATETIME),
        Column("Computer", ScalarType.STRING),
        Column("Message", ScalarType.STRING),
        Column("EventTime", ScalarType.DATETIME),
        Column("Size", ScalarType.LONG),
        Column("Rest", ScalarType.DYNAMIC),
    ),
    Partitioning.DAY,
    term_indexed=frozenset({"Message"}),
    low_cardinality=frozenset({"Computer"}),
    materialized=(MaterializedColumn("Status", "Nullable(Int64)", "length(`Rest`)", PROPERTY),),
)
DISK = EncryptedDisk("/data/it's/", "KEY_1")


def test_a_table_is_laid_out_for_questions_about_time() -> None:
    sql = create_table(TABLE, DEFINITION, TableStorage()).sql
    tokenizer = "text(tokenizer = splitByNonAlpha, posting_list_codec = 'bitpacking')"
    assert sql.splitlines() == [
        "CREATE TABLE IF NOT EXISTS `ws_1`.`My\\`Logs_CL` (",
        "  `TimeGenerated` DateTime64(7, 'UTC') CODEC(DoubleDelta, ZSTD(1)),",
        "  `_TimeReceived` DateTime64(7, 'UTC') CODEC(DoubleDelta, ZSTD(1)),",
        "  `Computer` LowCardinality(String) CODEC(ZSTD(1)),",
        "  `Message` String CODEC(ZSTD(3)),",
        "  `EventTime` Nullable(DateTime64(7, 'UTC')) CODEC(DoubleDelta, ZSTD(1)),",
        "  `Size` Nullable(Int64) CODEC(ZSTD(1)),",
        "  `Rest` String CODEC(ZSTD(3)),",
        "  `Status` Nullable(Int64) MATERIALIZED length(`Rest`) CODEC(ZSTD(1)),",
        "  `_LoadToken` UInt64 DEFAULT 0 CODEC(ZSTD(1)),",
        f"  INDEX `terms_Message` {normalized_terms('`Message`')} TYPE {tokenizer},",
        "  INDEX `receipt` `_TimeReceived` TYPE minmax,",
        "  INDEX `load` `_LoadToken` TYPE bloom_filter(0.01)",
        ") ENGINE = MergeTree",
        "PARTITION BY toYYYYMMDD(`TimeGenerated`)",
        "ORDER BY `TimeGenerated`",
        "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1",
    ]


def test_small_tables_are_partitioned_by_month() -> None:
    definition = TableDefinition((TIME,), Partitioning.MONTH)
    sql = create_table(TABLE, definition, TableStorage()).sql
    assert "PARTITION BY toYYYYMM(`TimeGenerated`)" in sql
    assert "`receipt`" not in sql


def test_terms_are_lower_case_letters_and_digits() -> None:
    assert normalized_terms("m") == (
        "if(isValidASCII(m), lower(m), replaceRegexpAll(lowerUTF8(m), '[^\\\\x00-\\\\x7F\\\\p{L}\\\\p{Nd}]', ' '))"
    )


def test_the_disk_names_its_key_and_has_no_path_of_its_own() -> None:
    sql = create_table(TABLE, DEFINITION, TableStorage(disk=DISK)).sql
    assert sql.endswith(
        "disk = disk(type = encrypted, algorithm = 'AES_256_CTR', key_hex = 'from_env KEY_1', "
        "disk = disk(type = local, path = '/data/it\\'s/'))"
    )


def test_double_encryption_nests_two_algorithms() -> None:
    disk = replace(DISK, outer_key_variable="KEY_2")
    sql = create_table(TABLE, DEFINITION, TableStorage(disk=disk)).sql
    assert sql.endswith(
        "disk = disk(type = encrypted, algorithm = 'AES_256_CTR', key_hex = 'from_env KEY_1', "
        "disk = disk(type = encrypted, algorithm = 'AES_128_CTR', key_hex = 'from_env KEY_2', "
        "disk = disk(type = local, path = '/data/it\\'s/')))"
    )


def test_another_engine_has_other_settings() -> None:
    storage = TableStorage(engine="ReplicatedMergeTree", settings={"replicated_deduplication_window": 1000})
    sql = create_table(TABLE, DEFINITION, storage).sql
    assert ") ENGINE = ReplicatedMergeTree\n" in sql
    assert sql.endswith("replicated_deduplication_window = 1000")


@pytest.mark.parametrize(
    "definition, words",
    [
        (TableDefinition((TIME, TIME), Partitioning.DAY), "same name"),
        (TableDefinition((), Partitioning.DAY), "needs a column TimeGenerated"),
        (
            TableDefinition((Column("TimeGenerated", ScalarType.STRING),), Partitioning.DAY),
            "needs a column TimeGenerated",
        ),
        (TableDefinition((TIME, Column(LOAD_COLUMN, ScalarType.LONG)), Partitioning.DAY), "Kelp's own"),
        (replace(DEFINITION, term_indexed=frozenset({"Size"})), "Size is no string"),
        (replace(DEFINITION, low_cardinality=frozenset({"Nothing"})), "Nothing is no string"),
        (replace(DEFINITION, low_cardinality=frozenset({"Message"})), "both term-indexed"),
    ],
)
def test_a_contradictory_definition_is_refused(definition: TableDefinition, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        create_table(TABLE, definition, TableStorage())


def test_a_new_column_brings_its_index() -> None:
    statement = add_column(TABLE, Column("Message", ScalarType.STRING), DEFINITION)
    assert statement.sql.startswith(
        "ALTER TABLE `ws_1`.`My\\`Logs_CL` ADD COLUMN IF NOT EXISTS `Message` String CODEC(ZSTD(3)), "
        "ADD INDEX IF NOT EXISTS `terms_Message` "
    )
    plain = add_column(TABLE, Column("Size", ScalarType.LONG), DEFINITION)
    assert plain.sql.endswith("ADD COLUMN IF NOT EXISTS `Size` Nullable(Int64) CODEC(ZSTD(1))")


@pytest.mark.parametrize(
    "statement, touches, creates, removes",
    [
        (create_table(TABLE, DEFINITION, TableStorage()), set(), {TABLE}, set()),
        (drop_table(TABLE), set(), set(), {TABLE}),
        (rename_table(TABLE, OTHER), set(), {OTHER}, {TABLE}),
        (exchange_tables(TABLE, OTHER), {TABLE, OTHER}, set(), set()),
        (attach_partition(TABLE, OTHER, "202601"), {TABLE, OTHER}, set(), set()),
        (delete_rows(TABLE, "1"), {TABLE}, set(), set()),
    ],
)
def test_a_statement_says_which_tables_it_concerns(
    statement: SchemaStatement,
    touches: AbstractSet[EngineTable],
    creates: AbstractSet[EngineTable],
    removes: AbstractSet[EngineTable],
) -> None:
    assert (statement.touches, statement.creates, statement.removes) == (touches, creates, removes)
    assert statement.tables == touches | creates | removes


def test_a_database_belongs_to_a_workspace() -> None:
    workspace_id = UUID("0123abcd-0000-4000-8000-000000000001")
    assert database_name(workspace_id) == "ws_0123abcd000040008000000000000001"
    assert find_store(database_name(workspace_id)) == workspace_id


@pytest.mark.parametrize(
    "database",
    [
        "default",
        "ws_",
        "ws_x",
        "ws_0123ABCD000040008000000000000001",
        "ws_0123abcd-0000-4000-8000-000000000001",
    ],
)
def test_other_databases_belong_to_none(database: str) -> None:
    assert find_store(database) is None
