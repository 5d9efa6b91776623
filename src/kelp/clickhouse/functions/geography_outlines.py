"""Constant polygons drawn on a plane, once, so that the engine's own test finds the places within (rule GEO-9).

Seen from the centre of Earth, edges of great circles are straight lines on a plane that touches it. A place so near to
an edge that rounding decides is told by the caller's exact test: two places beside it, on a line that no edge is
parallel to, are then not both in or both out. Corners are told by that test too.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import call, literal
from kelp.clickhouse.functions.sphere import (
    MAX_LATITUDE,
    MAX_LONGITUDE,
    add,
    both,
    divide,
    dot,
    part,
    vector,
)
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlColumn, SqlLambda, SqlLiteral

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kelp.clickhouse.sql import SqlExpression

Vector: TypeAlias = tuple[float, float, float]
Pair: TypeAlias = tuple[float, float]
Ring: TypeAlias = tuple[Pair, ...]

_RING_PLACES = 4
_LEAST_HEIGHT = 0.2
"""How far above the plane through Earth's centre each corner lies: nearer to it the drawing loses digits."""
_HALF_TURN = 180.0
_MARGIN = 1e-9
_OUT, _IN = 0, 3
"""How many are in, of a place and two beside it. Where only some are, it is close to an edge."""
_BESIDE = 1e-6
"""How far from a line the places beside one are at least, as a part of the outline's size. The engine's test is exact
to less than a tenth of this."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Polygons on a plane: its axes to the right, up and towards the beholder, and rings of places on it.

    `box` has the least and greatest longitude and latitude; it is None where they don't bound the polygons. `beside` is
    the way to a place so far off that no edge is between the two, unless the first is next to it.
    """

    axes: tuple[Vector, Vector, Vector]
    polygons: tuple[tuple[Ring, ...], ...]
    places: frozenset[Pair]
    box: tuple[float, float, float, float] | None
    beside: Pair


# --- drawing ---------------------------------------------------------------------------------------------------------


def outline_of(text: str) -> Outline | None:
    """Return the outline of a Polygon or a MultiPolygon; None of what is none, or too wide for a plane."""
    polygons = _read(text)
    if polygons is None:
        return None
    places = [place for polygon in polygons for ring in polygon for place in ring]
    vectors = [_vector(place) for place in places]
    towards = _unit(*(sum(values) for values in zip(*vectors, strict=True)))
    if towards is None or min(_dot(towards, each) for each in vectors) < _LEAST_HEIGHT:
        return None
    right = _unit(*_cross((0.0, 0.0, 1.0) if abs(towards[2]) < 1 / 2 else (1.0, 0.0, 0.0), towards))
    if right is None:
        return None
    axes = (right, _cross(towards, right), towards)
    drawn = tuple(
        tuple(tuple(_drawn(axes, place) for place in ring) for ring in polygon) for polygon in polygons
    )
    if any(_crosses_itself(ring) for polygon in drawn for ring in polygon):
        return None
    rings = [ring for polygon in polygons for ring in polygon]
    return Outline(axes, drawn, frozenset(places), _box(rings), _beside(drawn))


def _read(text: str) -> list[list[list[Pair]]] | None:
    """Return polygons as lists of rings; None of what is none (GEO-7)."""
    try:
        shape = json.loads(text)
        kind, coordinates = shape["type"], shape["coordinates"]
        polygons = [coordinates] if kind == "Polygon" else coordinates if kind == "MultiPolygon" else []
        read = [[[_place(*place) for place in ring] for ring in polygon] for polygon in polygons]
    except (ValueError, TypeError, KeyError):
        return None
    is_valid = bool(read) and all(polygon and all(map(_is_ring, polygon)) for polygon in read)
    return read if is_valid else None


def _place(east: float, north: float) -> Pair:
    """Return a place; raises `ValueError` where it is none."""
    if not (abs(east) <= MAX_LONGITUDE and abs(north) <= MAX_LATITUDE):
        raise ValueError
    return float(east), float(north)


