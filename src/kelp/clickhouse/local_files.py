"""Statements that bring a file of this machine into a table of the embedded engine. Pure.

For the command line, whose user may read the file anyway. No other caller: a path is all that these statements check.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from kelp.clickhouse.ddl import SchemaStatement
from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.clickhouse.types import expression_type
from kelp.kql.types import Column, ScalarType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.clickhouse.types import EngineTable

LINE_COLUMNS = (Column("RawData", ScalarType.STRING), Column("LineNumber", ScalarType.LONG))
"""What a text file has: each line, and its number from 1."""


class FileFormat(StrEnum):
    """How a file is written. Compression is told by the engine from the name's end."""

    JSON = "JSONEachRow"
    """Objects one after the other, with or without line ends, or one array of them."""
    CSV = "CSVWithNames"
    TSV = "TSVWithNames"
    PARQUET = "Parquet"
    LINES = "LineAsString"


_SETTINGS = """
SETTINGS date_time_input_format = 'best_effort', input_format_try_infer_datetimes = 1,
  schema_inference_make_columns_nullable = 1, input_format_json_try_infer_numbers_from_strings = 0,
  input_format_json_infer_incomplete_types_as_strings = 1, input_format_csv_empty_as_default = 1"""
# Line numbers count what one reader reads from the start.
_IN_ORDER = ", max_threads = 1, input_format_parallel_parsing = 0"


def create_database(database: str) -> SchemaStatement:
    """Make a database for tables of files."""
    return SchemaStatement(f"CREATE DATABASE IF NOT EXISTS {quote_identifier(database)} ENGINE = Atomic")


def create_inferred(
    table: EngineTable, path: str, file_format: FileFormat, *, sample_rows: int
) -> SchemaStatement:
    """Make an empty table with the columns that the engine finds in the file's first rows (0: in all of them)."""
    return SchemaStatement(
        f"CREATE TABLE {table.sql} ENGINE = Memory EMPTY AS "
        f"SELECT * FROM file({_arguments(path, file_format)}){_SETTINGS}, "
        f"input_format_max_rows_to_read_for_schema_inference = {sample_rows or 1 << 62}",
        creates=frozenset({table}),
    )


def create_table(table: EngineTable, columns: Sequence[Column]) -> SchemaStatement:
    """Make a table for a file with these columns."""
    body = ", ".join(f"{quote_identifier(column.name)} {expression_type(column.type)}" for column in columns)
    return SchemaStatement(
        f"CREATE TABLE {table.sql} ({body}) ENGINE = MergeTree ORDER BY tuple()", creates=frozenset({table})
    )


def load_file(
    table: EngineTable, path: str, file_format: FileFormat, columns: Sequence[Column]
) -> SchemaStatement:
    """Fill the table from the file; of a text file `columns` are `LINE_COLUMNS`."""
    names = ", ".join(quote_identifier(column.name) for column in columns)
    match file_format:
        case FileFormat.LINES:
            source = f"SELECT line, rowNumberInAllBlocks() + 1 FROM file({_arguments(path, file_format)})"
        case FileFormat.PARQUET:
            cells = ", ".join(_from_parquet(column) for column in columns)
            source = f"SELECT {cells} FROM file({_arguments(path, file_format)})"
        case FileFormat.JSON | FileFormat.CSV | FileFormat.TSV:
            structure = ", ".join(
                f"{quote_identifier(column.name)} {expression_type(column.type)}" for column in columns
            )
            source = f"SELECT {names} FROM file({_arguments(path, file_format)}, {quote_string(structure)})"
        case _ as unreachable:
            assert_never(unreachable)
    order = _IN_ORDER if file_format is FileFormat.LINES else ""
    return SchemaStatement(
        f"INSERT INTO {table.sql} ({names}) {source}{_SETTINGS}{order}", touches=frozenset({table})
    )


def _arguments(path: str, file_format: FileFormat) -> str:
    return f"{quote_string(path)}, {quote_string(file_format)}"


def _from_parquet(column: Column) -> str:
    """The cell in the type in which Kelp stores it: nested values as JSON text, texts without null."""
    name = quote_identifier(column.name)
    match column.type:
        case ScalarType.DYNAMIC:
            return f"toJSONString({name})"
        case ScalarType.STRING:
            return f"ifNull(toString({name}), '')"
        case _:
            return f"CAST({name} AS {expression_type(column.type)})"
