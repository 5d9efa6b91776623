"""The answer of a query as the command line prints it, whether a server gave it or an engine in this process."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from kelp.cli.diagnostics import Finding, WireFinding


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column: its name and KQL type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ResultTable:
    """One table; a row is the JSON text of an array, as in the query API, so that no digit of a number is lost."""

    name: str
    columns: tuple[ResultColumn, ...]
    rows: list[msgspec.Raw]


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """All tables; `partial_reason` says why they are not whole, `warnings` what in the text is slow."""

    tables: tuple[ResultTable, ...]
    partial_reason: str | None = None
    warnings: tuple[Finding, ...] = ()


class _WireError(msgspec.Struct):
    message: str = ""
    innererror: _WireError | None = None
    details: list[_WireError] = []


class _WireAnswer(msgspec.Struct):
    tables: tuple[ResultTable, ...]
    error: _WireError | None = None
    warnings: list[WireFinding] = []


def decode_answer(body: bytes, text: str) -> QueryAnswer:
    """Read a document of the query API, the answer to a query's text. Raises `msgspec.DecodeError` for any other."""
    answer = msgspec.json.decode(body, type=_WireAnswer)
    reason = None if answer.error is None else _deepest_message(answer.error)
    return QueryAnswer(answer.tables, reason, tuple(found.locate(text) for found in answer.warnings))


def encode_answer(answer: QueryAnswer) -> bytes:
    """Write the tables as the query API does."""
    return msgspec.json.encode({"tables": answer.tables})


def _deepest_message(error: _WireError) -> str:
    inner = error.innererror or (error.details[0] if error.details else None)
    return (inner and _deepest_message(inner)) or error.message