def _is_ring(ring: Sequence[Pair]) -> bool:
    is_closed = len(ring) >= _RING_PLACES and ring[0] == ring[-1]
    return is_closed and len(set(ring)) == len(ring) - 1


def _drawn(axes: tuple[Vector, Vector, Vector], place: Pair) -> Pair:
    """Return where on the plane a place is seen."""
    across, up, height = (_dot(axis, _vector(place)) for axis in axes)
    return across / height, up / height


def _box(rings: Iterable[Sequence[Pair]]) -> tuple[float, float, float, float] | None:
    """Return the least longitude and latitude of rings, and the greatest; None of such as go around ±180 degrees."""
    longitudes: list[float] = []
    latitudes: list[float] = []
    for ring in rings:
        for start, end in pairwise(ring):
            if abs(end[0] - start[0]) >= _HALF_TURN or abs(start[1]) == MAX_LATITUDE:
                return None
            longitudes.append(start[0])
            latitudes += (start[1], *_extreme_latitudes(_vector(start), _vector(end)))
    return (
        min(longitudes) - _MARGIN,
        min(latitudes) - _MARGIN,
        max(longitudes) + _MARGIN,
        max(latitudes) + _MARGIN,
    )


def _extreme_latitudes(start: Vector, end: Vector) -> Iterable[float]:
    """Return the latitude at which an edge turns from north to south or back, if it does."""
    normal = _unit(*_cross(start, end))
    if normal is None:
        return
    summit = _unit(-normal[2] * normal[0], -normal[2] * normal[1], 1 - normal[2] ** 2)
    if summit is None:
        return
    ahead, behind = _dot(_cross(normal, start), summit), _dot(_cross(normal, end), summit)
    if ahead * behind < 0:
        latitude = math.degrees(math.asin(min(1.0, abs(summit[2]))))
        yield latitude if ahead > 0 else -latitude


def _beside(polygons: Sequence[Sequence[Ring]]) -> Pair:
    """Return a way between the directions of edges, long enough to part places that an edge runs between."""
    directions = sorted(
        math.atan2(end[1] - start[1], end[0] - start[0]) % math.pi
        for polygon in polygons
        for ring in polygon
        for start, end in pairwise(ring)
    )
    gaps = [after - before for before, after in pairwise((*directions, directions[0] + math.pi))]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    turn = directions[widest] + gaps[widest] / 2
    size = max(max(map(abs, spot)) for polygon in polygons for ring in polygon for spot in ring)
    length = size * _BESIDE / math.sin(gaps[widest] / 2)
    return length * math.cos(turn), length * math.sin(turn)


def _crosses_itself(ring: Ring) -> bool:
    """Tell whether edges of a ring cross, which the engine's test takes for granted that they don't."""
    edges = sorted((min(start, end), max(start, end)) for start, end in pairwise(ring))
    beside: list[tuple[Pair, Pair]] = []
    for start, end in edges:
        beside = [edge for edge in beside if edge[1][0] >= start[0]]
        low, high = sorted((start[1], end[1]))
        for other_start, other_end in beside:
            if max(other_start[1], other_end[1]) < low or min(other_start[1], other_end[1]) > high:
                continue
            if _parts(start, end, other_start, other_end) and _parts(other_start, other_end, start, end):
                return True
        beside.append((start, end))
    return False


def _parts(start: Pair, end: Pair, one: Pair, other: Pair) -> bool:
    """Tell whether two places are on different sides of an edge."""
    sides = [
        (end[0] - start[0]) * (place[1] - start[1]) - (end[1] - start[1]) * (place[0] - start[0])
        for place in (one, other)
    ]
    return sides[0] * sides[1] < 0


def _vector(place: Pair) -> Vector:
    east, north = math.radians(place[0]), math.radians(place[1])
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def _unit(x: float, y: float, z: float) -> Vector | None:
    length = math.sqrt(x * x + y * y + z * z)
    return (x / length, y / length, z / length) if length > _MARGIN else None


