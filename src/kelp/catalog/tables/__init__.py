"""The tables that every workspace has without declaring them, as data."""

from kelp.catalog.tables.standard import (
    CANONICAL_COLUMNS,
    StandardTable,
    StandardTables,
    load_standard_tables,
)

__all__ = ["CANONICAL_COLUMNS", "StandardTable", "StandardTables", "load_standard_tables"]
