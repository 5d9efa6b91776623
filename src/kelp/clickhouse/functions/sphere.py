"""Arithmetic on Earth taken as a sphere (rule GEO-1): degrees, radians, and places as unit vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, call, literal, or_else
from kelp.clickhouse.sql import SqlCall
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression

EARTH_RADIUS_METERS = 6_371_010.0
NAN = float("nan")
MAX_LONGITUDE = 180.0
MAX_LATITUDE = 90.0


# --- numbers ---------------------------------------------------------------------------------------------------------


def add(*parts: SqlExpression | float) -> SqlExpression:
    """Return a sum."""
    total = _number(parts[0])
    for part in parts[1:]:
        total = call("plus", total, part)
    return total


def subtract(left: SqlExpression | float, right: SqlExpression | float) -> SqlExpression:
    """Return a difference."""
    return call("minus", left, right)


def multiply(*parts: SqlExpression | float) -> SqlExpression:
    """Return a product."""
    product = _number(parts[0])
    for part in parts[1:]:
        product = call("multiply", product, part)
    return product


def divide(left: SqlExpression | float, right: SqlExpression | float) -> SqlExpression:
    """Return a quotient."""
    return call("divide", left, right)


def both(*conditions: SqlExpression) -> SqlExpression:
    """Return what holds when all the conditions hold."""
    return conditions[0] if len(conditions) == 1 else SqlCall("and", conditions)


def _number(value: SqlExpression | float) -> SqlExpression:
    return literal(value) if isinstance(value, (int, float)) else value


# --- arguments -------------------------------------------------------------------------------------------------------


def real(value: Lowered) -> SqlExpression:
    """Return a real that is never NULL: null is NaN, which no comparison takes for valid."""
    return or_else(value, literal(NAN))


def integer(value: Lowered) -> SqlExpression:
    """Return an integer that is never NULL: null is -1, which nothing here takes for valid."""
    return call("toInt64", or_else(value, literal(-1)))


def is_place(longitude: SqlExpression, latitude: SqlExpression) -> SqlExpression:
    """Return whether these are a longitude and a latitude (GEO-2)."""
    return both(
        call("lessOrEquals", call("abs", longitude), MAX_LONGITUDE),
        call("lessOrEquals", call("abs", latitude), MAX_LATITUDE),
    )


def over_reals(
    arguments: tuple[Lowered, ...],
    kind: T,
    is_valid: Callable[..., SqlExpression],
    body: Callable[..., SqlExpression],
) -> Lowered:
    """Return `body` over reals, each computed once; null, or the empty text, where they are not valid."""
    is_text = kind in (T.STRING, T.DYNAMIC)

    def guarded(*values: SqlExpression) -> SqlExpression:
        return call("if", is_valid(*values), body(*values), literal("" if is_text else None))

    sql = bind_once(tuple(real(argument) for argument in arguments), guarded)
    return Lowered(sql, kind, nullable=not is_text)


# --- on the sphere ---------------------------------------------------------------------------------------------------


def radians(degrees: SqlExpression) -> SqlExpression:
    """Return degrees in radians."""
    return call("radians", degrees)


def arc(
    longitude: SqlExpression, latitude: SqlExpression, to_longitude: SqlExpression, to_latitude: SqlExpression
) -> SqlExpression:
    """Return the angle in radians between two places, as seen from the centre of Earth, by the haversines.

    They are exact for small angles, where a cosine is not.
    """

    def half_sine(left: SqlExpression, right: SqlExpression) -> SqlExpression:
        return call("pow", call("sin", divide(radians(subtract(right, left)), 2)), 2)

    across = multiply(
        call("cos", radians(latitude)), call("cos", radians(to_latitude)), half_sine(longitude, to_longitude)
    )
    haversine = call("least", add(half_sine(latitude, to_latitude), across), 1.0)
    return multiply(2, call("asin", call("sqrt", haversine)))


def meters(angle: SqlExpression) -> SqlExpression:
    """Return the length of an arc in meters."""
    return multiply(angle, EARTH_RADIUS_METERS)
