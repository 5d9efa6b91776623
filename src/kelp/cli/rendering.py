"""Prints answers: as tables for people, as the query API's JSON, as CSV."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Literal, TextIO, assert_never

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kelp.cli.output_format import OutputFormat
from kelp.cli.result import encode_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kelp.cli.result import QueryAnswer, ResultTable

MAXIMUM_SHOWN_ROWS = 1_000
"""Of a table printed for people; the other formats print every row."""

_UNBOUNDED = 1_000_000
_NUMBERS = frozenset({"int", "long", "real", "decimal"})

_decode_cells = msgspec.json.Decoder(list[object]).decode


def print_answer(answer: QueryAnswer, output_format: OutputFormat, stream: TextIO) -> None:
    """Print all tables of the answer."""
    match output_format:
        case OutputFormat.TABLE:
            # Text that goes to a file or another program is not folded.
            console = Console(file=stream, highlight=False, width=None if stream.isatty() else _UNBOUNDED)
            for table in answer.tables:
                _print_table(table, console, with_name=len(answer.tables) > 1)
        case OutputFormat.JSON:
            stream.write(encode_answer(answer).decode() + "\n")
        case OutputFormat.CSV:
            for index, table in enumerate(answer.tables):
                if index:
                    stream.write("\n")
                _print_csv(table, stream)
        case _ as unreachable:
            assert_never(unreachable)


def _print_table(table: ResultTable, console: Console, *, with_name: bool) -> None:
    shown = Table(
        box=SIMPLE_HEAD, title=table.name if with_name else None, title_justify="left", pad_edge=False
    )
    for column in table.columns:
        justify: Literal["left", "right"] = "right" if column.type in _NUMBERS else "left"
        shown.add_column(Text(column.name), justify=justify, overflow="fold")
    for row in table.rows[:MAXIMUM_SHOWN_ROWS]:
        shown.add_row(*(Text(_show(cell)) for cell in _decode_cells(row)))
    if table.columns:
        console.print(shown)
    console.print(Text(_count(table)))


def _count(table: ResultTable) -> str:
    rows = len(table.rows)
    counted = "1 row" if rows == 1 else f"{rows:,} rows"
    if rows > MAXIMUM_SHOWN_ROWS:
        return (
            f"{counted}, of which the first {MAXIMUM_SHOWN_ROWS:,} are shown; --format csv or json prints all"
        )
    return counted


def _print_csv(table: ResultTable, stream: TextIO) -> None:
    """Write as RFC 4180 says, but with plain line ends."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows(_iter_texts(table.rows))


def _iter_texts(rows: Sequence[msgspec.Raw]) -> Iterator[list[str]]:
    for row in rows:
        yield [_show(cell) for cell in _decode_cells(row)]


def _show(cell: object) -> str:
    """Null is nothing, truth values are words as in KQL."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case _:
            return str(cell)
