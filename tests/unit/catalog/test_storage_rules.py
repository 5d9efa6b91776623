from __future__ import annotations

import pytest

from kelp.catalog.storage_rules import (
    BASE_COLUMNS,
    FREE_TABLES,
    add_columns,
    constant_values,
    define_table,
    find_partitioning,
    is_low_cardinality,
    is_term_indexed,
)
from kelp.catalog.tables import load_standard_tables
from kelp.clickhouse.ddl import Partitioning
from kelp.kql.types import Column, ScalarType


def _string(name: str) -> Column:
    return Column(name, ScalarType.STRING)


@pytest.mark.parametrize(
    "name",
    [
        "SyslogMessage",
        "RenderedDescription",
        "Message",
        "CommandLine",
        "RawData",
        "LogEntry",
        "Message_s",
        "msg_s",
        "EventData",
    ],
)
def test_columns_that_hold_sentences_carry_the_term_index(name: str) -> None:
    assert is_term_indexed(_string(name))
    assert not is_low_cardinality(_string(name))


@pytest.mark.parametrize(
    "name",
    [
        "Computer",
        "Facility",
        "SeverityLevel",
        "SourceSystem",
        "OperationName",
        "_ResourceId",
        "ResultType",
        "Computer_s",
        "NewProcessName",
    ],
)
def test_columns_that_repeat_few_values_get_a_dictionary(name: str) -> None:
    assert is_low_cardinality(_string(name))
    assert not is_term_indexed(_string(name))


@pytest.mark.parametrize("name", ["CorrelationId", "Id", "UserPrincipalName", "IPAddress", "Anything_s"])
def test_other_strings_are_plain(name: str) -> None:
    assert not is_low_cardinality(_string(name))
    assert not is_term_indexed(_string(name))


def test_only_strings_are_concerned() -> None:
    assert not is_term_indexed(Column("Message", ScalarType.DYNAMIC))
    assert not is_low_cardinality(Column("Level", ScalarType.INT))


def test_large_tables_are_partitioned_by_day_and_others_by_month() -> None:
    assert find_partitioning("Syslog") is Partitioning.DAY
    assert find_partitioning("Heartbeat") is Partitioning.MONTH
    assert find_partitioning("Orders_CL") is Partitioning.MONTH


def test_constants_of_a_table() -> None:
    identifier = "11111111-1111-1111-1111-111111111111"
    assert constant_values("Syslog", identifier) == {
        "TenantId": identifier,
        "Type": "Syslog",
        "_IsBillable": "true",
    }
    assert constant_values("Heartbeat", identifier)["_IsBillable"] == "false"


def test_free_tables_exist() -> None:
    tables = load_standard_tables()
    assert all(tables.find(name) for name in FREE_TABLES)


def test_a_new_table_has_the_base_columns_and_no_constants() -> None:
    definition = define_table(
        "Syslog", [_string("SyslogMessage"), _string("Computer"), _string("Type"), _string("TenantId")]
    )
    assert definition.columns == (*BASE_COLUMNS, _string("SyslogMessage"), _string("Computer"))
    assert definition.partitioning is Partitioning.DAY
    assert definition.term_indexed == {"SyslogMessage"}
    assert definition.low_cardinality == {
        "SourceSystem",
        "_ResourceId",
        "_SubscriptionId",
        "_CustomerId",
        "Computer",
    }


def test_adding_columns_keeps_what_is_there() -> None:
    before = define_table("T_CL", [_string("a_s")])
    after = add_columns(before, [_string("a_s"), _string("Message")])
    assert after.columns == (*before.columns, _string("Message"))
    assert after.term_indexed == {"Message"}
    assert add_columns(after, [_string("Message")]) == after
