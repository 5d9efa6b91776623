"""A Kusto request: database, text, options, and parameters as KQL literals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from kelp.api.kusto.errors import bad_request
from kelp.kql import syntax
from kelp.kql.parser import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIME = re.compile(r"(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class KustoRequest:
    """A query or command (`csl`) over a database, which is a workspace by name or id."""

    database: str
    text: str
    timeout_seconds: float | None = None
    maximum_rows: int | None = None
    maximum_bytes: int | None = None
    defers_failures: bool = False
    parameters: Mapping[str, syntax.Expression] = field(default_factory=lambda: MappingProxyType({}))


def decode_kusto_request(document: Mapping[str, Any]) -> KustoRequest:
    """Return the request of a decoded body; `properties` is an object or its JSON text.

    Raises `ServiceError` (invalid).
    """
    text = document.get("csl")
    if not isinstance(text, str) or not text.strip():
        raise bad_request("'csl' must be the text of a query.")
    properties = _decode_properties(document.get("properties"))
    options = _object(properties, "Options")
    return KustoRequest(
        database=str(document.get("db") or ""),
        text=text,
        timeout_seconds=_decode_timeout(options.get("servertimeout")),
        maximum_rows=_decode_count(options.get("truncationmaxrecords")),
        maximum_bytes=_decode_count(options.get("truncationmaxsize")),
        defers_failures=options.get("deferpartialqueryfailures") in (True, "true"),
        parameters={
            name: _decode_literal(name, value) for name, value in _object(properties, "Parameters").items()
        },
    )


def _object(properties: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = properties.get(name) or {}
    if not isinstance(value, dict):
        raise bad_request(f"'{name}' of the request's properties must be an object.")
    return value


def _decode_count(value: object) -> int | None:
    """Read a limit; what is no number sets none, as with any option that is not understood."""
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None


def _decode_properties(properties: object) -> dict[str, Any]:
    if isinstance(properties, str) and properties.strip():
        try:
            properties = msgspec.json.decode(properties)
        except (msgspec.DecodeError, RecursionError) as error:
            raise bad_request(f"'properties' is not JSON: {error}.") from error
    return properties if isinstance(properties, dict) else {}


def _decode_timeout(value: object) -> float | None:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    days, hours, minutes, seconds = found.groups()
    return ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + float(seconds)


def _decode_literal(name: str, value: object) -> syntax.Expression:
    """Read a parameter's value, which is KQL text such as `'Ann'` or `datetime(2024-01-01)`, or a JSON number."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    parsed = parse(f"print {text}")
    match parsed.block.statements:
        case (
            syntax.QueryStatement(
                value=syntax.PipelineExpression(
                    pipeline=syntax.Pipeline(
                        source=syntax.Print(columns=(syntax.NamedExpression(value=literal),)), operators=()
                    )
                )
            ),
        ) if _is_literal(literal) and not parsed.diagnostics:
            return literal
    raise bad_request(f"The value of parameter '{name}' is not a KQL literal: {text}.")


def _is_literal(expression: syntax.Expression) -> bool:
    match expression:
        case syntax.Literal():
            return True
        case syntax.Unary(operator="-" | "+", operand=syntax.Literal()):
            return True
        case _:
            return False
