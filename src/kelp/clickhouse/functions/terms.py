"""Text operators: `has` and its family, `contains`, `startswith`, `=~`, `in~` ... (rules TERM-1 to TERM-6)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions import text_search
from kelp.clickhouse.functions.conversions import to_text
from kelp.clickhouse.functions.json_text import NULL, bind_once, is_array, json_elements, plain_texts
from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal, retyped
from kelp.clickhouse.functions.text_search import CONTAINS, EQUALS, HAS, Comparison, Edge
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call


def _both_cases(name: str, before: Edge, after: Edge) -> dict[str, Spelling]:
    return {
        name: partial(_compare, Comparison(before, after, is_case_sensitive=False)),
        f"{name}_cs": partial(_compare, Comparison(before, after, is_case_sensitive=True)),
    }


def _compare(comparison: Comparison, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    subject, needle = arguments
    text = text_search.find_text(needle)
    if text is None:
        found = text_search.match_computed(subject.sql, needle.sql, comparison)
    else:
        found = text_search.match_needle(subject, text, comparison)
    return Lowered(found, bound_call.type, nullable=False)


def _differ(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return Lowered(call("not", _compare(EQUALS, bound_call, arguments).sql), bound_call.type, nullable=False)


def _split_items(items: Sequence[Lowered]) -> tuple[list[str], list[Lowered]]:
    """Part the needles into constant texts and all others."""
    texts: list[str] = []
    others: list[Lowered] = []
    for item in items:
        text = text_search.find_text(item) if item.type is T.STRING else None
        if text is None:
            others.append(item)
        else:
            texts.append(text)
    return texts, others


def dynamic_elements(value: SqlExpression) -> SqlExpression:
    """Return the JSON texts that a dynamic value holds: an array's elements, or itself; nothing for null."""

    def elements(json: SqlExpression) -> SqlExpression:
        is_null = call("or", call("empty", json), call("equals", json, NULL))
        alone = call("if", is_null, call("emptyArrayString"), call("array", json))
        return call("if", is_array(json), json_elements(json), alone)

    return bind_once((value,), elements)


def dynamic_texts(value: SqlExpression) -> SqlExpression:
    """Return the texts that a dynamic value holds: those of an array's elements but for null, or its own."""
    is_value = SqlLambda(("e",), call("notEquals", SqlColumn("", "e"), NULL))
    return plain_texts(call("arrayFilter", is_value, dynamic_elements(value)))


def _has_any(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    subject, *items = arguments
    texts, others = _split_items(items)
    conditions = [text_search.match_any(subject, texts, HAS)] if texts else []
    for item in others:
        if item.type is T.DYNAMIC:
            conditions.append(text_search.exists_in(dynamic_texts(item.sql), subject, HAS))
        else:
            conditions.append(text_search.match_computed(subject.sql, item.sql, HAS))
    return Lowered(_join("or", conditions), bound_call.type, nullable=False)


def _has_all(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    subject, *items = arguments
    texts, others = _split_items(items)
    conditions = [text_search.match_all(subject, texts)] if texts else []
    for item in others:
        if item.type is T.DYNAMIC:
            conditions.append(text_search.exists_in(dynamic_texts(item.sql), subject, HAS, "arrayAll"))
        else:
            conditions.append(text_search.match_computed(subject.sql, item.sql, HAS))
    return Lowered(_join("and", conditions), bound_call.type, nullable=False)


def _in_ignoring_case(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    subject, *items = arguments
    texts, others = _split_items(items)
    text = text_search.lower(subject.sql)
    conditions: list[SqlExpression] = []
    if texts:
        lowered = tuple(literal(value.lower()) for value in dict.fromkeys(texts))
        conditions.append(call("in", text, SqlCall("tuple", lowered)))
    if not others:
        candidates = text_search.find_any_candidates(subject, texts)
        conditions = [*([candidates] if candidates else []), *conditions]
        return Lowered(_join("and", conditions, otherwise=False), bound_call.type, nullable=False)
    for item in others:
        if item.type is T.DYNAMIC:
            lowered_items = call("arrayMap", _lowering(), dynamic_texts(item.sql))
            conditions.append(call("has", lowered_items, text))
        else:
            conditions.append(call("equals", text, text_search.lower(item.sql)))
    return Lowered(_join("or", conditions), bound_call.type, nullable=False)


def _lowering() -> SqlExpression:
    return SqlLambda(("t",), text_search.lower(SqlColumn("", "t")))


def _join(word: str, conditions: list[SqlExpression], *, otherwise: bool | None = None) -> SqlExpression:
    if not conditions:
        return literal(word == "and" if otherwise is None else otherwise)
    return conditions[0] if len(conditions) == 1 else SqlCall(word, tuple(conditions))


SPELLINGS: dict[str, Spelling] = {
    **_both_cases("has", Edge.SEPARATOR, Edge.SEPARATOR),
    **_both_cases("hasprefix", Edge.SEPARATOR, Edge.ANYTHING),
    **_both_cases("hassuffix", Edge.ANYTHING, Edge.SEPARATOR),
    **_both_cases("contains", Edge.ANYTHING, Edge.ANYTHING),
    **_both_cases("startswith", Edge.NOTHING, Edge.ANYTHING),
    **_both_cases("endswith", Edge.ANYTHING, Edge.NOTHING),
    "=~": partial(_compare, EQUALS),
    "!~": _differ,
    "in~": _in_ignoring_case,
    "has_any": _has_any,
    "has_all": _has_all,
}

__all__ = ["CONTAINS", "SPELLINGS", "dynamic_texts", "retyped", "to_text"]
