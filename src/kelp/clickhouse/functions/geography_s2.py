"""Functions over S2 cells, written as tokens (rule GEO-11).

The engine has none, but they are arithmetic: the sphere is projected on the faces of a cube, each face is parted in
four thirty times over, and a Hilbert curve numbers the parts. S2's own names for the coordinates are used: `u` and `v`
on a face from -1 to 1, `s` from 0 to 1 so that cells are about equal, `i` and `j` in whole cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.geojson import point, polygon
from kelp.clickhouse.functions.json_text import bind_once, json_array, json_string
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.functions.sphere import (
    add,
    both,
    divide,
    integer,
    is_place,
    multiply,
    part,
    place_of,
    real,
    subtract,
    vector,
)
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

DEFAULT_LEVEL = 11
MAX_LEVEL = 30
_LEAVES = 2**MAX_LEVEL
_VALID = "^[0-9a-fA-F]{1,16}$"
_LEVEL_BITS = 0x1555_5555_5555_5555
"""Where the lowest bit of a cell's number may be."""
_PLACE_OF_PART = (0, 1, 3, 2, 0, 3, 1, 2, 2, 3, 1, 0, 2, 1, 3, 0)
"""By the curve's orientation, then the part of the square (twice i's bit and j's), the place on the curve."""
_PART_OF_PLACE = (0, 1, 3, 2, 0, 2, 3, 1, 3, 2, 0, 1, 3, 1, 0, 2)
"""The inverse, by the orientation and then the place on the curve."""
_TURN_OF_PLACE = (1, 0, 0, 3)
"""By the place on the curve, which bits of the orientation change within it."""
_NEIGHBORS = ((1, 1), (-1, -1), (1, -1), (0, -1), (0, 1), (1, 0), (-1, 0), (-1, 1))
"""Steps of i and j, in the order in which Kusto lists neighbors."""
_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))


def _chosen(index: SqlExpression, values: tuple[int, ...]) -> SqlExpression:
    """Return one of constants, counted from 0."""
    return call("arrayElement", call("array", *(call("toUInt64", value) for value in values)), add(index, 1))


# --- the cube --------------------------------------------------------------------------------------------------------


def _face_of(direction: SqlExpression) -> SqlExpression:
    """Return the face that a vector points to, from 0 to 5."""
    x, y, z = (part(direction, index) for index in (1, 2, 3))
    wide, high, far = (call("abs", size) for size in (x, y, z))
    first = call("if", call("greater", wide, far), _signed(x, 0), _signed(z, 2))
    second = call("if", call("greater", high, far), _signed(y, 1), _signed(z, 2))
    return call("if", call("greater", wide, high), first, second)


def _signed(size: SqlExpression, face: int) -> SqlExpression:
    return call("toUInt64", call("if", call("less", size, 0.0), face + 3, face))


def _face_place(face: SqlExpression, direction: SqlExpression) -> tuple[SqlExpression, SqlExpression]:
    """Return where on that face a vector meets it, as u and v."""
    x, y, z = (part(direction, index) for index in (1, 2, 3))
    minus_x, minus_y = call("negate", x), call("negate", y)
    return (
        _by_face(
            face,
            (
                divide(y, x),
                divide(minus_x, y),
                divide(minus_x, z),
                divide(z, x),
                divide(z, y),
                divide(minus_y, z),
            ),
        ),
        _by_face(
            face,
            (
                divide(z, x),
                divide(z, y),
                divide(minus_y, z),
                divide(y, x),
                divide(minus_x, y),
                divide(minus_x, z),
            ),
        ),
    )


def _by_face(face: SqlExpression, values: tuple[SqlExpression, ...]) -> SqlExpression:
    parts: list[SqlExpression] = []
    for number, value in enumerate(values[:-1]):
        parts += [call("equals", face, number), value]
    return SqlCall("multiIf", (*parts, values[-1]))


def _direction(face: SqlExpression, u: SqlExpression, v: SqlExpression) -> SqlExpression:
    """Return the vector of a place on a face."""
    one, minus_one = literal(1.0), literal(-1.0)
    minus_u, minus_v = call("negate", u), call("negate", v)
    return call(
        "tuple",
        _by_face(face, (one, minus_u, minus_u, minus_one, v, v)),
        _by_face(face, (u, one, minus_v, minus_v, minus_one, u)),
        _by_face(face, (v, v, one, minus_u, minus_u, minus_one)),
    )


def _leaf(u: SqlExpression) -> SqlExpression:
    """Return the i of a u, or the j of a v."""
    bent = call("sqrt", add(1.0, multiply(3.0, call("abs", u))))
    half = multiply(0.5, bent)
    return _whole_leaf(call("if", call("greaterOrEquals", u, 0.0), half, subtract(literal(1.0), half)))


def _whole_leaf(s: SqlExpression) -> SqlExpression:
    cell = call("floor", multiply(s, float(_LEAVES)))
    return call("toUInt64", call("greatest", call("least", cell, float(_LEAVES - 1)), 0.0))


