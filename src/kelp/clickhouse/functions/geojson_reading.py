"""GeoJSON text: reading lines and polygons into engine arrays of places, which are tuples of longitude and latitude.

A shape with a coordinate that is none, or with too few of them, is no shape (rules GEO-2 and GEO-7).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import call, literal
from kelp.clickhouse.functions.sphere import MAX_LATITUDE, MAX_LONGITUDE, both
from kelp.clickhouse.sql import SqlColumn, SqlLambda, SqlLiteral

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression

_PATH = "Array(Array(Nullable(Float64)))"
_PATHS = f"Array({_PATH})"
_GROUPS = f"Array({_PATHS})"
_LINE_PLACES = 2
_RING_PLACES = 4


def over_lines(
    text: SqlExpression, otherwise: SqlExpression, body: Callable[[SqlExpression], SqlExpression]
) -> SqlExpression:
    """Return `body` over the lines of a LineString or MultiLineString, each an array of places."""

    def read(shape: SqlExpression) -> SqlExpression:
        one = call("array", _coordinates(shape, _PATH))
        return bind_once((_chosen(shape, "LineString", one, _coordinates(shape, _PATHS)),), checked)

    def checked(raw: SqlExpression) -> SqlExpression:
        is_line = both(_is_path(SqlColumn("", "l"), _LINE_PLACES))
        is_valid = both(call("notEmpty", raw), call("arrayAll", SqlLambda(("l",), is_line), raw))
        lines = call("arrayMap", SqlLambda(("l",), _places(SqlColumn("", "l"))), raw)
        return call("if", is_valid, bind_once((lines,), body), otherwise)

    return bind_once((text,), read)


def over_polygons(
    text: SqlExpression, otherwise: SqlExpression, body: Callable[[SqlExpression], SqlExpression]
) -> SqlExpression:
    """Return `body` over the polygons of a Polygon or MultiPolygon.

    Each is an array of rings, the shell and then the holes, and each ring one of places whose last is its first.
    """

    def read(shape: SqlExpression) -> SqlExpression:
        one = call("array", _coordinates(shape, _PATHS))
        return bind_once((_chosen(shape, "Polygon", one, _coordinates(shape, _GROUPS)),), checked)

    def checked(raw: SqlExpression) -> SqlExpression:
        polygon, ring = SqlColumn("", "g"), SqlColumn("", "l")
        rings_are_valid = call("arrayAll", SqlLambda(("l",), _is_ring(ring)), polygon)
        is_polygon = both(call("notEmpty", polygon), rings_are_valid)
        is_valid = both(call("notEmpty", raw), call("arrayAll", SqlLambda(("g",), is_polygon), raw))
        rings = call("arrayMap", SqlLambda(("l",), _places(ring)), polygon)
        polygons = call("arrayMap", SqlLambda(("g",), rings), raw)
        return call("if", is_valid, bind_once((polygons,), body), otherwise)

    return bind_once((text,), read)


def _coordinates(shape: SqlExpression, kind: str) -> SqlExpression:
    return call("JSONExtract", shape, "coordinates", kind)


def _chosen(shape: SqlExpression, kind: str, one: SqlExpression, many: SqlExpression) -> SqlExpression:
    """Return the coordinates of a shape of that type alone, or of several such in one; none of any other."""
    if isinstance(shape, SqlLiteral):
        found = _type_of(str(shape.value))
        return one if found == kind else many if found == f"Multi{kind}" else call("arraySlice", many, 1, 0)
    named = call("JSONExtractString", shape, "type")
    nothing = call("arraySlice", many, 1, 0)
    return call(
        "multiIf", call("equals", named, kind), one, call("equals", named, f"Multi{kind}"), many, nothing
    )


def _type_of(text: str) -> object:
    """Return the type of a constant shape; None for what is none."""
    try:
        shape = json.loads(text)
    except ValueError:
        return None
    return shape.get("type") if isinstance(shape, dict) else None


def _is_path(path: SqlExpression, least_places: int) -> SqlExpression:
    place = SqlColumn("", "p")

    def is_within(index: int, limit: float) -> SqlExpression:
        size = call("abs", call("arrayElement", place, index))
        return call("ifNull", call("lessOrEquals", size, limit), literal(False))

    is_place = both(
        call("equals", call("length", place), 2), is_within(1, MAX_LONGITUDE), is_within(2, MAX_LATITUDE)
    )
    return both(
        call("greaterOrEquals", call("length", path), least_places),
        call("arrayAll", SqlLambda(("p",), is_place), path),
    )


def _is_ring(path: SqlExpression) -> SqlExpression:
    """Return whether a path comes back to where it began, and nowhere else to where it has been."""
    is_closed = call("equals", call("arrayElement", path, 1), call("arrayElement", path, -1))
    places = call("length", call("arrayDistinct", path))
    is_simple = call("equals", places, call("minus", call("length", path), 1))
    return both(_is_path(path, _RING_PLACES), is_closed, is_simple)


def _places(path: SqlExpression) -> SqlExpression:
    place = SqlColumn("", "p")
    pair = (call("assumeNotNull", call("arrayElement", place, index)) for index in (1, 2))
    return call("arrayMap", SqlLambda(("p",), call("tuple", *pair)), path)


def edges_of(
    path: SqlExpression, body: Callable[[SqlExpression, SqlExpression], SqlExpression]
) -> SqlExpression:
    """Return the engine array of `body` over each two neighbouring items of an array."""
    made = body(SqlColumn("", "a"), SqlColumn("", "b"))
    return call(
        "arrayMap", SqlLambda(("a", "b"), made), call("arrayPopBack", path), call("arrayPopFront", path)
    )
