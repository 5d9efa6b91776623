"""No call of a function makes the engine fail, whatever the values: they give a result, or are refused by name."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from chdb.state.sqlitelike import Connection

from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.functions.signature import Accepts, FunctionSignature
from kelp.kql.functions.table import function_table
from kelp.kql.types import ScalarType as T
from tests.spec.events import ask, open_engine

VALUES = {
    T.BOOL: ("true", "false", "bool(null)"),
    T.INT: ("int(0)", "int(-1)", "int(null)", "int(2147483647)", "int(7)"),
    T.LONG: ("0", "-1", "3", "100", "long(null)", "9223372036854775807", "-9223372036854775808"),
    T.REAL: ("0.0", "-1.5", "2.5", "1e308", "1e-300", "real(nan)", "real(+inf)", "real(null)"),
    T.DECIMAL: ("decimal(null)", "decimal(1.5)", "decimal(-99999999999999.123)", "decimal(0)"),
    T.STRING: (
        '""',
        '"abc"',
        '"é😀"',
        '"("',
        '"%zz"',
        '"[1,"',
        '"2026-01-01"',
        '"::1"',
        '"\\u0000x"',
        '"YWJj"',
    ),
    T.DATETIME: ("datetime(null)", "datetime(0001-01-01)", "datetime(9999-12-31 23:59:59.9999999)"),
    T.TIMESPAN: ("timespan(null)", "0s", "-1tick", "timespan(10675199.02:48:05.4775807)"),
    T.GUID: ("guid(null)", "guid(12e8b78d-55b4-46ae-b068-26d7a0080254)"),
    T.DYNAMIC: (
        *("dynamic(null)", "dynamic([])", "dynamic({})", 'dynamic([1,null,"x"])', 'dynamic("s")'),
        *("dynamic(1.5)", 'dynamic({"a":{"b":[1]}})', "dynamic([[1,2],[3]])", "dynamic([1.5,-2,0])"),
    ),
}
NUMBERS = (T.INT, T.LONG, T.REAL, T.DECIMAL)
TYPES = {
    Accepts.ANY: tuple(T),
    Accepts.TEXT: tuple(T),
    Accepts.ORDERABLE: tuple(kind for kind in T if kind is not T.DYNAMIC),
    Accepts.NUMBER: NUMBERS,
    Accepts.INTEGER: (T.INT, T.LONG),
    Accepts.SUMMABLE: (*NUMBERS, T.DATETIME, T.TIMESPAN),
    Accepts.CONSTANT_STRING: (T.STRING,),
    Accepts.CONSTANT_INTEGER: (T.LONG,),
    Accepts.CONSTANT: (T.LONG, T.REAL),
}
FAILS_ON_PURPOSE = frozenset({"assert"})
ROWS = 6


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    opened = open_engine(tmp_path_factory.mktemp("engine"))
    yield opened
    opened.close()


def write_call(chance: random.Random, name: str, signature: FunctionSignature, *, over_rows: bool) -> str:
    """Return a query that calls the function with values and columns of values."""
    least = sum(1 for parameter in signature.parameters if not parameter.optional)
    columns: list[tuple[str, T]] = []
    arguments: list[str] = []
    for index in range(chance.randint(least, len(signature.parameters))):
        accepts = signature.parameter_at(index).accepts
        kind = accepts if isinstance(accepts, T) else chance.choice(TYPES.get(accepts, (T.DYNAMIC,)))
        if str(accepts).startswith("constant") or chance.random() < 0.4:
            arguments.append(chance.choice(VALUES[kind]))
        else:
            columns.append((f"c{index}", kind))
            arguments.append(f"c{index}")
    call = f"{name}({', '.join(arguments)})"
    if not columns:
        return f"print x = 1 | {'summarize' if over_rows else 'extend'} r = {call}"
    cells = ", ".join(chance.choice(VALUES[kind]) for _ in range(ROWS) for _, kind in columns)
    schema = ", ".join(f"{column}: {kind}" for column, kind in columns)
    return f"datatable({schema}) [{cells}] | {'summarize' if over_rows else 'extend'} r = {call}"


@pytest.mark.parametrize("kind", ["scalars", "aggregates"])
def test_no_values_make_the_engine_fail(connection: Connection, kind: str) -> None:
    chance = random.Random(20261121)
    for name, function in sorted(getattr(function_table(), kind).items()):
        if not name.isidentifier() or name in FAILS_ON_PURPOSE or function.is_segment:
            continue
        for signature in function.signatures:
            query = write_call(chance, name, signature, over_rows=kind == "aggregates")
            try:
                ask(connection, query)
            except QueryRefusedError:
                continue
            except Exception as failure:  # the engine's own, whose message does not tell the query
                failure.add_note(query)
                raise
