from __future__ import annotations

import pytest

from kelp.catalog.tables import CANONICAL_COLUMNS, StandardTables, load_standard_tables
from kelp.kql.types import Column, ScalarType


@pytest.fixture(scope="module")
def tables() -> StandardTables:
    return load_standard_tables()


def test_documented_columns_are_there_with_their_types(tables: StandardTables) -> None:
    syslog = tables.find("Syslog")
    assert syslog is not None
    assert syslog.schema.find_column("SyslogMessage") == Column("SyslogMessage", ScalarType.STRING)
    assert syslog.schema.find_column("ProcessID") == Column("ProcessID", ScalarType.INT)
    assert syslog.schema.find_column("EventTime") == Column("EventTime", ScalarType.DATETIME)
    assert syslog.solutions == ("LogManagement",)


def test_every_table_has_the_canonical_columns_once(tables: StandardTables) -> None:
    for name in tables.names():
        table = tables.find(name)
        assert table is not None
        names = [column.name for column in table.schema.columns]
        assert len(names) == len(set(names)), name
        for column in CANONICAL_COLUMNS:
            assert table.schema.find_column(column.name) == column, name


def test_a_table_is_decoded_once_and_columns_are_shared(tables: StandardTables) -> None:
    assert tables.find("Perf") is tables.find("Perf")
    perf, syslog = tables.find("Perf"), tables.find("Syslog")
    assert perf is not None
    assert syslog is not None
    assert perf.schema.find_column("Computer") is syslog.schema.find_column("Computer")


def test_names_are_case_sensitive_but_their_spelling_can_be_found(tables: StandardTables) -> None:
    assert tables.find("syslog") is None
    assert tables.find_canonical_name("SYSLOG") == "Syslog"
    assert tables.find_canonical_name("Nothing") is None


def test_there_are_the_tables_of_the_published_reference(tables: StandardTables) -> None:
    assert len(tables) > 900
    assert list(tables.names()) == sorted(tables.names())
    assert {"SecurityEvent", "SigninLogs", "AppRequests", "Heartbeat", "AzureDiagnostics"} <= set(
        tables.names()
    )
