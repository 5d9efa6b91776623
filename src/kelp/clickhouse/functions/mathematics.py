"""Numeric functions, functions of bits, and what has no other place (rules MATH-1 to MATH-6)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import is_array, is_bag
from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal, plain
from kelp.clickhouse.sql import SqlCall, SqlCast
from kelp.clickhouse.types import required_type
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_INTEGERS = (T.INT, T.LONG)
_WHOLE_FROM = 2.0**52
"""Reals this large have no fraction."""
_FIXED_SIZES = {
    T.BOOL: 1, T.INT: 4, T.LONG: 8, T.REAL: 8, T.DATETIME: 8, T.TIMESPAN: 8, T.GUID: 16, T.DECIMAL: 16,
}  # fmt: skip


# --- nulls -----------------------------------------------------------------------------------------------------------


def _isnull(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """NULL-2: a string is never null."""
    (value,) = arguments
    if value.type is T.DYNAMIC:
        return Lowered(call("in", value.sql, call("tuple", "", "null")), bound_call.type, nullable=False)
    if value.type is T.STRING or not value.nullable:
        return Lowered(literal(False), bound_call.type, nullable=False)
    return Lowered(call("isNull", value.sql), bound_call.type, nullable=False)


def _isnotnull(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return Lowered(call("not", _isnull(bound_call, arguments).sql), bound_call.type, nullable=False)


# --- numbers ---------------------------------------------------------------------------------------------------------


def _abs(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (value,) = arguments
    size: SqlExpression = call("abs", value.sql)
    if bound_call.type in (T.LONG, T.TIMESPAN):
        size = call("toInt64", size)
    return Lowered(size, bound_call.type, value.nullable)


def _ceiling(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (value,) = arguments
    return (
        value
        if value.type in _INTEGERS
        else Lowered(call("ceil", value.sql), bound_call.type, value.nullable)
    )


def _round(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """MATH-1: halves go away from zero. The engine's own rounding takes the even neighbour."""
    value = arguments[0]
    nullable = any(argument.nullable for argument in arguments)
    digits = bound_call.arguments[1] if len(arguments) > 1 else Literal(T.LONG, 0)
    if (
        value.type in _INTEGERS
        and isinstance(digits, Literal)
        and isinstance(digits.value, int)
        and digits.value >= 0
    ):
        return value
    if value.type is T.DECIMAL:
        precision = _within_scale(arguments[1].sql) if len(arguments) > 1 else literal(0)
        rounded: SqlExpression = call("round", value.sql, precision)
        if len(arguments) > 1 and arguments[1].nullable:
            rounded = call("if", call("isNull", arguments[1].sql), literal(None), rounded)
        return Lowered(rounded, bound_call.type, nullable)
    sql = call("toFloat64", value.sql) if value.type in _INTEGERS else value.sql
    rounded = _rounded(sql, digits, arguments)
    if value.type in _INTEGERS:
        rounded = (
            SqlCast(rounded, f"Nullable({required_type(value.type)})")
            if nullable
            else call("toInt64", rounded)
        )
    return Lowered(rounded, bound_call.type, nullable)


def _within_scale(digits: SqlExpression) -> SqlExpression:
    """Return as many digits as a decimal has, at the most."""
    return call("greatest", call("least", digits, 18), -38)


def _rounded(sql: SqlExpression, digits: object, arguments: tuple[Lowered, ...]) -> SqlExpression:
    if isinstance(digits, Literal) and isinstance(digits.value, int):
        exponent = max(-300, min(300, digits.value))
        # Multiplying and dividing by whole powers of ten is exact where their reciprocals are not.
        power: SqlExpression = literal(float(10 ** abs(exponent)))
        up, down = ("multiply", "divide") if exponent >= 0 else ("divide", "multiply")
        scaled = call(up, call("abs", sql), power) if exponent else call("abs", sql)
        whole = call("floor", call("plus", scaled, literal(0.5)))
        size = call(down, whole, power) if exponent else whole
    else:
        power = call("exp10", arguments[1].sql)
        scaled = call("multiply", call("abs", sql), power)
        size = call("divide", call("floor", call("plus", scaled, literal(0.5))), power)
    signed = call("multiply", call("sign", sql), size)
    return call("if", call("less", scaled, literal(_WHOLE_FROM)), signed, sql)


