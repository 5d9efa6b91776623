"""Functions over polygons in GeoJSON (rules GEO-1 to GEO-3, GEO-7 and GEO-9).

A ring parts the sphere in two, and bounds the smaller part. Which of its sides that is, and what lies within, follows
from two numbers: how often it goes around the axis, and the area between it and the equator.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.geography_lines import (
    as_vectors,
    distance_to,
    length_of,
    nearest_on,
    over_edges,
    point_at,
)
from kelp.clickhouse.functions.geography_outlines import is_in_outline, outline_of
from kelp.clickhouse.functions.geojson import point
from kelp.clickhouse.functions.geojson_reading import edges_of, over_polygons
from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.functions.sphere import (
    EARTH_RADIUS_METERS,
    add,
    arc_between,
    both,
    divide,
    is_place,
    multiply,
    normal,
    part,
    radians,
    real,
    subtract,
    vector,
)
from kelp.clickhouse.sql import SqlColumn, SqlLambda, SqlLiteral

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_PI = 3.141592653589793


# --- rings -----------------------------------------------------------------------------------------------------------


def _turned(degrees: SqlExpression) -> SqlExpression:
    """Return a difference of longitudes the shorter way around, from -180 to 180."""
    return subtract(degrees, multiply(360.0, call("round", divide(degrees, 360.0))))


def _turns(ring: SqlExpression) -> SqlExpression:
    """Return how often a ring goes around the axis, eastwards: 0, 1 or -1."""
    steps = edges_of(ring, lambda start, end: _turned(subtract(part(end, 1), part(start, 1))))
    return call("round", divide(call("arraySum", steps), 360.0))


def _area_below(ring: SqlExpression) -> SqlExpression:
    """Return the area between a ring and the equator on the unit sphere, negative where it goes west."""

    def below(start: SqlExpression, end: SqlExpression) -> SqlExpression:
        step = call("tan", divide(radians(_turned(subtract(part(end, 1), part(start, 1)))), 2))
        first, second = (call("tan", divide(radians(part(place, 2)), 2)) for place in (start, end))
        return call("atan2", multiply(step, add(first, second)), add(1.0, multiply(first, second)))

    return multiply(2.0, call("arraySum", edges_of(ring, below)))


def _area_on_left(ring: SqlExpression) -> SqlExpression:
    """Return the area on the left of a ring on the unit sphere, from 0 to 4π."""

    def left(turns: SqlExpression, below: SqlExpression) -> SqlExpression:
        beside = call("if", call("lessOrEquals", below, 0.0), call("negate", below), subtract(4 * _PI, below))
        return call("if", call("equals", turns, 0.0), beside, subtract(2 * _PI, below))

    return bind_once((_turns(ring), _area_below(ring)), left)


def _area_within(ring: SqlExpression) -> SqlExpression:
    """Return the area that a ring bounds on the unit sphere."""
    return bind_once((_area_on_left(ring),), lambda left: call("least", left, subtract(4 * _PI, left)))


def _has_north_pole(ring: SqlExpression) -> SqlExpression:
    """Return whether a ring bounds the north pole."""

    def has(turns: SqlExpression, below: SqlExpression) -> SqlExpression:
        return call(
            "if",
            call("equals", turns, 0.0),
            call("greater", call("abs", below), 2 * _PI),
            call("greaterOrEquals", multiply(turns, below), 0.0),
        )

    return bind_once((_turns(ring), _area_below(ring)), has)


def _is_within(longitude: SqlExpression, latitude: SqlExpression, ring: SqlExpression) -> SqlExpression:
    """Return whether a place lies within a ring: the way from it to the north pole tells by what it crosses.

    Of an edge that begins on that meridian the end counts, so that each vertex is crossed once.
    """

    def crosses(start: SqlExpression, end: SqlExpression) -> SqlExpression:
        first, second = (_turned(subtract(part(place, 1), longitude)) for place in (start, end))
        parts_meridian = both(
            call("notEquals", call("lessOrEquals", first, 0.0), call("lessOrEquals", second, 0.0)),
            call("less", call("abs", subtract(second, first)), 180.0),
        )
        here, low, high = (
            call("tan", radians(degrees)) for degrees in (latitude, part(start, 2), part(end, 2))
        )
        height = subtract(
            multiply(low, call("sin", radians(second))), multiply(high, call("sin", radians(first)))
        )
        is_south = call("less", multiply(here, call("sin", radians(subtract(second, first)))), height)
        return both(parts_meridian, call("notEquals", is_south, call("less", second, first)))

    crossed = call("arraySum", edges_of(ring, crosses))
    return call("notEquals", call("modulo", crossed, 2), _has_north_pole(ring))


def is_in_any(longitude: SqlExpression, latitude: SqlExpression, polygons: SqlExpression) -> SqlExpression:
    """Return whether a place lies in a polygon: in its shell, and in none of its holes."""
    polygon, ring = SqlColumn("", "g"), SqlColumn("", "l")
    shell, holes = call("arrayElement", polygon, 1), call("arrayPopFront", polygon)
    is_in_hole = call("arrayExists", SqlLambda(("l",), _is_within(longitude, latitude, ring)), holes)
    is_inside = both(_is_within(longitude, latitude, shell), call("not", is_in_hole))
    return call("arrayExists", SqlLambda(("g",), is_inside), polygons)


# --- polygons --------------------------------------------------------------------------------------------------------


def united(polygons: SqlExpression) -> SqlExpression:
    """Return polygons as such that have nothing in common (GEO-7)."""
    first, others = call("arraySlice", polygons, 1, 1), call("arrayPopFront", polygons)
    joined = call("polygonsUnionSpherical", SqlColumn("", "u"), call("array", SqlColumn("", "g")))
    return call("arrayFold", SqlLambda(("u", "g"), joined), others, first)


def edges_of_rings(polygons: SqlExpression) -> SqlExpression:
    """Return the edges of all rings as tuples of two places."""
    ring = edges_of(SqlColumn("", "l"), lambda start, end: call("tuple", start, end))
    rings = call("arrayMap", SqlLambda(("l",), ring), SqlColumn("", "g"))
    return call("arrayFlatten", call("arrayMap", SqlLambda(("g",), rings), polygons))


def _difference(polygons: SqlExpression, body: Callable[[SqlExpression], SqlExpression]) -> SqlExpression:
    """Return the sum of the numbers that `body` makes of the shells, less those of the holes."""
    polygon, ring = SqlColumn("", "g"), SqlColumn("", "l")
    holes = call("arraySum", SqlLambda(("l",), body(ring)), call("arrayPopFront", polygon))
    of_one = subtract(body(call("arrayElement", polygon, 1)), holes)
    return call("arraySum", SqlLambda(("g",), of_one), polygons)


def _area(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def area(polygons: SqlExpression) -> SqlExpression:
        return multiply(_difference(united(polygons), _area_within), EARTH_RADIUS_METERS**2)

    return Lowered(over_polygons(arguments[0].sql, literal(None), area), bound_call.type, nullable=True)


def _perimeter(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def perimeter(polygons: SqlExpression) -> SqlExpression:
        return length_of(edges_of_rings(united(polygons)))

    return Lowered(over_polygons(arguments[0].sql, literal(None), perimeter), bound_call.type, nullable=True)


def _centroid(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The mean of all places within, drawn out to the surface."""

    def centroid(polygons: SqlExpression) -> SqlExpression:
        return bind_once((united(polygons),), lambda parted: point_at(call("tuple", *_moments(parted))))

    return as_text(over_polygons(arguments[0].sql, literal(""), centroid), bound_call.type)


