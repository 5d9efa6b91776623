"""Estimators of distinct counts that can be kept: `hll`, `hll_merge`, `dcount_hll` (rules HLL-1 to HLL-3).

A state is the dynamic array `[["hll", 1, precision], check, state]`: the version of this form, the size of the engine's
estimator, a checksum of the last item, and the engine's own state of `uniqCombined64` over hashes in base64. What is
anything else, or was altered, is no state and counts as null: the engine would fail on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.groups import Group, over
from kelp.clickhouse.functions.hashes import hash_of
from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import AggregateSpelling, Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlColumn, SqlLambda
from kelp.kql.bound import Literal
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import AggregateCall, Call

_PRECISIONS = (16, 18)
_PRECISION_OF_ACCURACY = {0: 16, 1: 16, 2: 16, 3: 18, 4: 18}
"""HLL-1: each is as good as KQL asks for or better. There are only two, so that states can be merged."""

_VERSION = 1
_EMPTY_STATE = "AQA="
"""The engine's state over no values."""


def _state(precision: int) -> str:
    return f"AggregateFunction(uniqCombined64({precision}), UInt64)"


def _written(precision: int, state: SqlExpression) -> SqlExpression:
    """Return a state of the engine as the text of our form."""

    def text(encoded: SqlExpression) -> SqlExpression:
        check = call("toString", call("xxHash64", encoded))
        return call("concat", f'[["hll",{_VERSION},{precision}],"', check, '","', encoded, '"]')

    return bind_once((call("base64Encode", call("toString", state)),), text)


def _encoded(text: SqlExpression) -> SqlExpression:
    return call("JSONExtractString", text, 3)


def _is_state(text: SqlExpression, precision: int) -> SqlExpression:
    return call(
        "and",
        call("equals", call("JSONExtractString", text, 1, 1), "hll"),
        call("equals", call("JSONExtractInt", text, 1, 2), _VERSION),
        call("equals", call("JSONExtractInt", text, 1, 3), precision),
        call(
            "equals", call("JSONExtractString", text, 2), call("toString", call("xxHash64", _encoded(text)))
        ),
    )


def _read(text: SqlExpression, precision: int, is_state: SqlExpression) -> SqlExpression:
    encoded = call("if", is_state, _encoded(text), _EMPTY_STATE)
    return SqlCast(call("base64Decode", encoded), _state(precision))


# --- aggregations ----------------------------------------------------------------------------------------------------


def _hll(group: Group, aggregate: AggregateCall) -> Lowered:
    precision = _precision(aggregate)
    value = group.value
    kept = group.without_empty() if value.type is T.DYNAMIC else group
    hashed = hash_of(value)
    if value.nullable:
        kept = kept.only(call("isNotNull", value.sql))
        hashed = call("assumeNotNull", hashed)
    state = kept.apply("uniqCombined64State", hashed, parameters=(literal(precision),))
    return as_text(_written(precision, state), T.DYNAMIC)


def _precision(aggregate: AggregateCall) -> int:
    level = aggregate.arguments[-1] if len(aggregate.arguments) > 1 else None
    accuracy = level.value if isinstance(level, Literal) and level.type in (T.INT, T.LONG) else 1
    precision = _PRECISION_OF_ACCURACY.get(accuracy) if isinstance(accuracy, int) else None
    if precision is None:
        raise refusal(WRONG_ARGUMENTS, "the accuracy of hll is a number from 0 to 4", aggregate.span)
    return precision


def _merge(group: Group, aggregate: AggregateCall) -> Lowered:
    """HLL-2: what is no state is passed over; states of both precisions together give null."""
    del aggregate
    text = group.value.sql
    merged = []
    for precision in _PRECISIONS:
        is_state = _is_state(text, precision)
        found = call("countIf", is_state)
        state = SqlCall(
            "uniqCombined64MergeStateIf",
            (_read(text, precision, is_state), is_state),
            (literal(precision),),
        )
        merged.append((found, _written(precision, state)))
    (small, small_text), (large, large_text) = merged
    chosen = call(
        "multiIf",
        *(call("and", call("greater", small, 0), call("equals", large, 0)), small_text),
        *(call("and", call("greater", large, 0), call("equals", small, 0)), large_text),
        "",
    )
    return as_text(chosen, T.DYNAMIC)


# --- functions -------------------------------------------------------------------------------------------------------


def _count(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """HLL-3: null for what is no state."""

    def count(text: SqlExpression) -> SqlExpression:
        parts: list[SqlExpression] = []
        for precision in _PRECISIONS:
            is_state = _is_state(text, precision)
            number = call("finalizeAggregation", _read(text, precision, is_state))
            parts += [is_state, call("toInt64", number)]
        return call("multiIf", *parts, literal(None))

    return Lowered(bind_once((arguments[0].sql,), count), bound_call.type, nullable=True)


def _merge_values(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def states(texts: SqlExpression, precision: int) -> SqlExpression:
        text = SqlColumn("", "t")
        return call("arrayFilter", SqlLambda(("t",), _is_state(text, precision)), texts)

    def merge(precision: int, found: SqlExpression) -> SqlExpression:
        read = call("arrayMap", SqlLambda(("t",), _read(SqlColumn("", "t"), precision, literal(True))), found)
        return _written(precision, call("arrayReduce", f"uniqCombined64MergeState({precision})", read))

    def merged(texts: SqlExpression) -> SqlExpression:
        small, large = (states(texts, precision) for precision in _PRECISIONS)
        return call(
            "multiIf",
            *(call("and", call("notEmpty", small), call("empty", large)), merge(_PRECISIONS[0], small)),
            *(call("and", call("notEmpty", large), call("empty", small)), merge(_PRECISIONS[1], large)),
            "",
        )

    texts = SqlCall("array", tuple(value.sql for value in arguments))
    return as_text(bind_once((texts,), merged), bound_call.type)


SPELLINGS: dict[str, Spelling] = {"dcount_hll": _count, "hll_merge": _merge_values}

AGGREGATES: dict[str, AggregateSpelling] = {
    "hll": over(_hll),
    "hll_if": over(_hll, conditional=True),
    "hll_merge": over(_merge),
}
