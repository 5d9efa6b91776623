"""Functions over H3 cells, written as their hexadecimal number (rule GEO-6).

The engine fails on numbers that are no cells and on resolutions that are none, and constants it computes whether they
are needed or not: what is not valid is replaced before it gets there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.geojson import point, polygon
from kelp.clickhouse.functions.json_text import bind_once, json_array, json_string
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.functions.sphere import add, both, integer, is_place, multiply, real, subtract
from kelp.clickhouse.sql import SqlColumn, SqlLambda

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

DEFAULT_RESOLUTION = 6
MAX_RESOLUTION = 15
MAX_CHILD_LEVELS = 5
MAX_RING = 142
_VALID = "^8[0-9a-fA-F]{14}$"
_SOME_CELL = "8001fffffffffff"
"""A cell that stands where there is none."""


def _between(value: SqlExpression, low: SqlExpression | int, high: SqlExpression | int) -> SqlExpression:
    return both(call("greaterOrEquals", value, low), call("lessOrEquals", value, high))


def _resolution(value: SqlExpression) -> SqlExpression:
    """Return a resolution as the engine takes it, another one for what is none."""
    return call("toUInt8", call("greatest", call("least", value, MAX_RESOLUTION), 0))


def _text(cell: SqlExpression) -> SqlExpression:
    return call("h3ToString", cell)


def _listed(cells: SqlExpression) -> SqlExpression:
    """Return the dynamic array of an engine array of cells."""
    return json_array(call("arrayMap", SqlLambda(("c",), json_string(_text(SqlColumn("", "c")))), cells))


def _of_point(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """GEO-2: the empty text where a coordinate or the resolution is not valid."""
    level = integer(arguments[2]) if len(arguments) > 2 else call("toInt64", DEFAULT_RESOLUTION)

    def cell(longitude: SqlExpression, latitude: SqlExpression, resolution: SqlExpression) -> SqlExpression:
        is_valid = both(is_place(longitude, latitude), _between(resolution, 0, MAX_RESOLUTION))
        return bind_once(
            (is_valid, longitude, latitude, resolution),
            lambda valid, east, north, size: call(
                "if",
                valid,
                _text(
                    call(
                        "geoToH3",
                        call("if", valid, north, literal(0.0)),
                        call("if", valid, east, literal(0.0)),
                        _resolution(size),
                    )
                ),
                "",
            ),
        )

    return as_text(bind_once((real(arguments[0]), real(arguments[1]), level), cell), bound_call.type)


def _over_cell(
    value: Lowered,
    others: tuple[SqlExpression, ...],
    body: Callable[..., SqlExpression],
    otherwise: SqlExpression,
) -> SqlExpression:
    """Return `body` over the number of a cell and other integers; `otherwise` for what is no cell."""

    def over_text(text: SqlExpression, *rest: SqlExpression) -> SqlExpression:
        is_written = call("match", text, _VALID)
        number = call("stringToH3", call("if", is_written, text, _SOME_CELL))
        return bind_once((is_written, number, *rest), over_number)

    def over_number(written: SqlExpression, number: SqlExpression, *rest: SqlExpression) -> SqlExpression:
        is_valid = both(written, call("h3IsValid", number))
        cell = call("if", is_valid, number, call("stringToH3", _SOME_CELL))
        return call("if", is_valid, bind_once((cell, *rest), body), otherwise)

    return bind_once((value.sql, *others), over_text)


def _level_of(cell: SqlExpression) -> SqlExpression:
    return call("toInt64", call("h3GetResolution", cell))


def _level(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    found = _over_cell(
        arguments[0], (), lambda cell: call("toInt32", call("h3GetResolution", cell)), literal(None)
    )
    return Lowered(found, bound_call.type, nullable=True)


def _central_point(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def center(cell: SqlExpression) -> SqlExpression:
        return bind_once(
            (call("h3ToGeo", cell),),
            lambda pair: point(call("tupleElement", pair, 2), call("tupleElement", pair, 1)),
        )

    return as_text(_over_cell(arguments[0], (), center, literal("")), bound_call.type)


def _polygon(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def boundary(cell: SqlExpression) -> SqlExpression:
        corner = SqlColumn("", "b")
        pair = call("tuple", call("tupleElement", corner, 2), call("tupleElement", corner, 1))
        corners = call("arrayMap", SqlLambda(("b",), pair), call("h3ToGeoBoundary", cell))
        return bind_once(
            (corners,),
            lambda ring: polygon(call("arrayPushBack", ring, call("arrayElement", ring, 1))),
        )

    return as_text(_over_cell(arguments[0], (), boundary, literal("")), bound_call.type)


def _parent(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The empty text where the resolution is not valid; its own cell at its own resolution."""

    def parent(cell: SqlExpression, *given: SqlExpression) -> SqlExpression:
        resolution = given[0] if given else subtract(_level_of(cell), 1)
        found = _text(call("h3ToParent", cell, _resolution(call("least", resolution, _level_of(cell)))))
        return call("if", _between(resolution, 0, _level_of(cell)), found, "")

    resolutions = tuple(integer(value) for value in arguments[1:])
    return as_text(_over_cell(arguments[0], resolutions, parent, literal("")), bound_call.type)


