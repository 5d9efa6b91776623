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


# --- vectors ---------------------------------------------------------------------------------------------------------


def part(value: SqlExpression, index: int) -> SqlExpression:
    """Return an element of a tuple, counted from 1."""
    return call("tupleElement", value, index)


def vector(longitude: SqlExpression, latitude: SqlExpression) -> SqlExpression:
    """Return a place as the tuple of its unit vector."""
    east, north = radians(longitude), radians(latitude)
    level = call("cos", north)
    return call(
        "tuple", multiply(level, call("cos", east)), multiply(level, call("sin", east)), call("sin", north)
    )


def place_of(direction: SqlExpression) -> tuple[SqlExpression, SqlExpression]:
    """Return the longitude and latitude to which a vector of any length points."""
    x, y, z = (part(direction, index) for index in (1, 2, 3))
    level = call("sqrt", add(multiply(x, x), multiply(y, y)))
    return call("degrees", call("atan2", y, x)), call("degrees", call("atan2", z, level))


def dot(left: SqlExpression, right: SqlExpression) -> SqlExpression:
    """Return the scalar product."""
    return call("dotProduct", left, right)


def cross(left: SqlExpression, right: SqlExpression) -> SqlExpression:
    """Return the vector product."""

    def element(first: int, second: int) -> SqlExpression:
        return subtract(
            multiply(part(left, first), part(right, second)), multiply(part(left, second), part(right, first))
        )

    return call("tuple", element(2, 3), element(3, 1), element(1, 2))


def normal(start: SqlExpression, end: SqlExpression) -> SqlExpression:
    """Return twice the vector product of the ends of an edge, exact for short edges too."""
    return cross(call("tuplePlus", start, end), call("tupleMinus", end, start))


def arc_between(start: SqlExpression, end: SqlExpression) -> SqlExpression:
    """Return the angle between two unit vectors in radians."""
    chord = call("L2Norm", call("tupleMinus", end, start))
    return multiply(2, call("asin", call("least", divide(chord, 2), 1.0)))