def _real(name: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    nullable = any(value.nullable for value in arguments)
    return Lowered(SqlCall(name, tuple(value.sql for value in arguments)), bound_call.type, nullable)


def _defined(
    name: str, low: float | None, high: float | None, bound_call: Call, arguments: tuple[Lowered, ...]
) -> Lowered:
    """MATH-2: null outside of the domain."""
    (value,) = arguments
    limits: list[SqlExpression] = []
    if low is not None:
        limits.append(call("greaterOrEquals", value.sql, literal(low)))
    if high is not None:
        limits.append(call("lessOrEquals", value.sql, literal(high)))
    inside = limits[0] if len(limits) == 1 else SqlCall("and", tuple(limits))
    return Lowered(call("if", inside, call(name, value.sql), literal(None)), bound_call.type, nullable=True)


def _sign(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (value,) = arguments
    return Lowered(call("toFloat64", call("sign", value.sql)), bound_call.type, value.nullable)


def _cot(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (value,) = arguments
    return Lowered(call("divide", literal(1.0), call("tan", value.sql)), bound_call.type, value.nullable)


def _rand(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """MATH-3: every place in the text draws its own numbers; the engine takes equal calls for one."""
    drawn = call("randCanonical", bound_call.span[0])
    if not arguments:
        return Lowered(drawn, bound_call.type, nullable=False)
    (count,) = arguments
    whole = call("floor", call("multiply", drawn, call("toFloat64", count.sql)))
    return Lowered(call("if", call("greater", count.sql, 1), whole, drawn), bound_call.type, count.nullable)


def _extreme(name: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """NULL-5: nulls do not count."""
    nullable = all(value.nullable for value in arguments)
    return Lowered(SqlCall(name, tuple(value.sql for value in arguments)), bound_call.type, nullable)


# --- bits ------------------------------------------------------------------------------------------------------------


def _shift(name: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """MATH-4: by the number modulo 64; by a negative one null."""
    value, count = arguments
    # The other branch is computed too, and the engine fails on a negative number.
    shifted = call(name, value.sql, call("bitAnd", count.sql, 63))
    chosen = call("if", call("greaterOrEquals", count.sql, 0), shifted, literal(None))
    return Lowered(chosen, bound_call.type, nullable=True)


def _count_ones(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (value,) = arguments
    return Lowered(call("toInt64", call("bitCount", value.sql)), bound_call.type, value.nullable)


def _tohex(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """MATH-5: in lower case, two's complement in the width of the type, without leading zeros or padded up to 16."""
    value, *rest = arguments
    digits = call("lower", call("hex", value.sql))
    bare = call("replaceRegexpOne", digits, "^0+(.)", "\\1")
    text = bare
    if rest:
        width = call("greatest", call("least", rest[0].sql, 16), call("toInt64", call("length", bare)))
        text = call("leftPad", bare, call("toUInt8", width), "0")
        if rest[0].nullable:
            # For the engine, the least of null and a number is the number.
            text = call("if", call("isNull", rest[0].sql), literal(None), text)
    if any(argument.nullable for argument in arguments):
        text = call("ifNull", text, "")
    return Lowered(text, bound_call.type, nullable=False)


# --- other -----------------------------------------------------------------------------------------------------------


def _new_guid(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del arguments
    return Lowered(call("generateUUIDv4", bound_call.span[0]), bound_call.type, nullable=False)


def _assert(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Fails the query with the message where the condition is not true."""
    condition, message = arguments
    failed = (
        call("not", call("ifNull", condition.sql, literal(False)))
        if condition.nullable
        else call("not", condition.sql)
    )
    return Lowered(call("not", call("throwIf", failed, message.sql)), bound_call.type, nullable=False)


def _gettype(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """MATH-6: what a dynamic value holds."""
    (value,) = arguments
    kind = call("JSONType", value.sql)
    small = call("isNotNull", call("toInt32OrNull", value.sql))
    named = call(
        "multiIf",
        is_array(value.sql), "array",
        is_bag(value.sql), "dictionary",
        call("equals", kind, "String"), "string",
        call("equals", kind, "Bool"), "bool",
        call("match", value.sql, "^-?[0-9]+$"), call("if", small, "int", "long"),
        call("in", value.sql, call("tuple", "", "null")), "null",
        "real",
    )  # fmt: skip
    return Lowered(named, bound_call.type, nullable=False)


def _data_size(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    fixed = sum(_FIXED_SIZES.get(value.type, 0) for value in arguments)
    texts = [call("length", value.sql) for value in arguments if value.type not in _FIXED_SIZES]
    total = SqlCall("plus", (literal(fixed), *texts)) if texts else literal(fixed)
    return Lowered(call("toInt64", total), bound_call.type, nullable=False)


def _beta_density(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """MATH-2: NaN outside of the distribution."""
    place, alpha, beta = (value.sql for value in arguments)
    rest = call("minus", 1, place)
    # As logarithms, since the powers and the gammas alone leave the range of reals.
    scale = call(
        "minus",
        call("lgamma", call("plus", alpha, beta)),
        call("plus", call("lgamma", alpha), call("lgamma", beta)),
    )
    powers = call(
        "plus",
        call("multiply", call("minus", alpha, 1), call("log", place)),
        call("multiply", call("minus", beta, 1), call("log", rest)),
    )
    outside = call("or", *(call("lessOrEquals", part, 0) for part in (place, rest, alpha, beta)))
    density = call("if", outside, literal(float("nan")), call("exp", call("plus", scale, powers)))
    return Lowered(density, bound_call.type, any(value.nullable for value in arguments))


_REALS = {
    "atan": "atan", "atan2": "atan2", "cos": "cos", "degrees": "degrees", "erf": "erf", "erfc": "erfc",
    "exp": "exp", "exp10": "exp10", "exp2": "exp2", "gamma": "tgamma", "loggamma": "lgamma", "pow": "pow",
    "radians": "radians", "sin": "sin", "tan": "tan", "pi": "pi",
}  # fmt: skip

SPELLINGS: dict[str, Spelling] = {
    "beta_pdf": _beta_density,
    "isnull": _isnull,
    "isnotnull": _isnotnull,
    "abs": _abs,
    "ceiling": _ceiling,
    "round": _round,
    **{name: partial(_real, engine_name) for name, engine_name in _REALS.items()},
    "sqrt": partial(_defined, "sqrt", 0.0, None),
    "log": partial(_defined, "log", 0.0, None),
    "log2": partial(_defined, "log2", 0.0, None),
    "log10": partial(_defined, "log10", 0.0, None),
    "acos": partial(_defined, "acos", -1.0, 1.0),
    "asin": partial(_defined, "asin", -1.0, 1.0),
    "sign": _sign,
    "cot": _cot,
    "rand": _rand,
    "min_of": partial(_extreme, "least"),
    "max_of": partial(_extreme, "greatest"),
    "isnan": plain("isNaN"),
    "isinf": plain("isInfinite"),
    "isfinite": plain("isFinite"),
    "binary_and": plain("bitAnd"),
    "binary_or": plain("bitOr"),
    "binary_xor": plain("bitXor"),
    "binary_not": plain("bitNot"),
    "binary_shift_left": partial(_shift, "bitShiftLeft"),
    "binary_shift_right": partial(_shift, "bitShiftRight"),
    "bitset_count_ones": _count_ones,
    "tohex": _tohex,
    "new_guid": _new_guid,
    "assert": _assert,
    "gettype": _gettype,
    "estimate_data_size": _data_size,
}