def _children(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Null where the resolution is not valid: below the cell's own, or more than `MAX_CHILD_LEVELS` above."""

    def children(cell: SqlExpression, *given: SqlExpression) -> SqlExpression:
        resolution = given[0] if given else add(_level_of(cell), 1)
        steps = subtract(resolution, _level_of(cell))
        is_valid = both(
            _between(steps, 0, MAX_CHILD_LEVELS), call("lessOrEquals", resolution, MAX_RESOLUTION)
        )
        safe = call("if", is_valid, resolution, _level_of(cell))
        return call("if", is_valid, _listed(call("h3ToChildren", cell, _resolution(safe))), "")

    resolutions = tuple(integer(value) for value in arguments[1:])
    return as_text(_over_cell(arguments[0], resolutions, children, literal("")), bound_call.type)


def _disk(cell: SqlExpression, distance: SqlExpression | int) -> SqlExpression:
    return call("h3kRing", cell, call("toUInt16", distance))


def _neighbors(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def around(cell: SqlExpression) -> SqlExpression:
        others = call(
            "arrayFilter", SqlLambda(("o",), call("notEquals", SqlColumn("", "o"), cell)), _disk(cell, 1)
        )
        return _listed(others)

    return as_text(_over_cell(arguments[0], (), around, literal("")), bound_call.type)


def _rings(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def rings(cell: SqlExpression, distance: SqlExpression) -> SqlExpression:
        is_valid = _between(distance, 0, MAX_RING)
        farthest = call("if", is_valid, distance, call("toInt64", 0))
        listed = bind_once((_disk(cell, farthest), cell, farthest), _rings_of)
        return call("if", is_valid, listed, "")

    found = _over_cell(arguments[0], (integer(arguments[1]),), rings, literal(""))
    return as_text(found, bound_call.type)


def _rings_of(disk: SqlExpression, cell: SqlExpression, farthest: SqlExpression) -> SqlExpression:
    """Return the rings of a disk, whose cells come ring by ring unless there is a pentagon among them."""
    r = SqlColumn("", "r")
    before = add(multiply(3, r, subtract(r, 1)), 2)
    place = call("if", call("equals", r, 0), 1, before)
    sized = call("arraySlice", disk, place, call("greatest", multiply(6, r), 1))
    inner = _disk(cell, call("greatest", subtract(r, 1), 0))
    is_new = call("or", call("equals", r, 0), call("not", call("has", inner, SqlColumn("", "d"))))
    found = call("arrayFilter", SqlLambda(("d",), is_new), _disk(cell, r))
    numbers = call("range", call("toInt64", 0), add(farthest, 1))
    by_place = json_array(call("arrayMap", SqlLambda(("r",), _listed(sized)), numbers))
    by_look = json_array(call("arrayMap", SqlLambda(("r",), _listed(found)), numbers))
    has_pentagon = call("arrayExists", SqlLambda(("d",), call("h3IsPentagon", SqlColumn("", "d"))), disk)
    return call("if", has_pentagon, by_look, by_place)


SPELLINGS: dict[str, Spelling] = {
    "geo_point_to_h3cell": _of_point,
    "geo_h3cell_level": _level,
    "geo_h3cell_to_central_point": _central_point,
    "geo_h3cell_to_polygon": _polygon,
    "geo_h3cell_parent": _parent,
    "geo_h3cell_children": _children,
    "geo_h3cell_neighbors": _neighbors,
    "geo_h3cell_rings": _rings,
}
