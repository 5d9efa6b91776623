"""Functions over geohashes (rule GEO-5).

The engine's own have twelve characters at the most. Of those beyond, each pair of twelve and more is the geohash, of
its own, of where the place lies within the cell of the first twelve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.geojson import point, polygon
from kelp.clickhouse.functions.json_text import bind_once, json_array, json_string
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.functions.sphere import (
    MAX_LATITUDE,
    MAX_LONGITUDE,
    add,
    both,
    divide,
    integer,
    is_place,
    multiply,
    real,
    subtract,
)
from kelp.clickhouse.sql import SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

DEFAULT_ACCURACY = 5
MAX_ACCURACY = 18
_ENGINE_ACCURACY = 12
_ENGINE_CELLS = 2**30
"""Into so many parts the cells of the engine's longest geohashes part longitudes, and latitudes."""
_VALID = f"^[0-9b-hjkmnp-z]{{1,{MAX_ACCURACY}}}$"
_NEIGHBORS = ((-1, -1), (-1, 1), (1, -1), (0, 1), (-1, 0), (1, 1), (1, 0), (0, -1))
"""Steps east and north, in the order in which Kusto lists neighbors."""


def _encoded(longitude: SqlExpression, latitude: SqlExpression, accuracy: SqlExpression) -> SqlExpression:
    """Return the geohash of a place; the accuracy is valid."""
    size = accuracy.value if isinstance(accuracy, SqlLiteral) and isinstance(accuracy.value, int) else None
    if size is not None and size <= _ENGINE_ACCURACY:
        return call("geohashEncode", longitude, latitude, accuracy)
    first = call("geohashEncode", longitude, latitude, call("least", accuracy, _ENGINE_ACCURACY))
    rest = call(
        "geohashEncode",
        _within(longitude, MAX_LONGITUDE),
        _within(latitude, MAX_LATITUDE),
        call("greatest", subtract(accuracy, _ENGINE_ACCURACY), 1),
    )
    return call("concat", first, call("if", call("greater", accuracy, _ENGINE_ACCURACY), rest, ""))


def _within(degrees: SqlExpression, limit: float) -> SqlExpression:
    """Return where within its cell a coordinate lies, as a coordinate of the whole range."""
    cells = multiply(divide(add(degrees, limit), 2 * limit), _ENGINE_CELLS)
    whole = call("least", call("floor", cells), _ENGINE_CELLS - 1)
    return subtract(multiply(subtract(cells, whole), 2 * limit), limit)


def _of_point(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """GEO-2: the empty text where a coordinate or the accuracy is not valid."""
    accuracy = integer(arguments[2]) if len(arguments) > 2 else literal(DEFAULT_ACCURACY)
    constant = _constant_integer(bound_call)
    if constant is not None:
        if not 1 <= constant <= MAX_ACCURACY:
            return as_text(literal(""), bound_call.type)
        accuracy = literal(constant)

    def encode(longitude: SqlExpression, latitude: SqlExpression, size: SqlExpression) -> SqlExpression:
        is_valid = [is_place(longitude, latitude)]
        if constant is None and len(arguments) > 2:
            is_valid += [call("greaterOrEquals", size, 1), call("lessOrEquals", size, MAX_ACCURACY)]
        return call("if", both(*is_valid), _encoded(longitude, latitude, size), "")

    return as_text(bind_once((real(arguments[0]), real(arguments[1]), accuracy), encode), bound_call.type)


def _constant_integer(bound_call: Call) -> int | None:
    given = bound_call.arguments[2] if len(bound_call.arguments) > 2 else None
    value = given.value if isinstance(given, Literal) else None
    return value if isinstance(value, int) else None


# --- cells -----------------------------------------------------------------------------------------------------------


def _over_cell(value: Lowered, body: Callable[..., SqlExpression]) -> Lowered:
    """Return `body` over the centre (longitude, latitude), size (degrees east, north) and length of a geohash.

    It is null for what is no geohash.
    """

    def over_text(text: SqlExpression) -> SqlExpression:
        length = call("length", text)
        bits = multiply(5, length)
        width = divide(2 * MAX_LONGITUDE, call("exp2", call("intDiv", add(bits, 1), 2)))
        height = divide(2 * MAX_LATITUDE, call("exp2", call("intDiv", bits, 2)))
        first = call("geohashDecode", call("substring", text, 1, _ENGINE_ACCURACY))
        rest = call("geohashDecode", call("substring", text, _ENGINE_ACCURACY + 1))
        made = bind_once((first, rest, width, height, length), over_center)
        return call("if", call("match", text, _VALID), made, "")

    def over_center(
        first: SqlExpression,
        rest: SqlExpression,
        width: SqlExpression,
        height: SqlExpression,
        length: SqlExpression,
    ) -> SqlExpression:
        is_long = call("greater", length, _ENGINE_ACCURACY)
        center = (
            add(
                call("tupleElement", first, part),
                call("if", is_long, divide(call("tupleElement", rest, part), _ENGINE_CELLS), 0.0),
            )
            for part in (1, 2)
        )
        return bind_once((*center, width, height, length), body)

    return as_text(bind_once((value.sql,), over_text), T.DYNAMIC)


def _central_point(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return _over_cell(arguments[0], lambda longitude, latitude, *_: point(longitude, latitude))


def _polygon(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Counterclockwise, from the south-western corner."""
    del bound_call

    def corners(
        longitude: SqlExpression,
        latitude: SqlExpression,
        width: SqlExpression,
        height: SqlExpression,
        length: SqlExpression,
    ) -> SqlExpression:
        del length
        west, east = subtract(longitude, divide(width, 2)), add(longitude, divide(width, 2))
        south, north = subtract(latitude, divide(height, 2)), add(latitude, divide(height, 2))
        ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
        return polygon(call("array", *(call("tuple", *corner) for corner in ring)))

    return _over_cell(arguments[0], corners)


def _neighbors(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """There are none beyond the poles; across the antimeridian there are."""
    del bound_call

    def listed(
        longitude: SqlExpression,
        latitude: SqlExpression,
        width: SqlExpression,
        height: SqlExpression,
        length: SqlExpression,
    ) -> SqlExpression:
        places = call(
            "array",
            *(
                call(
                    "tuple",
                    _around(add(longitude, multiply(float(east), width))),
                    add(latitude, multiply(float(north), height)),
                )
                for east, north in _NEIGHBORS
            ),
        )
        east, north = (call("tupleElement", SqlColumn("", "n"), part) for part in (1, 2))
        is_on_earth = call("less", call("abs", north), MAX_LATITUDE)
        return json_array(
            call(
                "arrayMap",
                SqlLambda(("n",), json_string(_encoded(east, north, length))),
                call("arrayFilter", SqlLambda(("n",), is_on_earth), places),
            )
        )

    return _over_cell(arguments[0], listed)


def _around(longitude: SqlExpression) -> SqlExpression:
    """Return a longitude a little outside of the range as the same one within."""
    turned = subtract(longitude, multiply(call("sign", longitude), 2 * MAX_LONGITUDE))
    return call("if", call("greater", call("abs", longitude), MAX_LONGITUDE), turned, longitude)


SPELLINGS: dict[str, Spelling] = {
    "geo_point_to_geohash": _of_point,
    "geo_geohash_to_central_point": _central_point,
    "geo_geohash_to_polygon": _polygon,
    "geo_geohash_neighbors": _neighbors,
}
