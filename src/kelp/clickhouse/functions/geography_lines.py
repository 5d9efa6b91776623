"""Functions over lines in GeoJSON (rules GEO-1 to GEO-3 and GEO-7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.geography_points import refuse_spheroid
from kelp.clickhouse.functions.geojson import point
from kelp.clickhouse.functions.geojson_reading import edges_of, over_lines
from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.functions.sphere import (
    arc,
    arc_between,
    both,
    cross,
    divide,
    dot,
    is_place,
    meters,
    multiply,
    normal,
    part,
    place_of,
    real,
    subtract,
    vector,
)
from kelp.clickhouse.sql import SqlColumn, SqlLambda
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call


# --- edges -----------------------------------------------------------------------------------------------------------


def edges_of_all(paths: SqlExpression) -> SqlExpression:
    """Return the edges of all paths as one engine array of tuples of two places."""
    each = edges_of(SqlColumn("", "l"), lambda start, end: call("tuple", start, end))
    return call("arrayFlatten", call("arrayMap", SqlLambda(("l",), each), paths))


def as_vectors(edges: SqlExpression) -> SqlExpression:
    """Return edges between places as edges between unit vectors."""
    edge = SqlColumn("", "e")
    ends = (vector(part(part(edge, end), 1), part(part(edge, end), 2)) for end in (1, 2))
    return call("arrayMap", SqlLambda(("e",), call("tuple", *ends)), edges)


def over_edges(
    edges: SqlExpression, body: Callable[[SqlExpression, SqlExpression], SqlExpression]
) -> SqlExpression:
    """Return the engine array of `body` over the two ends of each edge."""
    edge = SqlColumn("", "e")
    return call("arrayMap", SqlLambda(("e",), body(part(edge, 1), part(edge, 2))), edges)


def length_of(edges: SqlExpression) -> SqlExpression:
    """Return the length of edges between places in meters."""

    def length(start: SqlExpression, end: SqlExpression) -> SqlExpression:
        return arc(part(start, 1), part(start, 2), part(end, 1), part(end, 2))

    return meters(call("arraySum", over_edges(edges, length)))


def _is_beside(place: SqlExpression, start: SqlExpression, end: SqlExpression) -> SqlExpression:
    """Return whether the place of an edge that is nearest to a place is none of its ends."""
    across = normal(start, end)
    return both(
        call("greater", dot(across, cross(start, place)), 0.0),
        call("greater", dot(across, cross(place, end)), 0.0),
    )


def arc_to_edge(place: SqlExpression, start: SqlExpression, end: SqlExpression) -> SqlExpression:
    """Return the angle from a place to an edge in radians."""
    across = normal(start, end)
    height = divide(call("abs", dot(call("tupleMinus", place, start), across)), call("L2Norm", across))
    return call(
        "if",
        _is_beside(place, start, end),
        call("asin", call("least", height, 1.0)),
        call("least", arc_between(place, start), arc_between(place, end)),
    )


def nearest_on_edge(place: SqlExpression, start: SqlExpression, end: SqlExpression) -> SqlExpression:
    """Return the vector, of no certain length, of the place of an edge that is nearest to a place."""
    across = normal(start, end)
    share = divide(dot(call("tupleMinus", place, start), across), dot(across, across))
    below = call("tupleMinus", place, call("tupleMultiplyByNumber", across, share))
    is_start = call("lessOrEquals", arc_between(place, start), arc_between(place, end))
    return call("if", _is_beside(place, start, end), below, call("if", is_start, start, end))


def distance_to(place: SqlExpression, edges: SqlExpression) -> SqlExpression:
    """Return how far a vector is from the nearest of edges of vectors, in meters."""
    return meters(call("arrayMin", over_edges(edges, lambda start, end: arc_to_edge(place, start, end))))


def nearest_on(place: SqlExpression, edges: SqlExpression) -> SqlExpression:
    """Return the vector of the place of the edges of vectors that is nearest to a vector."""

    def candidate(start: SqlExpression, end: SqlExpression) -> SqlExpression:
        return call("tuple", arc_to_edge(place, start, end), nearest_on_edge(place, start, end))

    first = call("arraySort", SqlLambda(("c",), part(SqlColumn("", "c"), 1)), over_edges(edges, candidate))
    return part(call("arrayElement", first, 1), 2)


# --- functions -------------------------------------------------------------------------------------------------------


def united_edges(paths: SqlExpression) -> SqlExpression:
    """Return the edges of all paths, one that several paths share once (GEO-7)."""
    start, end = SqlColumn("", "a"), SqlColumn("", "b")
    ordered = call("if", call("less", start, end), call("tuple", start, end), call("tuple", end, start))
    each = edges_of(SqlColumn("", "l"), lambda *_: ordered)
    united = call("arrayDistinct", call("arrayFlatten", call("arrayMap", SqlLambda(("l",), each), paths)))
    return call("if", call("equals", call("length", paths), 1), edges_of_all(paths), united)


def _length(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    length = over_lines(arguments[0].sql, literal(None), lambda lines: length_of(united_edges(lines)))
    return Lowered(length, bound_call.type, nullable=True)


def over_place_and(
    longitude: Lowered,
    latitude: Lowered,
    body: Callable[..., SqlExpression],
    otherwise: SqlExpression,
    others: tuple[SqlExpression, ...] = (),
) -> SqlExpression:
    """Return `body` over the vector of a place and other values; `otherwise` where it is no place."""

    def checked(east: SqlExpression, north: SqlExpression, *rest: SqlExpression) -> SqlExpression:
        place = vector(east, north)
        return call("if", is_place(east, north), bind_once((place, *rest), body), otherwise)

    return bind_once((real(longitude), real(latitude), *others), checked)


def _distance(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    longitude, latitude, line = arguments

    def over_place(place: SqlExpression, text: SqlExpression) -> SqlExpression:
        edges = _edges_of_line(text, _all)
        return bind_once((place, edges), _distance_if_any)

    sql = over_place_and(longitude, latitude, over_place, literal(None), (line.sql,))
    return Lowered(sql, bound_call.type, nullable=True)


def _edges_of_line(text: SqlExpression, body: Callable[[SqlExpression], SqlExpression]) -> SqlExpression:
    """Return the edges of vectors that `body` makes of the lines; none for what is no line."""
    zero = call("tuple", literal(0.0), literal(0.0), literal(0.0))
    none = call("arraySlice", call("array", call("tuple", zero, zero)), 1, 0)
    return over_lines(text, none, body)


def _all(lines: SqlExpression) -> SqlExpression:
    return as_vectors(edges_of_all(lines))


def _distance_if_any(place: SqlExpression, edges: SqlExpression) -> SqlExpression:
    return call("if", call("notEmpty", edges), distance_to(place, edges), literal(None))


def _closest(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    longitude, latitude, line = arguments

    def over_place(place: SqlExpression, text: SqlExpression) -> SqlExpression:
        edges = _edges_of_line(text, _all)
        return bind_once((place, edges), found)

    def found(place: SqlExpression, edges: SqlExpression) -> SqlExpression:
        return call("if", call("notEmpty", edges), point_at(nearest_on(place, edges)), "")

    return as_text(over_place_and(longitude, latitude, over_place, literal(""), (line.sql,)), bound_call.type)


def point_at(direction: SqlExpression) -> SqlExpression:
    """Return the Point to which a vector points."""
    return bind_once((direction,), lambda found: point(*place_of(found)))


def _centroid(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The mean of all places of the line, drawn out to the surface."""

    def centroid(lines: SqlExpression) -> SqlExpression:
        return bind_once(
            (as_vectors(edges_of_all(lines)),), lambda edges: point_at(sum_over(edges, weighted))
        )

    def weighted(start: SqlExpression, end: SqlExpression) -> SqlExpression:
        middle, chord = call("tuplePlus", start, end), call("tupleMinus", end, start)
        return call("tupleMultiplyByNumber", middle, divide(call("L2Norm", chord), call("L2Norm", middle)))

    return as_text(over_lines(arguments[0].sql, literal(""), centroid), bound_call.type)