def _cross(left: Vector, right: Vector) -> Vector:
    return (
        left[1] * right[2] - left[2] * right[1],
        left[2] * right[0] - left[0] * right[2],
        left[0] * right[1] - left[1] * right[0],
    )


def _dot(left: Vector, right: Vector) -> float:
    return left[0] * right[0] + left[1] * right[1] + left[2] * right[2]


# --- statements ------------------------------------------------------------------------------------------------------


def is_in_outline(
    east: SqlExpression, north: SqlExpression, outline: Outline, exactly: SqlExpression
) -> SqlExpression:
    """Return whether a place lies in an outline; `exactly` tells it where rounding would decide.

    That one is only computed where it is needed, which the engine does no deeper than in one lambda: so it stands in
    none here. Sines and cosines, which it computes for all rows elsewhere, stand in one so that it computes them for
    those in the box. What stands twice is computed once.
    """
    place = call("array", call("tuple", east, north))
    spot = SqlColumn("", "q")
    seen = bind_once((vector(part(spot, 1), part(spot, 2)),), partial(_told, outline))
    told = call("arrayElement", call("arrayMap", SqlLambda(("q",), seen), place), 1)
    if outline.box:
        told = call("if", _is_in_box(east, north, outline.box), told, literal(_OUT))
    is_corner = both(
        *(
            call("in", value, _reals(sorted({place[index] for place in outline.places})))
            for index, value in enumerate((east, north))
        )
    )
    is_told = SqlCall("or", (call("equals", told, _OUT), call("equals", told, _IN)))
    is_close = SqlCall("or", (call("not", is_told), is_corner))
    return call("if", is_close, exactly, call("equals", told, _IN))


def _told(outline: Outline, direction: SqlExpression) -> SqlExpression:
    """Return how many of the place in a direction and two beside it are in."""

    def seen(right: SqlExpression, up: SqlExpression, height: SqlExpression) -> SqlExpression:
        told = bind_once((divide(right, height), divide(up, height)), beside)
        return call("if", call("greater", height, _LEAST_HEIGHT / 2), told, literal(_OUT))

    def beside(across: SqlExpression, up: SqlExpression) -> SqlExpression:
        right, higher = outline.beside
        return add(
            _is_within(across, up, outline),
            _is_within(add(across, right), add(up, higher), outline),
            _is_within(add(across, -right), add(up, -higher), outline),
        )

    return bind_once(tuple(dot(direction, _tuple(axis)) for axis in outline.axes), seen)


def _is_in_box(
    east: SqlExpression, north: SqlExpression, box: tuple[float, float, float, float]
) -> SqlExpression:
    west, south, east_end, north_end = box
    return both(
        call("greaterOrEquals", east, west),
        call("lessOrEquals", east, east_end),
        call("greaterOrEquals", north, south),
        call("lessOrEquals", north, north_end),
    )


def _is_within(across: SqlExpression, up: SqlExpression, outline: Outline) -> SqlExpression:
    """Return whether a place on the plane lies in the shell of a polygon, and in none of its holes."""
    spot = call("tuple", across, up)
    found = tuple(
        both(
            *(
                call("pointInPolygon", spot, _points(ring)) if not index else _is_outside(spot, ring)
                for index, ring in enumerate(polygon)
            )
        )
        for polygon in outline.polygons
    )
    return found[0] if len(found) == 1 else SqlCall("or", found)


def _is_outside(spot: SqlExpression, ring: Ring) -> SqlExpression:
    return call("not", call("pointInPolygon", spot, _points(ring)))


def _points(ring: Ring) -> SqlExpression:
    text = ",".join(f"({across!r},{up!r})" for across, up in ring)
    return SqlCast(SqlLiteral(f"[{text}]"), "Array(Tuple(Float64, Float64))")


def _reals(values: Iterable[float]) -> SqlExpression:
    return SqlCast(SqlLiteral(f"[{','.join(map(repr, values))}]"), "Array(Float64)")


def _tuple(values: Vector) -> SqlExpression:
    return call("tuple", *(literal(value) for value in values))
