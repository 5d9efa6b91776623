"""`getschema`: the columns of the input as rows."""

from __future__ import annotations

from kelp.kql import bound
from kelp.kql.types import Column, RowSchema, ScalarType

_SCHEMA = RowSchema(
    (
        Column("ColumnName", ScalarType.STRING),
        Column("ColumnOrdinal", ScalarType.LONG),
        Column("DataType", ScalarType.STRING),
        Column("ColumnType", ScalarType.STRING),
    )
)

DOTNET_NAMES = {
    ScalarType.BOOL: "System.SByte",
    ScalarType.INT: "System.Int32",
    ScalarType.LONG: "System.Int64",
    ScalarType.REAL: "System.Double",
    ScalarType.DECIMAL: "System.Data.SqlTypes.SqlDecimal",
    ScalarType.STRING: "System.String",
    ScalarType.DATETIME: "System.DateTime",
    ScalarType.TIMESPAN: "System.TimeSpan",
    ScalarType.GUID: "System.Guid",
    ScalarType.DYNAMIC: "System.Object",
}


def bind_getschema(source: bound.Operator) -> bound.Rows:
    """Return a row for each column of the input; the input itself is not read."""
    rows = tuple(
        (
            bound.Literal(ScalarType.STRING, column.name),
            bound.Literal(ScalarType.LONG, ordinal),
            bound.Literal(ScalarType.STRING, DOTNET_NAMES[column.type]),
            bound.Literal(ScalarType.STRING, column.type.value),
        )
        for ordinal, column in enumerate(source.schema.columns)
    )
    return bound.Rows(_SCHEMA, rows)