def _unbent(s: SqlExpression) -> SqlExpression:
    """Return the u of an s."""
    above = subtract(multiply(4.0, s, s), 1.0)
    rest = subtract(literal(1.0), s)
    below = subtract(literal(1.0), multiply(4.0, rest, rest))
    return divide(call("if", call("greaterOrEquals", s, 0.5), above, below), 3.0)


# --- the curve -------------------------------------------------------------------------------------------------------


def _token(face: SqlExpression, i: SqlExpression, j: SqlExpression, level: SqlExpression) -> SqlExpression:
    """Return the token of the cell of a level that holds a leaf."""
    state, step = SqlColumn("", "h"), SqlColumn("", "k")

    def bit(number: SqlExpression) -> SqlExpression:
        return call("bitAnd", call("bitShiftRight", number, subtract(MAX_LEVEL - 1, step)), 1)

    index = add(multiply(part(state, 2), 4), multiply(bit(i), 2), bit(j))
    place = _chosen(index, _PLACE_OF_PART)
    following = call(
        "tuple",
        call("toUInt64", add(multiply(part(state, 1), 4), place)),
        call("toUInt64", call("bitXor", part(state, 2), _chosen(place, _TURN_OF_PLACE))),
    )
    start = call("tuple", call("toUInt64", face), call("toUInt64", call("bitAnd", face, 1)))
    folded = call(
        "arrayFold", SqlLambda(("h", "k"), following), call("range", call("toUInt64", level)), start
    )
    marked = add(multiply(part(folded, 1), 2), 1)
    shift = call("toUInt8", subtract(2 * MAX_LEVEL, multiply(2, level)))
    digits = call(
        "leftPad", call("lower", call("hex", call("bitShiftLeft", call("toUInt64", marked), shift))), 16, "0"
    )
    return call("replaceRegexpOne", digits, "0+$", "")


