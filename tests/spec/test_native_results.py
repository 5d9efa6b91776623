"""Results that are stored or sent as Arrow have the types of storage, whatever the expression (NATIVE encoding)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chdb.state.sqlitelike import Connection

from kelp.clickhouse.compiler import compile_query
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.clickhouse.types import expression_type, required_type
from tests.spec.events import OPTIONS, Tables

QUERIES = (
    "Events",
    "Events | extend Name = 1.5, Level = toint(Name), Span = TimeGenerated - now(), Amount = Amount / 2",
    "Events | summarize count(), sum(Count), avg(Value), max(TimeGenerated), make_set(Name), dcount(Id) by Level, Flag",
    "Events | summarize percentiles(Value, 50, 95), arg_max(TimeGenerated, *), take_any(Id), stdev(Level)",
    "Events | project a = Body.n, b = tolong(Body.n), c = tostring(Body), d = iff(Flag, Value, real(null)), e = Count > 1",
    "print a = 1, b = 2.5, c = true, d = now(), e = 1h, f = dynamic([1]), g = decimal(1.5), h = int(null), i = new_guid()",
    "datatable(a: long, b: guid, c: decimal)[1, guid(null), decimal(1)] | extend d = strcat(a, b), e = bin(c, 1)",
)


@pytest.mark.parametrize("query", QUERIES)
def test_types(connection: Connection, query: str) -> None:
    tables = Tables()
    result = compile_query(query, tables, tables.scope, replace(OPTIONS, encoding=Encoding.NATIVE)).results[0]
    described = connection.query(f"DESCRIBE ({result.sql})", "TSVRaw").bytes().decode()
    found = [line.split("\t")[:2] for line in described.splitlines()]
    assert [name for name, _ in found] == [column.name for column in result.columns]
    for (name, engine_type), column in zip(found, result.columns, strict=True):
        assert engine_type in (required_type(column.type), expression_type(column.type)), name


def test_values(connection: Connection) -> None:
    tables = Tables()
    query = "Events | where Count == 1 | project TimeGenerated, Span, Amount, Value, Body.r, Flag"
    result = compile_query(query, tables, tables.scope, replace(OPTIONS, encoding=Encoding.NATIVE)).results[0]
    row = connection.query(result.sql, "TSVRaw").bytes().decode().rstrip("\n").split("\t")
    assert row == ["2026-07-01T10:20:30.1234567Z", "36000000000", "2.25", "1.5", "2.0", "true"]
