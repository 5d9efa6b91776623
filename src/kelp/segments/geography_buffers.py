"""Polygons around places, lines and polygons (rule GEO-16)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import s2geometry as s2

from kelp.segments.geography_shapes import (
    is_place,
    polygons_shape,
    read_lines,
    read_polygons,
    texts_of_rows,
)
from kelp.segments.geography_sphere import (
    EARTH_RADIUS_METERS,
    point_of,
    polygons_of_region,
    region_of_all,
    united,
    vectors_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from kelp.segments.geography_shapes import Column, Path, Place
    from kelp.segments.table import ScalarFunction

_TOLERANCE_METERS = 10.0
_LEAST_SHARE = 1e-6
"""The least part of a radius that its tolerance is."""
_MOST_SHARE = 0.99
_QUARTER = math.pi / 2
"""A buffer this wide, in radians, has no small side any more."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a buffer goes, and how exactly, in radians."""

    radius: float
    tolerance: float


# --- functions -------------------------------------------------------------------------------------------------------


def geo_point_buffer(arguments: Sequence[Column]) -> pa.Array:
    """Return a polygon around a longitude and latitude, by a radius and a tolerance in meters."""
    return texts_of_rows(arguments, _point_buffer)


def geo_line_buffer(arguments: Sequence[Column]) -> pa.Array:
    """Return polygons around lines, by a radius and a tolerance in meters."""
    return texts_of_rows(arguments, _line_buffer)


def geo_polygon_buffer(arguments: Sequence[Column]) -> pa.Array:
    """Return polygons around polygons, by a radius and a tolerance in meters."""
    return texts_of_rows(arguments, _polygon_buffer)


def _point_buffer(
    east: float | None, north: float | None, radius: float | None, tolerance: float | None = _TOLERANCE_METERS
) -> object:
    reach = reach_of(radius, tolerance)
    if east is None or north is None or reach is None or not is_place(east, north):
        return None
    return _shape_of(buffered_point((east, north), reach))


def _line_buffer(
    text: str | None, radius: float | None, tolerance: float | None = _TOLERANCE_METERS
) -> object:
    lines, reach = read_lines(text), reach_of(radius, tolerance)
    return None if lines is None or reach is None else _shape_of(buffered_lines(lines, reach))


def _polygon_buffer(
    text: str | None, radius: float | None, tolerance: float | None = _TOLERANCE_METERS
) -> object:
    polygons, reach = read_polygons(text), reach_of(radius, tolerance)
    region = None if polygons is None else region_of_all(polygons)
    return None if region is None or reach is None else _shape_of(buffered_region(region, reach))


def reach_of(radius_meters: float | None, tolerance_meters: float | None) -> Reach | None:
    """Return the reach of a buffer; None where there is none. Tolerances are brought within what the radius allows."""
    if radius_meters is None or tolerance_meters is None or not tolerance_meters > 0:
        return None
    radius = radius_meters / EARTH_RADIUS_METERS
    if not 0 < radius < _QUARTER:
        return None
    share = min(max(tolerance_meters / radius_meters, _LEAST_SHARE), _MOST_SHARE)
    return Reach(radius, share * radius)


def _shape_of(region: Any) -> object:
    found = polygons_of_region(region)
    return polygons_shape(found) if found else None


# --- regions ---------------------------------------------------------------------------------------------------------


def buffered_point(place: Place, reach: Reach) -> Any:
    """Return the region around a place."""
    return _buffered(reach, lambda operation: operation.AddPoint(point_of(place)))


def buffered_region(region: Any, reach: Reach) -> Any:
    """Return a region with the places around it."""
    return _buffered(reach, lambda operation: operation.AddPolygon(region.Clone()))


def _buffered(reach: Reach, add: Callable[[Any], None]) -> Any:
    options = s2.S2BufferOperationOptions()
    options.set_buffer_radius(s2.S1Angle.Radians(reach.radius))
    options.set_error_fraction(reach.tolerance / reach.radius)
    result = s2.S2Polygon()
    operation = s2.S2BufferOperation(s2.S2PolygonLayer(result), options)
    add(operation)
    operation.Build()
    return result


def buffered_lines(lines: Sequence[Path], reach: Reach) -> Any:
    """Return the region around lines: the union of those around the parts of their edges."""
    return united([part for line in lines for part in _parts_around(line, reach)])


def _parts_around(line: Path, reach: Reach) -> list[Any]:
    """Return the regions around the parts of a line, short enough that their sides keep to the tolerance.

    A side is an edge of a great circle beside a curve that is none, and leaves it in its middle by more the longer it
    is. Both it and the ends, which are parts of a circle as chords outside of it, take half of the tolerance.
    """
    slack = min(reach.tolerance, (_QUARTER - reach.radius) / 2)
    outer = reach.radius + slack / 2
    step = 2 * math.acos(math.tan(reach.radius) / math.tan(outer))
    longest = 2 * math.acos(math.tan(outer) / math.tan(reach.radius + slack))
    chords = max(2, math.ceil(math.pi / step))
    width = math.atan(math.tan(reach.radius) / math.cos(math.pi / chords / 2))
    vectors = vectors_of(line)
    parts = []
    for start, end in pairwise(vectors):
        if not np.array_equal(start, end):
            parts += _edge_parts(start, end, longest, width, chords)
    return parts or [buffered_point(line[0], reach)]


def _edge_parts(start: Any, end: Any, longest: float, width: float, chords: int) -> list[Any]:
    """Return the regions around the pieces of an edge, each less than half of the sphere: mostly there is one."""
    across = np.cross(start + end, end - start)
    left = across / np.linalg.norm(across)
    along = np.cross(left, start)
    arc = 2 * math.asin(min(float(np.linalg.norm(end - start)) / 2, 1.0))
    turns = np.linspace(np.pi / 2, 3 * np.pi / 2, chords + 1)
    pieces = math.ceil(arc / max(longest, _QUARTER - width))
    parts = []
    for first, last in pairwise(np.linspace(0.0, arc, pieces + 1)):
        ways = np.linspace(first, last, max(1, math.ceil((last - first) / longest)) + 1)[1:-1, None]
        between = math.cos(width) * (np.cos(ways) * start + np.sin(ways) * along)
        ring = np.concatenate(
            (
                _half_circle(start, along, left, first, turns, width),
                between - math.sin(width) * left,
                _half_circle(start, along, left, last, turns + np.pi, width),
                (between + math.sin(width) * left)[::-1],
            )
        )
        parts.append(_ring_region(ring))
    return parts


def _half_circle(start: Any, along: Any, left: Any, way: float, turns: Any, width: float) -> Any:
    """Return the vertices around the place that lies that far along an edge, in the directions given by `turns`."""
    place = math.cos(way) * start + math.sin(way) * along
    forward = math.cos(way) * along - math.sin(way) * start
    directions = np.cos(turns)[:, None] * forward + np.sin(turns)[:, None] * left
    return math.cos(width) * place + math.sin(width) * directions


def _ring_region(ring: Any) -> Any:
    loop = s2.S2Loop([s2.S2Point_FromRaw(*vertex).Normalize() for vertex in ring.tolist()])
    loop.Normalize()
    region = s2.S2Polygon()
    region.InitNested([loop])
    return region


FUNCTIONS: Mapping[str, ScalarFunction] = MappingProxyType(
    {
        "geo_point_buffer": geo_point_buffer,
        "geo_line_buffer": geo_line_buffer,
        "geo_polygon_buffer": geo_polygon_buffer,
    }
)
"""The functions of this module."""
