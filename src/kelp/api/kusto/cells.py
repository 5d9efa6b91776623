"""Rows as Kusto's clients read them: a `dynamic` cell is a JSON value of its own, where Azure Monitor has its text."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from kelp.kql.types import Column
    from kelp.query.execution import RunningTable

_ROWS_AT_A_TIME = 1_000
"""A few milliseconds of work, after which others have their turn."""
_NULL = b"null"
_read_rows = msgspec.json.Decoder(list[list[msgspec.Raw]]).decode
_read_text = msgspec.json.Decoder(str).decode
_check_value = msgspec.json.Decoder(msgspec.Raw).decode


async def iter_rows(table: RunningTable) -> AsyncIterator[bytes]:
    """Yield the rows of a table in parts: arrays with commas between them, none at either end."""
    dynamics = _find_dynamics(table.result.columns)
    async for chunk in table.iter_chunks():
        if not dynamics:
            # A line end inside of a value is escaped, so each raw one ends a row.
            yield chunk[:-1].replace(b"\n", b",")
            continue
        lines = chunk.splitlines()
        for start in range(0, len(lines), _ROWS_AT_A_TIME):
            yield _embed(b",".join(lines[start : start + _ROWS_AT_A_TIME]), dynamics)
            await asyncio.sleep(0)


def _find_dynamics(columns: Sequence[Column]) -> list[int]:
    return [index for index, column in enumerate(columns) if column.type is ScalarType.DYNAMIC]


def _embed(rows: bytes, dynamics: Sequence[int]) -> bytes:
    parsed = _read_rows(b"[" + rows + b"]")
    for row in parsed:
        for index in dynamics:
            cell = row[index]
            if bytes(cell) != _NULL:
                row[index] = _embed_cell(cell)
    return msgspec.json.encode(parsed)[1:-1]


def _embed_cell(cell: msgspec.Raw) -> msgspec.Raw:
    """Return the value that the cell's text spells, digit by digit; the text itself where it spells none."""
    try:
        return _check_value(_read_text(cell)).copy()
    except msgspec.DecodeError:
        return cell
