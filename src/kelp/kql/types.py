"""The scalar types of KQL, and the shape of a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ScalarType(StrEnum):
    """A scalar type; its value is the name the query API reports."""

    BOOL = "bool"
    INT = "int"
    LONG = "long"
    REAL = "real"
    DECIMAL = "decimal"
    STRING = "string"
    DATETIME = "datetime"
    TIMESPAN = "timespan"
    GUID = "guid"
    DYNAMIC = "dynamic"

    @property
    def is_numeric(self) -> bool:
        """Whether arithmetic is defined between any two such types."""
        return self in NUMERIC


NUMERIC = frozenset({ScalarType.INT, ScalarType.LONG, ScalarType.REAL, ScalarType.DECIMAL})

TYPE_NAMES: dict[str, ScalarType] = {
    **{member.value: member for member in ScalarType},
    "boolean": ScalarType.BOOL,
    "int32": ScalarType.INT,
    "int64": ScalarType.LONG,
    "uint": ScalarType.INT,
    "ulong": ScalarType.LONG,
    "double": ScalarType.REAL,
    "float": ScalarType.REAL,
    "date": ScalarType.DATETIME,
    "time": ScalarType.TIMESPAN,
    "uniqueid": ScalarType.GUID,
    "uuid": ScalarType.GUID,
}
"""Every spelling of a type in query text (lower case; compare case-insensitively in declarations)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or of an intermediate result."""

    name: str
    type: ScalarType


@dataclass(frozen=True, slots=True)
class RowSchema:
    """The ordered columns of a tabular value. Names are unique and case-sensitive."""

    columns: tuple[Column, ...]

    def find_column(self, name: str) -> Column | None:
        """Return the column of that exact name."""
        for column in self.columns:
            if column.name == name:
                return column
        return None