def _of_point(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """GEO-2: the empty text where a coordinate or the level is not valid."""
    level = integer(arguments[2]) if len(arguments) > 2 else call("toInt64", DEFAULT_LEVEL)

    def checked(east: SqlExpression, north: SqlExpression, depth: SqlExpression) -> SqlExpression:
        is_valid = both(
            is_place(east, north), call("greaterOrEquals", depth, 0), call("lessOrEquals", depth, MAX_LEVEL)
        )
        safe = call("greatest", call("least", depth, MAX_LEVEL), 0)
        return call("if", is_valid, bind_once((vector(east, north), safe), on_face), "")

    def on_face(direction: SqlExpression, depth: SqlExpression) -> SqlExpression:
        return bind_once((_face_of(direction), direction, depth), numbered)

    def numbered(face: SqlExpression, direction: SqlExpression, depth: SqlExpression) -> SqlExpression:
        u, v = _face_place(face, direction)
        return bind_once((face, _leaf(u), _leaf(v), depth), _token)

    return as_text(bind_once((real(arguments[0]), real(arguments[1]), level), checked), bound_call.type)


def _over_cell(value: Lowered, body: Callable[..., SqlExpression]) -> Lowered:
    """Return `body` over the face, i, j and level of a cell, i and j counted in its own size.

    It is null for what is no token.
    """

    def over_text(text: SqlExpression) -> SqlExpression:
        written = call("if", call("match", text, _VALID), call("rightPad", text, 16, "0"), "0")
        number = call("reinterpretAsUInt64", call("reverse", call("unhex", written)))
        return bind_once((call("toUInt64", number),), over_number)

    def over_number(number: SqlExpression) -> SqlExpression:
        lowest = call("bitAnd", number, call("toUInt64", add(call("bitNot", number), 1)))
        level = subtract(MAX_LEVEL, call("intDiv", call("bitCount", subtract(lowest, 1)), 2))
        is_valid = both(
            call("notEquals", call("bitAnd", lowest, _LEVEL_BITS), 0),
            call("less", call("bitShiftRight", number, 61), 6),
        )
        depth = call("if", is_valid, call("toInt64", level), call("toInt64", 0))
        return call("if", is_valid, bind_once((number, depth), over_level), "")

    def over_level(number: SqlExpression, level: SqlExpression) -> SqlExpression:
        face = call("bitShiftRight", number, 61)
        return bind_once((face, _square(number, face, level), level), over_square)

    def over_square(face: SqlExpression, square: SqlExpression, level: SqlExpression) -> SqlExpression:
        return bind_once((face, part(square, 1), part(square, 2), level), body)

    return as_text(bind_once((value.sql,), over_text), T.DYNAMIC)


def _square(number: SqlExpression, face: SqlExpression, level: SqlExpression) -> SqlExpression:
    """Return i, j and the curve's orientation at the end."""
    state, step = SqlColumn("", "h"), SqlColumn("", "k")
    bits = call("bitShiftRight", number, subtract(2 * MAX_LEVEL - 1, multiply(2, step)))
    place = call("bitAnd", bits, 3)
    square = _chosen(add(multiply(part(state, 3), 4), place), _PART_OF_PLACE)
    following = call(
        "tuple",
        call("toUInt64", add(multiply(part(state, 1), 2), call("bitShiftRight", square, 1))),
        call("toUInt64", add(multiply(part(state, 2), 2), call("bitAnd", square, 1))),
        call("toUInt64", call("bitXor", part(state, 3), _chosen(place, _TURN_OF_PLACE))),
    )
    start = call("tuple", call("toUInt64", 0), call("toUInt64", 0), call("toUInt64", call("bitAnd", face, 1)))
    return call("arrayFold", SqlLambda(("h", "k"), following), call("range", call("toUInt64", level)), start)


# --- cells -----------------------------------------------------------------------------------------------------------


def _place(face: SqlExpression, i: SqlExpression, j: SqlExpression, level: SqlExpression) -> SqlExpression:
    """Return the tuple of longitude and latitude of a place on a face, in cells of a level."""
    size = call("exp2", level)

    def unbent(number: SqlExpression) -> SqlExpression:
        return bind_once((divide(number, size),), _unbent)

    def on_earth(direction: SqlExpression) -> SqlExpression:
        return call("tuple", *place_of(direction))

    return bind_once(
        (face, unbent(i), unbent(j)), lambda *square: bind_once((_direction(*square),), on_earth)
    )


def _central_point(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call

    def center(
        face: SqlExpression, i: SqlExpression, j: SqlExpression, level: SqlExpression
    ) -> SqlExpression:
        place = _place(face, add(i, 0.5), add(j, 0.5), level)
        return bind_once((place,), lambda found: point(part(found, 1), part(found, 2)))

    return _over_cell(arguments[0], center)


def _polygon(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call

    def corners(
        face: SqlExpression, i: SqlExpression, j: SqlExpression, level: SqlExpression
    ) -> SqlExpression:
        corner = SqlColumn("", "n")
        place = _place(face, add(i, part(corner, 1)), add(j, part(corner, 2)), level)
        return polygon(call("arrayMap", SqlLambda(("n",), place), _pairs(_CORNERS)))

    return _over_cell(arguments[0], corners)


def _pairs(steps: tuple[tuple[int, int], ...]) -> SqlExpression:
    pairs = (call("tuple", call("toInt64", east), call("toInt64", north)) for east, north in steps)
    return call("array", *pairs)


def _neighbors(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """All cells of its size that it touches; those at a corner of the cube touch one less."""
    del bound_call

    def listed(
        face: SqlExpression, i: SqlExpression, j: SqlExpression, level: SqlExpression
    ) -> SqlExpression:
        size = call(
            "toInt64", call("bitShiftLeft", call("toUInt64", 1), call("toUInt8", subtract(MAX_LEVEL, level)))
        )
        step = SqlColumn("", "n")
        first, second = (
            multiply(add(call("toInt64", number), part(step, index)), size)
            for number, index in ((i, 1), (j, 2))
        )
        token = bind_once((face, first, second, level), _neighbor)
        tokens = call("arrayDistinct", call("arrayMap", SqlLambda(("n",), token), _pairs(_NEIGHBORS)))
        return json_array(call("arrayMap", SqlLambda(("x",), json_string(SqlColumn("", "x"))), tokens))

    return _over_cell(arguments[0], listed)


def _neighbor(face: SqlExpression, i: SqlExpression, j: SqlExpression, level: SqlExpression) -> SqlExpression:
    """Return the token of the cell at a leaf that may lie beyond an edge of the face.

    There it is taken for the place beside the edge, by a plain projection, which is exact for leaves at edges.
    """
    is_inside = both(
        *(
            condition
            for number in (i, j)
            for condition in (call("greaterOrEquals", number, 0), call("less", number, _LEAVES))
        )
    )
    u, v = (_beside(number) for number in (i, j))
    beyond = bind_once((_direction(face, u, v), level), _projected)
    inside = _token(
        face, call("toUInt64", call("greatest", i, 0)), call("toUInt64", call("greatest", j, 0)), level
    )
    return call("if", is_inside, inside, beyond)


def _beside(leaf: SqlExpression) -> SqlExpression:
    nearest = call("greatest", call("least", leaf, _LEAVES), -1)
    scaled = divide(add(multiply(2, subtract(nearest, _LEAVES // 2)), 1), float(_LEAVES))
    limit = 1.0 + 2.0**-52
    return call("greatest", call("least", scaled, limit), -limit)


def _projected(direction: SqlExpression, level: SqlExpression) -> SqlExpression:
    def on_face(face: SqlExpression, way: SqlExpression, depth: SqlExpression) -> SqlExpression:
        leaves = (_whole_leaf(multiply(0.5, add(size, 1.0))) for size in _face_place(face, way))
        return bind_once((face, *leaves, depth), _token)

    return bind_once((_face_of(direction), direction, level), on_face)


SPELLINGS: dict[str, Spelling] = {
    "geo_point_to_s2cell": _of_point,
    "geo_s2cell_to_central_point": _central_point,
    "geo_s2cell_to_polygon": _polygon,
    "geo_s2cell_neighbors": _neighbors,
}