def sum_over(
    edges: SqlExpression, body: Callable[[SqlExpression, SqlExpression], SqlExpression]
) -> SqlExpression:
    """Return the sum of the vectors that `body` makes of each edge."""
    element = SqlColumn("", "w")
    sums = (
        call("arraySum", SqlLambda(("w",), part(element, index)), over_edges(edges, body))
        for index in (1, 2, 3)
    )
    return call("tuple", *sums)


# --- places along a line ---------------------------------------------------------------------------------------------


def _interpolate(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """GEO-8: null for a share that is not from 0 to 1."""
    line, share = arguments

    def over_share(text: SqlExpression, given: SqlExpression) -> SqlExpression:
        edges = _edges_of_line(text, _single)
        return bind_once((edges, given), measured)

    def measured(edges: SqlExpression, given: SqlExpression) -> SqlExpression:
        is_valid = both(
            call("notEmpty", edges), call("greaterOrEquals", given, 0.0), call("lessOrEquals", given, 1.0)
        )
        sums = call("arrayCumSum", over_edges(edges, arc_between))
        return call("if", is_valid, bind_once((edges, sums, given), placed), "")

    def placed(edges: SqlExpression, sums: SqlExpression, given: SqlExpression) -> SqlExpression:
        target = multiply(given, call("arrayElement", sums, -1))
        reached = call(
            "arrayFirstIndex", SqlLambda(("w",), call("greaterOrEquals", SqlColumn("", "w"), target)), sums
        )
        index = call("if", call("equals", reached, 0), call("length", sums), reached)
        return bind_once((edges, sums, target, index), along)

    def along(
        edges: SqlExpression, sums: SqlExpression, target: SqlExpression, index: SqlExpression
    ) -> SqlExpression:
        edge = call("arrayElement", edges, index)
        left = subtract(call("arrayElement", sums, index), target)
        return bind_once((part(edge, 2), part(edge, 1), left), lambda *ends: point_at(_toward(*ends)))

    return as_text(bind_once((line.sql, real(share)), over_share), bound_call.type)


def _single(lines: SqlExpression) -> SqlExpression:
    """Return the edges of vectors of one line; none of several (GEO-8)."""
    is_one = call("equals", call("length", lines), 1)
    edges = as_vectors(edges_of_all(lines))
    return call("if", is_one, edges, call("arraySlice", edges, 1, 0))


def _toward(start: SqlExpression, end: SqlExpression, angle: SqlExpression) -> SqlExpression:
    """Return the vector of the place that lies the angle away from a place on the way to another."""
    whole = arc_between(start, end)
    first = call("tupleMultiplyByNumber", start, call("sin", subtract(whole, angle)))
    second = call("tupleMultiplyByNumber", end, call("sin", angle))
    return call("if", call("greater", whole, 0.0), call("tuplePlus", first, second), start)


def _locate(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """GEO-8: which share of the line lies before its place that is nearest to the place."""
    refuse_spheroid(bound_call, 3)
    line, longitude, latitude = arguments[:3]

    def over_place(place: SqlExpression, text: SqlExpression) -> SqlExpression:
        edges = _edges_of_line(text, _single)
        return bind_once((place, edges), measured)

    def measured(place: SqlExpression, edges: SqlExpression) -> SqlExpression:
        sums = call("arrayCumSum", over_edges(edges, arc_between))
        located = bind_once((place, edges, sums), share)
        return call("if", call("notEmpty", edges), located, literal(None))

    def share(place: SqlExpression, edges: SqlExpression, sums: SqlExpression) -> SqlExpression:
        edge, until = SqlColumn("", "e"), SqlColumn("", "s")
        start, end = part(edge, 1), part(edge, 2)
        reached = subtract(until, arc_between(_unit(nearest_on_edge(place, start, end)), end))
        candidate = call("tuple", arc_to_edge(place, start, end), reached)
        candidates = call("arrayMap", SqlLambda(("e", "s"), candidate), edges, sums)
        nearest = call("arraySort", SqlLambda(("c",), part(SqlColumn("", "c"), 1)), candidates)
        before, whole = part(call("arrayElement", nearest, 1), 2), call("arrayElement", sums, -1)
        return call("if", call("greater", whole, 0.0), divide(before, whole), 0.0)

    return Lowered(
        over_place_and(longitude, latitude, over_place, literal(None), (line.sql,)), T.REAL, nullable=True
    )


def _unit(direction: SqlExpression) -> SqlExpression:
    return call("tupleDivideByNumber", direction, call("L2Norm", direction))


SPELLINGS: dict[str, Spelling] = {
    "geo_line_length": _length,
    "geo_distance_point_to_line": _distance,
    "geo_closest_point_on_line": _closest,
    "geo_line_centroid": _centroid,
    "geo_line_interpolate_point": _interpolate,
    "geo_line_locate_point": _locate,
}
