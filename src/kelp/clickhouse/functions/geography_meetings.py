"""Functions that tell whether shapes have a place in common (rules GEO-1, GEO-7 and GEO-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.geography_lines import as_vectors, edges_of_all
from kelp.clickhouse.functions.geography_polygons import edges_of_rings, is_in_any
from kelp.clickhouse.functions.geojson_reading import over_lines, over_polygons
from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal
from kelp.clickhouse.functions.sphere import both, dot, multiply, normal, part
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call


def _meet(first: SqlExpression, second: SqlExpression) -> SqlExpression:
    """Return whether two edges of vectors cross, or share an end.

    They cross where the ends of each lie on both sides of the other, and in the same half of the sphere.
    """
    start, end = part(first, 1), part(first, 2)
    other_start, other_end = part(second, 1), part(second, 2)
    across, other_across = normal(start, end), normal(other_start, other_end)
    side = call("negate", dot(across, other_start))
    is_crossed = both(
        *(
            call("greater", multiply(side, other), 0.0)
            for other in (
                dot(across, other_end),
                call("negate", dot(other_across, end)),
                dot(other_across, start),
            )
        )
    )
    shared = (call("equals", one, other) for one in (start, end) for other in (other_start, other_end))
    return SqlCall("or", (is_crossed, *shared))


def _any_meet(edges: SqlExpression, others: SqlExpression) -> SqlExpression:
    first, second = SqlColumn("", "e"), SqlColumn("", "f")
    inner = call("arrayExists", SqlLambda(("f",), _meet(first, second)), others)
    return call("arrayExists", SqlLambda(("e",), inner), edges)


def _begins_in(paths: SqlExpression, polygons: SqlExpression) -> SqlExpression:
    """Return whether one of the paths begins in a polygon."""
    place = call("arrayElement", SqlColumn("", "q"), 1)
    is_within = is_in_any(part(place, 1), part(place, 2), polygons)
    return call("arrayExists", SqlLambda(("q",), is_within), paths)


def _no_paths() -> SqlExpression:
    place = call("tuple", literal(0.0), literal(0.0))
    return call("arraySlice", call("array", call("array", place)), 1, 0)


def _no_polygons() -> SqlExpression:
    return call("arraySlice", call("array", _no_paths()), 1, 0)


def _lines(value: Lowered) -> SqlExpression:
    return over_lines(value.sql, _no_paths(), lambda lines: lines)


def _polygons(value: Lowered) -> SqlExpression:
    return over_polygons(value.sql, _no_polygons(), lambda polygons: polygons)


def _where_both(left: SqlExpression, right: SqlExpression, answer: SqlExpression) -> SqlExpression:
    return call("if", both(call("notEmpty", left), call("notEmpty", right)), answer, literal(None))


def _two_lines(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def answer(left: SqlExpression, right: SqlExpression) -> SqlExpression:
        edges = (as_vectors(edges_of_all(paths)) for paths in (left, right))
        return _where_both(left, right, bind_once(tuple(edges), _any_meet))

    sql = bind_once((_lines(arguments[0]), _lines(arguments[1])), answer)
    return Lowered(sql, bound_call.type, nullable=True)


def _line_and_polygon(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def answer(lines: SqlExpression, polygons: SqlExpression) -> SqlExpression:
        edges = (as_vectors(edges_of_all(lines)), as_vectors(edges_of_rings(polygons)))
        meet = bind_once(edges, _any_meet)
        return _where_both(lines, polygons, call("or", _begins_in(lines, polygons), meet))

    sql = bind_once((_lines(arguments[0]), _polygons(arguments[1])), answer)
    return Lowered(sql, bound_call.type, nullable=True)


def _two_polygons(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def answer(left: SqlExpression, right: SqlExpression) -> SqlExpression:
        edges = (as_vectors(edges_of_rings(polygons)) for polygons in (left, right))
        meet = bind_once(tuple(edges), _any_meet)
        held = (_begins_in(_shells(left), right), _begins_in(_shells(right), left))
        return _where_both(left, right, SqlCall("or", (*held, meet)))

    sql = bind_once((_polygons(arguments[0]), _polygons(arguments[1])), answer)
    return Lowered(sql, bound_call.type, nullable=True)


def _shells(polygons: SqlExpression) -> SqlExpression:
    return call("arrayMap", SqlLambda(("g",), call("arrayElement", SqlColumn("", "g"), 1)), polygons)


SPELLINGS: dict[str, Spelling] = {
    "geo_intersects_2lines": _two_lines,
    "geo_intersects_line_with_polygon": _line_and_polygon,
    "geo_intersects_2polygons": _two_polygons,
}
