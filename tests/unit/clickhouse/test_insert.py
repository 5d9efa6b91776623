from __future__ import annotations

from kelp.clickhouse.insert import LoadedPartitions, find_loaded_partitions, load_token, print_insert
from kelp.clickhouse.types import EngineTable

TABLE = EngineTable("d", "t")


def print_one(loaded: LoadedPartitions) -> list[str]:
    return print_insert(
        TABLE,
        ("TimeGenerated", "a b"),
        source="SELECT * FROM somewhere",
        select="SELECT x, y FROM source",
        token="token",
        settings="max_threads=1",
        loaded=loaded,
    ).splitlines()


def test_rows_bear_the_token_of_their_insert() -> None:
    assert print_one(LoadedPartitions()) == [
        "INSERT INTO `d`.`t` (`TimeGenerated`, `a b`, `_LoadToken`) SETTINGS max_threads=1",
        "WITH source AS (SELECT * FROM somewhere)",
        f"SELECT `TimeGenerated`, `a b`, {load_token('token')} FROM (",
        "SELECT x, y FROM source",
        ") AS rows (`TimeGenerated`, `a b`)",
    ]


def test_loaded_partitions_are_left_out() -> None:
    loaded = LoadedPartitions("toYYYYMM(TimeGenerated)", frozenset({"202602", "202601"}))
    assert print_one(loaded)[-1] == "WHERE toString(toYYYYMM(TimeGenerated)) NOT IN ('202601', '202602')"


def test_tokens_are_told_apart() -> None:
    assert load_token("a") != load_token("b")
    assert load_token("") == 0
    assert 0 < load_token("a") < 1 << 64
    assert find_loaded_partitions(TABLE, "a").endswith(f"WHERE `_LoadToken` = {load_token('a')}")
