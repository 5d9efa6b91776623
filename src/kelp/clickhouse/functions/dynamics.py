"""Functions over dynamic values, which are JSON text."""

from __future__ import annotations

from kelp.clickhouse.functions.spelling import Spelling

SPELLINGS: dict[str, Spelling] = {}
