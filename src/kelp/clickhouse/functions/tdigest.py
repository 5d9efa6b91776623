"""Digests of distributions, which can be kept: `tdigest`, `merge_tdigest`, and what reads them (TDIGEST-1 to 4).

A digest is the dynamic array `[["tdigest", 1, type], values, weights]`: the version of this form, what the values are,
then values in order, and how many values of the group each stands for, itself the greatest of them. Datetimes and
timespans are ticks. Up to `_MAX_VALUES` values a digest is exact; above, values stand the closer to each other the
nearer they are to the ends, as in the t-digest of Dunning and Ertl.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.groups import Group
from kelp.clickhouse.functions.json_text import NULL, bind_once, json_array, to_json
from kelp.clickhouse.functions.spelling import (
    AggregateSpelling,
    Lowered,
    Spelling,
    as_text,
    call,
    literal,
    null_of,
)
from kelp.clickhouse.functions.ticks import datetime_of, ticks_of
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import AggregateCall, Call

_VERSION = 1
_MAX_VALUES = 1024
_CLUSTERS = 512
_ACCURACY = 10_000
_KINDS = {T.INT: T.LONG, T.DECIMAL: T.REAL}
_KIND_NAMES = (T.LONG, T.REAL, T.DATETIME, T.TIMESPAN)

_NUMBERS = "Array(Int64)"


# --- making ----------------------------------------------------------------------------------------------------------


def _digest(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    """TDIGEST-1: nulls, NaN, and weights that are not above 0, do not count."""
    group, kind = _numbers(arguments)
    if len(arguments) == 1:
        values = call("arraySort", group.apply("groupArray"))
        made = bind_once((values,), lambda held: _written(kind, *_reduced(held, _ones(held))))
        return as_text(made, aggregate.type)
    pair = call("tuple", group.value.sql, _weight(arguments[1]))
    pairs = call("arraySort", group.apply("groupArray", pair))
    made = bind_once(
        (pairs,),
        lambda held: _written(kind, *_reduced(call("tupleElement", held, 1), call("tupleElement", held, 2))),
    )
    return as_text(made, aggregate.type)


def _digest_of_few_groups(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    """Estimate the values of many rows, so that not all are held."""
    if len(arguments) > 1:
        return _digest(aggregate, arguments)
    group, kind = _numbers(arguments)
    estimated = group.apply("quantilesGK", parameters=(literal(_ACCURACY), *_levels()))
    first = call("arraySort", group.apply("groupArray", parameters=(literal(_MAX_VALUES + 1),)))

    def made(few: SqlExpression, many: SqlExpression, count: SqlExpression) -> SqlExpression:
        level = call("cos", call("multiply", SqlColumn("", "i"), math.pi / _CLUSTERS))
        rank = call("round", call("multiply", call("divide", call("minus", 1, level), 2), count))
        ranks = call("arrayMap", SqlLambda(("i",), call("toInt64", rank)), call("range", _CLUSTERS + 1))
        weights = call("arrayDifference", ranks)
        return call(
            "if",
            call("lessOrEquals", count, _MAX_VALUES),
            _written(kind, few, _ones(few)),
            _written(kind, many, weights),
        )

    return as_text(bind_once((first, estimated, call("toInt64", group.count())), made), aggregate.type)


@cache
def _levels() -> tuple[SqlExpression, ...]:
    """Return the parts of the rows up to the ends of the clusters, which are small at both ends."""
    angles = (math.pi * index / _CLUSTERS for index in range(_CLUSTERS + 1))
    return tuple(literal((1 - math.cos(angle)) / 2) for angle in angles)


def _numbers(arguments: tuple[Lowered, ...]) -> tuple[Group, T]:
    """Return the values as whole numbers or reals, and what they are."""
    value = arguments[0]
    kind = _KINDS.get(value.type, value.type)
    number: SqlExpression
    if kind is T.REAL:
        number = call("toFloat64", value.sql)
    else:
        number = ticks_of(value) if kind is T.DATETIME else call("toInt64", value.sql)
    group = Group((Lowered(number, kind, value.nullable),))
    if value.nullable:
        group = Group((Lowered(call("assumeNotNull", number), kind, nullable=False),)).only(
            call("isNotNull", value.sql)
        )
    if kind is T.REAL:
        group = group.only(call("not", call("isNaN", group.value.sql)))
    if len(arguments) > 1:
        group = group.only(call("greater", _weight(arguments[1]), 0))
    return group, kind


def _weight(value: Lowered) -> SqlExpression:
    number = call("toInt64", value.sql)
    return call("ifNull", number, 0) if value.nullable else number


def _ones(values: SqlExpression) -> SqlExpression:
    return call("arrayWithConstant", call("length", values), call("toInt64", 1))


def _written(kind: T, values: SqlExpression, weights: SqlExpression) -> SqlExpression:
    item = Lowered(SqlColumn("", "x"), T.REAL if kind is T.REAL else T.LONG, nullable=False)
    texts = call("arrayMap", SqlLambda(("x",), to_json(item)), values)
    return _text(literal(kind.value), texts, weights)


def _text(kind: SqlExpression, texts: SqlExpression, weights: SqlExpression) -> SqlExpression:
    numbers = call("arrayMap", SqlLambda(("w",), call("toString", SqlColumn("", "w"))), weights)
    return call(
        "concat",
        *(f'[["tdigest",{_VERSION},"', kind, '"],', json_array(texts), ",", json_array(numbers), "]"),
    )


def _reduced(values: SqlExpression, weights: SqlExpression) -> tuple[SqlExpression, SqlExpression]:
    """Return fewer values and their weights: the greatest of each cluster, and the least of all (TDIGEST-2)."""
    sums, total = SqlColumn("", "s"), call("arraySum", weights)
    place = call("divide", call("minus", sums, call("divide", SqlColumn("", "w"), 2)), total)
    angle = call("acos", call("minus", 1, call("multiply", 2, place)))
    cluster = call("toInt32", call("multiply", call("divide", angle, math.pi), _CLUSTERS))
    running = call("arrayCumSum", weights)
    clusters = call("arrayMap", SqlLambda(("s", "w"), cluster), running, weights)
    following = call("arrayPushBack", call("arrayPopFront", clusters), -1)
    is_last = SqlLambda(
        ("k", "n", "i"),
        call(
            "or",
            call("notEquals", SqlColumn("", "k"), SqlColumn("", "n")),
            call("equals", SqlColumn("", "i"), 1),
        ),
    )
    kept = call("arrayMap", is_last, clusters, following, call("arrayEnumerate", values))
    choose = SqlLambda(("v", "k"), SqlColumn("", "k"))
    fewer = call("arrayFilter", choose, values, kept)
    sums_kept = call("arrayFilter", choose, running, kept)
    before = call("arrayPushFront", call("arrayPopBack", sums_kept), call("toInt64", 0))
    difference = SqlLambda(("a", "b"), call("minus", SqlColumn("", "a"), SqlColumn("", "b")))
    lighter = call("arrayMap", difference, sums_kept, before)
    is_small = call("lessOrEquals", call("length", values), _MAX_VALUES)
    return call("if", is_small, values, fewer), call("if", is_small, weights, lighter)


# --- merging ---------------------------------------------------------------------------------------------------------


def _merge(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    """TDIGEST-3: what is no digest is passed over; digests of values of different types give null."""
    text = arguments[0].sql
    group = Group(arguments).only(_is_digest(text))
    kinds = group.apply("groupUniqArray", _kind(text), parameters=(literal(2),))
    values, weights = (
        group.apply("groupArrayArray", _values(text)),
        group.apply("groupArrayArray", _weights(text)),
    )
    return as_text(bind_once((kinds, values, weights), _merged), aggregate.type)


def _merge_values(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def merged(texts: SqlExpression) -> SqlExpression:
        text = SqlColumn("", "t")
        kinds = call("arrayDistinct", call("arrayMap", SqlLambda(("t",), _kind(text)), texts))
        values, weights = (
            call("arrayFlatten", call("arrayMap", SqlLambda(("t",), part(text)), texts))
            for part in (_values, _weights)
        )
        return bind_once((kinds, values, weights), _merged)

    texts = SqlCall("array", tuple(value.sql for value in arguments))
    valid = call("arrayFilter", SqlLambda(("t",), _is_digest(SqlColumn("", "t"))), texts)
    return as_text(bind_once((valid,), merged), bound_call.type)


def _merged(kinds: SqlExpression, values: SqlExpression, weights: SqlExpression) -> SqlExpression:
    def written(pairs: SqlExpression, of: SqlExpression) -> SqlExpression:
        fewer = _reduced(call("tupleElement", pairs, 1), call("tupleElement", pairs, 2))
        text = _text(call("arrayElement", of, 1), *fewer)
        return call("if", call("equals", call("length", of), 1), text, "")

    pair = call("tupleElement", SqlColumn("", "p"), 1)
    pairs = call("arraySort", SqlLambda(("p",), _order_of(pair)), call("arrayZip", values, weights))
    return bind_once((pairs, kinds), written)


def _order_of(text: SqlExpression) -> SqlExpression:
    """Return what sorts the JSON texts of numbers: reals, and whole numbers that are the same real."""
    return call("tuple", call("toFloat64OrZero", text), call("toInt64OrZero", text))


# --- reading ---------------------------------------------------------------------------------------------------------


def _is_digest(text: SqlExpression) -> SqlExpression:
    return call(
        "and",
        call("equals", call("JSONExtractString", text, 1, 1), "tdigest"),
        call("equals", call("JSONExtractInt", text, 1, 2), _VERSION),
        call("in", _kind(text), SqlCall("tuple", tuple(literal(kind.value) for kind in _KIND_NAMES))),
        call("equals", call("length", _values(text)), call("length", _weights(text))),
    )


def _kind(text: SqlExpression) -> SqlExpression:
    return call("JSONExtractString", text, 1, 3)


def _values(text: SqlExpression) -> SqlExpression:
    return call("JSONExtractArrayRaw", text, 2)


def _weights(text: SqlExpression) -> SqlExpression:
    return call("JSONExtract", text, 3, _NUMBERS)


def _value_text(text: SqlExpression, kind: SqlExpression) -> SqlExpression:
    """Return the JSON text of a value of a digest as that of its type."""
    ticks = call("toInt64OrZero", text)
    moment = to_json(Lowered(datetime_of(ticks), T.DATETIME, nullable=False))
    span = to_json(Lowered(ticks, T.TIMESPAN, nullable=False))
    real = to_json(Lowered(call("toFloat64OrZero", text), T.REAL, nullable=False))
    return call(
        "multiIf",
        *(call("equals", kind, T.LONG.value), text),
        *(call("equals", kind, T.REAL.value), real),
        *(call("equals", kind, T.DATETIME.value), moment),
        span,
    )


def _percentile_text(text: SqlExpression, percents: SqlExpression) -> SqlExpression:
    """Return the JSON texts of the percentiles of a digest: the least value that so many do not exceed."""

    def found(
        values: SqlExpression, sums: SqlExpression, kind: SqlExpression, wanted: SqlExpression
    ) -> SqlExpression:
        least = call("multiply", call("divide", SqlColumn("", "q"), 100), call("arrayElement", sums, -1))
        reached = SqlLambda(("c",), call("greaterOrEquals", SqlColumn("", "c"), call("minus", least, 1e-9)))
        value = call("arrayElement", values, call("arrayFirstIndex", reached, sums))
        one = call("if", call("empty", value), NULL, _value_text(value, kind))
        return call("arrayMap", SqlLambda(("q",), one), wanted)

    return bind_once((_values(text), call("arrayCumSum", _weights(text)), _kind(text), percents), found)


def _percentile(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """TDIGEST-4."""
    digest, level = arguments
    percent = call("array", call("ifNull", call("toFloat64", level.sql), math.nan))

    def found(text: SqlExpression, percents: SqlExpression) -> SqlExpression:
        value = call("arrayElement", _percentile_text(text, percents), 1)
        return call("if", _is_digest(text), value, "")

    return as_text(bind_once((digest.sql, percent), found), bound_call.type)


def _percentiles(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    digest, *levels = arguments
    percents = SqlCall(
        "array", tuple(call("ifNull", call("toFloat64", level.sql), math.nan) for level in levels)
    )
    return _list(bound_call, digest, percents)


def _percentiles_of_list(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    digest, levels = arguments
    return _list(bound_call, digest, call("JSONExtract", levels.sql, "Array(Float64)"))


def _list(bound_call: Call, digest: Lowered, percents: SqlExpression) -> Lowered:
    def found(text: SqlExpression, wanted: SqlExpression) -> SqlExpression:
        return call("if", _is_digest(text), json_array(_percentile_text(text, wanted)), "")

    return as_text(bind_once((digest.sql, percents), found), bound_call.type)


def _rank(bound_call: Call, arguments: tuple[Lowered, ...], *, is_percent: bool) -> Lowered:
    """TDIGEST-4: how many values, or which part of them in percent, do not exceed one; null for another type's."""
    digest, value = arguments
    kind = _KINDS.get(value.type, value.type)
    if kind not in _KIND_NAMES:
        return Lowered(null_of(T.REAL), T.REAL, nullable=True)
    number = ticks_of(value) if kind is T.DATETIME else value.sql
    real = call("toFloat64", number)
    whole = literal(0) if kind is T.REAL else call("toInt64", number)
    allowed = ("long", "real") if kind in (T.LONG, T.REAL) else (kind.value,)

    def ranked(text: SqlExpression, limit: SqlExpression, exact: SqlExpression) -> SqlExpression:
        weights = _weights(text)
        item = SqlColumn("", "v")
        within = call("lessOrEquals", call("toFloat64OrZero", item), limit)
        if kind is not T.REAL:
            within = call("lessOrEquals", _order_of(item), call("tuple", limit, exact))
        counts = SqlLambda(("v", "w"), call("multiply", SqlColumn("", "w"), within))
        counted = call("arraySum", counts, _values(text), weights)
        rank: SqlExpression = call("toFloat64", counted)
        if is_percent:
            total = call("nullIf", call("arraySum", weights), 0)
            rank = call("divide", call("multiply", rank, 100), total)
        is_of_kind = call("in", _kind(text), SqlCall("tuple", tuple(map(literal, allowed))))
        return call("if", call("and", _is_digest(text), is_of_kind), rank, literal(None))

    known = Lowered(
        bind_once((digest.sql, _present(real, value), _present(whole, value)), ranked), T.REAL, nullable=True
    )
    if not value.nullable:
        return known
    return Lowered(
        call("if", call("isNull", value.sql), literal(None), known.sql), bound_call.type, nullable=True
    )


def _present(number: SqlExpression, value: Lowered) -> SqlExpression:
    return call("ifNull", number, 0) if value.nullable else number


SPELLINGS: dict[str, Spelling] = {
    "percentile_tdigest": _percentile,
    "percentiles_array_tdigest": _percentiles,
    "percentiles_array_tdigest list": _percentiles_of_list,
    "rank_tdigest": lambda bound_call, arguments: _rank(bound_call, arguments, is_percent=False),
    "percentrank_tdigest": lambda bound_call, arguments: _rank(bound_call, arguments, is_percent=True),
    "merge_tdigest": _merge_values,
}

AGGREGATES: dict[str, AggregateSpelling] = {"tdigest": _digest, "merge_tdigest": _merge}
AGGREGATES_OF_FEW_GROUPS: dict[str, AggregateSpelling] = {"tdigest": _digest_of_few_groups}
