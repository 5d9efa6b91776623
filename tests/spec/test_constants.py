"""What is computed when the query is compiled is what the engine would have computed, for one row and for many."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from chdb.state.sqlitelike import Connection

from kelp.kql.diagnostics import QueryRefusedError
from tests.spec.events import ask

VALUES = {
    "bool": ("true", "false", "bool(null)"),
    "int": ("int(0)", "int(7)", "int(-3)", "int(2147483647)", "int(null)"),
    "long": ("0", "5", "-7", "9223372036854775807", "-9223372036854775807", "long(null)"),
    "real": ("0.0", "2.5", "-1.5", "1e300", "real(nan)", "real(+inf)", "real(null)"),
    "decimal": ("decimal(0)", "decimal(1.25)", "decimal(-3)", "decimal(null)"),
    "datetime": (
        "datetime(2020-01-02 03:04:05.1234567)",
        "datetime(1969-12-31)",
        "datetime(0001-01-01)",
        "datetime(9999-12-31 23:59:59.9999999)",
        "datetime(null)",
    ),
    "timespan": ("1h", "-25h", "1tick", "time(3.04:05:06.7)", "time(null)"),
    "string": (
        *('""', '"5"', '"-2.5"', '"true"', '"2020-01-02"', '"01:02:03"', '"abc"', '"0x1f"', '"nan"'),
        '"74be27de-1e4e-49d9-b579-fe0b331d3642"',
    ),
    "guid": ("guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "guid(null)"),
    "dynamic": (*("dynamic(2.5)", 'dynamic("5")', "dynamic(true)", "dynamic(null)", "dynamic([1, 2])"),),
}
CONVERSIONS = (
    *("tostring", "tobool", "toint", "tolong", "toreal", "todecimal", "todatetime", "totimespan", "toguid"),
    "todynamic",
)
OPERATORS = ("+", "-", "*", "/", "%", "==", "<")


def _ask_all(connection: Connection, expressions: list[str]) -> list[Any]:
    named = ", ".join(f"r{index} = {expression}" for index, expression in enumerate(expressions))
    _, rows = ask(connection, f"print {named}")
    return rows[0]


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("function", CONVERSIONS)
def test_conversions(connection: Connection, function: str, kind: str) -> None:
    values = VALUES[kind]
    _, rows = ask(connection, f"datatable(v: {kind})[{', '.join(values)}] | project {function}(v)")
    assert _ask_all(connection, [f"{function}({value})" for value in values]) == [row[0] for row in rows]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("left", VALUES)
def test_operators(connection: Connection, operator: str, left: str) -> None:
    for right, values in VALUES.items():
        pairs = list(product(VALUES[left], values))
        cells = ", ".join(f"{first}, {second}" for first, second in pairs)
        table = f"datatable(a: {left}, b: {right})[{cells}]"
        try:
            _, rows = ask(connection, f"{table} | project a {operator} b")
        except QueryRefusedError:
            continue
        folded = _ask_all(connection, [f"({first}) {operator} ({second})" for first, second in pairs])
        if "string" not in (left, right):
            # A constant string is read as the other side's type, which texts of a column are not (TYPE-3).
            assert folded == [row[0] for row in rows], (left, right)
