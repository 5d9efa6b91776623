"""Functions over places: how far apart, in which direction (rules GEO-1 and GEO-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, Spelling, call
from kelp.clickhouse.functions.sphere import (
    add,
    arc,
    both,
    is_place,
    meters,
    multiply,
    over_reals,
    radians,
    subtract,
)
from kelp.kql.bound import Literal
from kelp.kql.diagnostics import UNSUPPORTED, refusal

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_SAME_PLACE = 1e-15
"""Arcs shorter than this many radians have no direction, nor has one this close to half of the circle."""
_HALF_CIRCLE = 3.141592653589793


def refuse_spheroid(bound_call: Call, position: int) -> None:
    """Refuse a call that asks for another shape of Earth than the sphere."""
    if len(bound_call.arguments) <= position:
        return
    wanted = bound_call.arguments[position]
    if not isinstance(wanted, Literal) or wanted.value:
        message = f"{bound_call.function} measures on a sphere; a spheroid is not supported by Kelp"
        raise refusal(UNSUPPORTED, message, wanted.span)


def are_places(*coordinates: SqlExpression) -> SqlExpression:
    """Return whether pairs of longitude and latitude are valid."""
    pairs = zip(coordinates[::2], coordinates[1::2], strict=True)
    return both(*(is_place(longitude, latitude) for longitude, latitude in pairs))


def _distance(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    refuse_spheroid(bound_call, 4)
    return over_reals(arguments[:4], bound_call.type, are_places, lambda *places: meters(arc(*places)))


def _in_circle(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """GEO-2: a radius below zero is none."""

    def is_valid(*values: SqlExpression) -> SqlExpression:
        return both(are_places(*values[:4]), call("greaterOrEquals", values[4], 0))

    def is_within(*values: SqlExpression) -> SqlExpression:
        first, second, third, fourth, radius = values
        return call("lessOrEquals", meters(arc(first, second, third, fourth)), radius)

    return over_reals(arguments, bound_call.type, is_valid, is_within)


def bearing(
    longitude: SqlExpression, latitude: SqlExpression, to_longitude: SqlExpression, to_latitude: SqlExpression
) -> SqlExpression:
    """Return the direction from one place to another in radians, clockwise from north, from -π to π."""
    east = radians(subtract(to_longitude, longitude))
    here, there = radians(latitude), radians(to_latitude)
    along = subtract(
        multiply(call("cos", here), call("sin", there)),
        multiply(call("sin", here), call("cos", there), call("cos", east)),
    )
    return call("atan2", multiply(call("sin", east), call("cos", there)), along)


def _has_direction(*places: SqlExpression) -> SqlExpression:
    """Return whether an arc leads from one place to the other, and one alone."""
    first, second, third, fourth = places
    angle = arc(first, second, third, fourth)
    limit = subtract(_HALF_CIRCLE, 1e-9)
    return both(call("greater", angle, _SAME_PLACE), call("less", angle, limit))


def _positive(angle: SqlExpression) -> SqlExpression:
    return call("if", call("less", angle, 0), add(angle, 2 * _HALF_CIRCLE), angle)


def _azimuth(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """GEO-4: clockwise from north, from 0 to 2π; null between a place and itself or its antipode."""

    def is_valid(*places: SqlExpression) -> SqlExpression:
        return both(are_places(*places), _has_direction(*places))

    return over_reals(arguments, bound_call.type, is_valid, lambda *places: _positive(bearing(*places)))


def _angle(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """GEO-4: clockwise from the line to the first place to the line to the third, both from the second."""

    def is_valid(*places: SqlExpression) -> SqlExpression:
        first, middle, last = places[:2], places[2:4], places[4:]
        return both(are_places(*places), _has_direction(*middle, *first), _has_direction(*middle, *last))

    def between(*places: SqlExpression) -> SqlExpression:
        first, middle, last = places[:2], places[2:4], places[4:]
        return _positive(subtract(bearing(*middle, *last), bearing(*middle, *first)))

    return over_reals(arguments, bound_call.type, is_valid, between)


SPELLINGS: dict[str, Spelling] = {
    "geo_distance_2points": _distance,
    "geo_point_in_circle": _in_circle,
    "geo_azimuth": _azimuth,
    "geo_angle": _angle,
}
