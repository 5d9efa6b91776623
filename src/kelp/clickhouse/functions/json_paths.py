"""Reading a scalar out of a dynamic value where it stands: one extraction for `tolong(p.a.b[0])` (rule DYN-5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kelp.clickhouse.ddl import MaterializedColumn
from kelp.clickhouse.functions.dynamics import conjunction, path_of
from kelp.clickhouse.functions.json_text import plain_part
from kelp.clickhouse.functions.spelling import JsonPath, Lowered, call, literal
from kelp.clickhouse.printer import print_expression
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLiteral
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.plan.scope import PropertyPath

TEXT_READING = "String"
"""Of a property that is read as text: never NULL, as `tostring` gives it."""


def extract(value: Lowered, engine_type: str) -> SqlExpression:
    """Return the dynamic value as `engine_type`, which is nullable: NULL where there is none or it does not convert."""
    path = path_of(value)
    promoted = _find_promoted(path, engine_type)
    if promoted is not None:
        return promoted
    if _ends_in_element(path):
        *keys, position = path.keys
        elements = SqlCall("JSONExtract", (path.text, *keys, literal(f"Array({engine_type})")))
        return _guarded(path.guards[:-1], call("arrayElement", elements, position), literal(None))
    found = SqlCall("JSONExtract", (_text_of(value, path), *path.keys, literal(engine_type)))
    return _guarded(path.guards, found, literal(None))


def extract_text(value: Lowered) -> SqlExpression:
    """Return the dynamic value as `tostring` gives it, never NULL."""
    path = path_of(value)
    promoted = _find_promoted(path, TEXT_READING)
    if promoted is not None:
        return promoted
    return _guarded(path.guards, plain_part(_text_of(value, path), path.keys), literal(""))


def define_property_column(path: PropertyPath, *, repeats: bool) -> MaterializedColumn:
    """Return the column in which the engine keeps what it would else take out of the text for every query.

    Its expression is the one that queries use, so that both give the same. `repeats`: few different texts.
    """
    text = SqlColumn("", path.column)
    value = Lowered(
        text, ScalarType.DYNAMIC, nullable=False, origin=JsonPath(text, tuple(map(literal, path.keys)))
    )
    is_text = path.reading == TEXT_READING
    found = extract_text(value) if is_text else extract(value, path.reading)
    engine_type = "LowCardinality(String)" if is_text and repeats else path.reading
    name = f"${json.dumps([path.column, *path.keys])}:{path.reading}"
    return MaterializedColumn(name, engine_type, print_expression(found), path)


def _find_promoted(path: JsonPath, reading: str) -> SqlColumn | None:
    if path.stored is None or path.guards or reading.startswith("Array"):
        return None
    return path.stored.find(path.keys, reading)


def _text_of(value: Lowered, path: JsonPath) -> SqlExpression:
    """Text that is no valid JSON holds nothing at a path; as a whole it is a string, as which `value.sql` has it."""
    return path.text if path.keys else value.sql


def _ends_in_element(path: JsonPath) -> bool:
    """Tell whether the last step is a constant position; only arrays give engine arrays, so it needs no guard."""
    last = path.keys[-1] if path.keys else None
    return bool(path.guards) and isinstance(last, SqlLiteral) and isinstance(last.value, int)


def _guarded(
    guards: tuple[SqlExpression, ...], found: SqlExpression, otherwise: SqlExpression
) -> SqlExpression:
    return call("if", conjunction(guards), found, otherwise) if guards else found
