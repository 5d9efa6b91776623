"""The tables that every workspace has without declaring them, as data."""

from kelp.catalog.tables.built_in import StandardBuiltInTables
from kelp.catalog.tables.standard import (
    CANONICAL_COLUMNS,
    StandardTable,
    StandardTables,
    load_standard_tables,
    with_canonical_columns,
)

__all__ = [
    "CANONICAL_COLUMNS",
    "StandardBuiltInTables",
    "StandardTable",
    "StandardTables",
    "load_standard_tables",
    "with_canonical_columns",
]
