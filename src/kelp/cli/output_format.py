"""The formats that `--format` names."""

from __future__ import annotations

from enum import StrEnum


class OutputFormat(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
