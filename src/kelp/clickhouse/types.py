"""KQL types as the engine stores and computes them, and the name of a stored table. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from kelp.clickhouse.quoting import quote_identifier
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICKS_PER_SECOND = 10_000_000
"""KQL counts time in units of 100 nanoseconds, and so does `DateTime64(7)`."""

SERIES = "Array(Array(Nullable(Float64)))"
"""A series as segments take and give it: an array of one, or of none, for the engine has no array that is null."""

_TYPES: Mapping[ScalarType, str] = MappingProxyType(
    {
        ScalarType.BOOL: "Bool",
        ScalarType.INT: "Int32",
        ScalarType.LONG: "Int64",
        ScalarType.REAL: "Float64",
        ScalarType.DECIMAL: "Decimal(38, 18)",
        ScalarType.STRING: "String",
        ScalarType.DATETIME: "DateTime64(7, 'UTC')",
        # Ticks, because an interval of the engine has no exact arithmetic in 100 ns.
        ScalarType.TIMESPAN: "Int64",
        ScalarType.GUID: "UUID",
        # The exact JSON text as it came; '' and 'null' mean null.
        ScalarType.DYNAMIC: "String",
    }
)
_TEXTS = frozenset({ScalarType.STRING, ScalarType.DYNAMIC})


def is_nullable(scalar_type: ScalarType) -> bool:
    """Tell whether the engine's type has a null of its own (texts say "nothing" with the empty string)."""
    return scalar_type not in _TEXTS


def expression_type(scalar_type: ScalarType) -> str:
    """Return the engine's type of a KQL value: of expressions, and of stored columns that may be null."""
    required = _TYPES[scalar_type]
    return f"Nullable({required})" if is_nullable(scalar_type) else required


def required_type(scalar_type: ScalarType) -> str:
    """Return the engine's type of a column that is never null, such as `TimeGenerated`."""
    return _TYPES[scalar_type]


def print_moment(ticks: int) -> str:
    """Return a moment, given in 100 ns since 1970, as the engine reads and writes it."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment.year:04}-{moment:%m-%d %H:%M:%S}.{fraction:07d}"


@dataclass(frozen=True, slots=True, order=True)
class EngineTable:
    """A stored table: a database of the engine (a workspace has its own) and a name in it."""

    database: str
    name: str

    @property
    def sql(self) -> str:
        """Both names, quoted."""
        return f"{quote_identifier(self.database)}.{quote_identifier(self.name)}"