def _moments(polygons: SqlExpression) -> tuple[SqlExpression, ...]:
    """Return the sums of all places within, by direction, times four: they follow from the edges alone."""

    def moment(index: int, ring: SqlExpression) -> SqlExpression:
        edges = as_vectors(edges_of(ring, lambda start, end: call("tuple", start, end)))
        is_left = call("lessOrEquals", _area_on_left(ring), 2 * _PI)
        total = call("arraySum", over_edges(edges, lambda start, end: part(_moment_of(start, end), index)))
        return multiply(call("if", is_left, 1.0, -1.0), total)

    return tuple(_difference(polygons, partial(moment, index)) for index in (1, 2, 3))


def _moment_of(start: SqlExpression, end: SqlExpression) -> SqlExpression:
    across = normal(start, end)
    return call("tupleMultiplyByNumber", across, divide(arc_between(start, end), call("L2Norm", across)))


# --- places and polygons ---------------------------------------------------------------------------------------------


def _over_place_and_polygon(
    arguments: tuple[Lowered, ...], otherwise: SqlExpression, body: Callable[..., SqlExpression]
) -> SqlExpression:
    """Return `body` over a longitude, a latitude and polygons; `otherwise` where one of them is none."""
    longitude, latitude, shape = arguments

    def checked(east: SqlExpression, north: SqlExpression, polygons: SqlExpression) -> SqlExpression:
        is_valid = both(is_place(east, north), call("notEmpty", polygons))
        return call("if", is_valid, body(east, north, polygons), otherwise)

    return bind_once((real(longitude), real(latitude), _polygons_of(shape.sql)), checked)


def _polygons_of(text: SqlExpression) -> SqlExpression:
    """Return polygons as an engine array, which is empty where they are none."""
    place = call("tuple", literal(0.0), literal(0.0))
    none = call("arraySlice", call("array", call("array", call("array", place))), 1, 0)
    return over_polygons(text, none, lambda found: found)


def _point_in_polygon(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    longitude, latitude, shape = arguments
    outline = outline_of(str(shape.sql.value)) if isinstance(shape.sql, SqlLiteral) else None
    if outline is None:
        sql = _over_place_and_polygon(arguments, literal(None), is_in_any)
        return Lowered(sql, bound_call.type, nullable=True)

    def within(east: SqlExpression, north: SqlExpression) -> SqlExpression:
        exactly = bind_once((east, north, _polygons_of(shape.sql)), is_in_any)
        return call("if", is_place(east, north), is_in_outline(east, north, outline, exactly), literal(None))

    return Lowered(bind_once((real(longitude), real(latitude)), within), bound_call.type, nullable=True)


def _distance(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def distance(east: SqlExpression, north: SqlExpression, polygons: SqlExpression) -> SqlExpression:
        outside = bind_once((vector(east, north), as_vectors(edges_of_rings(polygons))), distance_to)
        return call("if", is_in_any(east, north, polygons), 0.0, outside)

    sql = _over_place_and_polygon(arguments, literal(None), distance)
    return Lowered(sql, bound_call.type, nullable=True)


def _closest(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The place itself where it lies in the polygon."""

    def closest(east: SqlExpression, north: SqlExpression, polygons: SqlExpression) -> SqlExpression:
        edges = as_vectors(edges_of_rings(polygons))
        outside = bind_once((vector(east, north), edges), lambda *given: point_at(nearest_on(*given)))
        return call("if", is_in_any(east, north, polygons), point(east, north), outside)

    return as_text(_over_place_and_polygon(arguments, literal(""), closest), bound_call.type)


SPELLINGS: dict[str, Spelling] = {
    "geo_polygon_area": _area,
    "geo_polygon_perimeter": _perimeter,
    "geo_polygon_centroid": _centroid,
    "geo_point_in_polygon": _point_in_polygon,
    "geo_distance_point_to_polygon": _distance,
    "geo_closest_point_on_polygon": _closest,
}
