from __future__ import annotations

import pytest

from kelp.clickhouse.types import EngineTable, expression_type, is_nullable, required_type
from kelp.kql.types import ScalarType


@pytest.mark.parametrize(
    "scalar_type, stored, required",
    [
        (ScalarType.BOOL, "Nullable(Bool)", "Bool"),
        (ScalarType.INT, "Nullable(Int32)", "Int32"),
        (ScalarType.LONG, "Nullable(Int64)", "Int64"),
        (ScalarType.REAL, "Nullable(Float64)", "Float64"),
        (ScalarType.DECIMAL, "Nullable(Decimal(38, 18))", "Decimal(38, 18)"),
        (ScalarType.STRING, "String", "String"),
        (ScalarType.DATETIME, "Nullable(DateTime64(7, 'UTC'))", "DateTime64(7, 'UTC')"),
        (ScalarType.TIMESPAN, "Nullable(Int64)", "Int64"),
        (ScalarType.GUID, "Nullable(UUID)", "UUID"),
        (ScalarType.DYNAMIC, "String", "String"),
    ],
)
def test_each_type_has_its_engine_type(scalar_type: ScalarType, stored: str, required: str) -> None:
    assert expression_type(scalar_type) == stored
    assert required_type(scalar_type) == required
    assert is_nullable(scalar_type) == (stored != required)


def test_a_table_is_quoted() -> None:
    assert EngineTable("a`b", "c d").sql == "`a\\`b`.`c d`"
