"""Cells as the result format wants them."""

from __future__ import annotations

from enum import StrEnum

from kelp.clickhouse.functions.spelling import Lowered


class Encoding(StrEnum):
    """What the result is read as."""

    WIRE = "wire"
    """JSON rows: timespans and decimals as text, NaN and infinities as text, dynamic null as null."""
    NATIVE = "native"
    """The engine's own types, for storage and for Arrow."""


def encode_cell(value: Lowered, encoding: Encoding) -> Lowered:
    """Return the cell for the encoding."""
    del encoding
    return value
