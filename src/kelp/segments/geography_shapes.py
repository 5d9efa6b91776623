"""GeoJSON for the segment functions over places: text to paths of coordinates and back (rules GEO-2, GEO-3, GEO-7).

A place is a longitude and a latitude in degrees, a path a list of places, a ring a path whose last place is its first,
a polygon a list of rings: the shell, then the holes.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Place: TypeAlias = tuple[float, float]
Path: TypeAlias = list[Place]
Polygon: TypeAlias = list[Path]
Column: TypeAlias = "pa.Array | pa.ChunkedArray"

_T = TypeVar("_T")

_LINE_PLACES = 2
_RING_PLACES = 4
_MAX_LONGITUDE = 180.0
_MAX_LATITUDE = 90.0


# --- rows ------------------------------------------------------------------------------------------------------------


def texts_of_rows(arguments: Sequence[Column], compute: Callable[..., object]) -> pa.Array:
    """Return the JSON texts of what `compute` makes of each row, the empty text for None.

    `compute` is called once for each different row: shapes are often the same in many.
    """
    known: dict[tuple[object, ...], str] = {}
    texts = []
    for row in zip(*(argument.to_pylist() for argument in arguments), strict=True):
        text = known.get(row)
        if text is None:
            made = compute(*row)
            text = known[row] = "" if made is None else json.dumps(made, separators=(",", ":"))
        texts.append(text)
    return pa.array(texts, pa.string())


# --- reading ---------------------------------------------------------------------------------------------------------


def read_lines(text: str | None) -> list[Path] | None:
    """Return the lines of the text of a LineString or a MultiLineString; None of any other."""
    return lines_of(_document(text))


def read_polygons(text: str | None) -> list[Polygon] | None:
    """Return the polygons of the text of a Polygon or a MultiPolygon; None of any other."""
    return polygons_of(_document(text))


def read_items(text: str | None) -> list[object] | None:
    """Return the items of the text of an array; None of any other and of an empty one."""
    found = _document(text)
    return found if isinstance(found, list) and found else None


def lines_of(shape: object) -> list[Path] | None:
    """Return the lines of a LineString or a MultiLineString; None of any other."""
    return _every(_coordinates(shape, "LineString"), _line)


def polygons_of(shape: object) -> list[Polygon] | None:
    """Return the polygons of a Polygon or a MultiPolygon; None of any other."""
    return _every(_coordinates(shape, "Polygon"), lambda polygon: _every(polygon, _ring))


def _document(text: str | None) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _coordinates(shape: object, kind: str) -> object:
    """Return the coordinates of a shape of that type alone in a list, or those of several such in one."""
    if not isinstance(shape, dict):
        return None
    if shape.get("type") == kind:
        return [shape.get("coordinates")]
    return shape.get("coordinates") if shape.get("type") == f"Multi{kind}" else None


def _every(items: object, read: Callable[[object], _T | None]) -> list[_T] | None:
    """Return what `read` makes of each item; None where there is none or one of them gives None."""
    if not isinstance(items, list) or not items:
        return None
    made = []
    for item in items:
        one = read(item)
        if one is None:
            return None
        made.append(one)
    return made


def _line(path: object) -> Path | None:
    places = _every(path, _place)
    if places is None or len(places) < _LINE_PLACES:
        return None
    return None if any(_are_opposite(*edge) for edge in pairwise(places)) else places


def _ring(path: object) -> Path | None:
    """Return a ring: it comes back to where it began, and nowhere else to where it has been."""
    places = _every(path, _place)
    if places is None or len(places) < _RING_PLACES or places[0] != places[-1]:
        return None
    if len(set(places)) < len(places) - 1 or any(_are_opposite(*edge) for edge in pairwise(places)):
        return None
    return places


def _are_opposite(start: Place, end: Place) -> bool:
    """Return whether the way from a place to another leads no way more than any other."""
    is_opposite = abs(start[0] - end[0]) == _MAX_LONGITUDE or abs(start[1]) == _MAX_LATITUDE
    return is_opposite and start[1] == -end[1]


def _place(value: object) -> Place | None:
    match value:
        case [int() | float() as east, int() | float() as north] if is_place(east, north):
            return float(east), float(north)
    return None


def is_place(east: float, north: float) -> bool:
    """Return whether these are a longitude and a latitude (GEO-2)."""
    return abs(east) <= _MAX_LONGITUDE and abs(north) <= _MAX_LATITUDE


# --- writing ---------------------------------------------------------------------------------------------------------


def points_shape(places: Sequence[Place]) -> dict[str, object]:
    """Return a Point, or a MultiPoint of several places."""
    coordinates = [_written(place) for place in places]
    return _shape("Point", coordinates)


def lines_shape(lines: Sequence[Path]) -> dict[str, object]:
    """Return a LineString, or a MultiLineString of several lines."""
    return _shape("LineString", [[_written(place) for place in line] for line in lines])


def polygons_shape(polygons: Sequence[Polygon]) -> dict[str, object]:
    """Return a Polygon, or a MultiPolygon of several."""
    written = [[[_written(place) for place in ring] for ring in polygon] for polygon in polygons]
    return _shape("Polygon", written)


def collection(
    points: Sequence[Place], lines: Sequence[Path], polygons: Sequence[Polygon]
) -> dict[str, object]:
    """Return the shape of all of these: a GeometryCollection where they are of several kinds or none at all."""
    shapes: list[dict[str, object]] = []
    if points:
        shapes.append(points_shape(points))
    if lines:
        shapes.append(lines_shape(lines))
    if polygons:
        shapes.append(polygons_shape(polygons))
    return shapes[0] if len(shapes) == 1 else {"type": "GeometryCollection", "geometries": shapes}


def _shape(kind: str, items: Sequence[object]) -> dict[str, object]:
    if len(items) == 1:
        return {"type": kind, "coordinates": items[0]}
    return {"type": f"Multi{kind}", "coordinates": list(items)}


def _written(place: Place) -> list[float | int]:
    """Return a place as GEO-3 writes it: whole numbers without a fraction."""
    return [int(degrees) if degrees.is_integer() else degrees for degrees in place]
