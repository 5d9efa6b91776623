"""Lines and polygons with fewer edges (rule GEO-19)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import s2geometry as s2

from kelp.segments.geography_chains import chains_of, distinct_edges
from kelp.segments.geography_chords import Simplification
from kelp.segments.geography_loops import loops_of_edges
from kelp.segments.geography_shapes import (
    lines_shape,
    polygons_of,
    polygons_shape,
    read_items,
    read_lines,
    read_polygons,
    texts_of_rows,
)
from kelp.segments.geography_snapping import snapped
from kelp.segments.geography_sphere import (
    EARTH_RADIUS_METERS,
    loops_of,
    place_of,
    point_of,
    polygons_of_region,
    region_of_all,
    region_of_loops,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from kelp.segments.geography_shapes import Column, Place, Polygon
    from kelp.segments.geography_vectors import Vector
    from kelp.segments.table import ScalarFunction

Edge = tuple["Vector", "Vector"]

_TOLERANCE_METERS = 10.0
_MOST_TOLERANCE = math.radians(70)
"""Beyond this, in radians, S2 snaps no edges."""


# --- functions -------------------------------------------------------------------------------------------------------


def geo_line_simplify(arguments: Sequence[Column]) -> pa.Array:
    """Return the union of lines with fewer edges, by a tolerance in meters."""
    return texts_of_rows(arguments, _line)


def geo_polygon_simplify(arguments: Sequence[Column]) -> pa.Array:
    """Return the union of polygons with fewer edges, by a tolerance in meters."""
    return texts_of_rows(arguments, _polygon)


def geo_simplify_polygons_array(arguments: Sequence[Column]) -> pa.Array:
    """Return the polygons of an array with fewer edges, by a tolerance in meters: such as are common stay common."""
    return texts_of_rows(arguments, _polygons)


def _line(text: str | None, tolerance: float | None = _TOLERANCE_METERS) -> object:
    lines, radius = read_lines(text), _radius(tolerance)
    if lines is None or radius is None:
        return None
    vertices = [[_vector(point_of(place)) for place in line] for line in lines]
    steps = [step for line in vertices for step in pairwise(line)]
    (edges,) = simplified([distinct_edges(steps)], radius)
    chains = chains_of(distinct_edges([(_place(start), _place(end)) for start, end in edges]))
    return lines_shape(chains) if chains else None


def _polygon(text: str | None, tolerance: float | None = _TOLERANCE_METERS) -> object:
    polygons, radius = read_polygons(text), _radius(tolerance)
    region = None if polygons is None else region_of_all(polygons)
    return None if region is None or radius is None else _simplified_regions([region], radius)


def _polygons(text: str | None, tolerance: float | None = _TOLERANCE_METERS) -> object:
    items, radius = read_items(text), _radius(tolerance)
    if items is None or radius is None:
        return None
    regions = []
    for item in items:
        polygons = polygons_of(item)
        region = None if polygons is None else region_of_all(polygons)
        if region is None:
            return None
        regions.append(region)
    return _simplified_regions(regions, radius)


def _radius(tolerance_meters: float | None) -> float | None:
    """Return a tolerance in radians; None where it is none."""
    if tolerance_meters is None:
        return None
    radius = tolerance_meters / EARTH_RADIUS_METERS
    return radius if 0 <= radius <= _MOST_TOLERANCE else None


# --- edges -----------------------------------------------------------------------------------------------------------


def simplified(layers: Sequence[Sequence[Edge]], radius: float) -> list[list[Edge]]:
    """Return the edges of each layer snapped to common sites, and with chains of them replaced."""
    edges = [edge for layer in layers for edge in layer]
    known: dict[Vector, int] = {}
    numbered = [tuple(known.setdefault(vertex, len(known)) for vertex in edge) for edge in edges]
    if not edges or not radius:
        return [list(layer) for layer in layers]
    snapping = snapped(list(known), [(start, end) for start, end in numbered], radius)
    layer_of = [number for number, layer in enumerate(layers) for _ in layer]
    result: list[list[Edge]] = [[] for _ in layers]
    for chord in Simplification(snapping, layer_of).run():
        result[chord.layer].append((snapping.sites[chord.start], snapping.sites[chord.end]))
    return result


def _simplified_regions(regions: Sequence[Any], radius: float) -> object:
    """Return the polygons of regions that have a layer each."""
    layers = []
    for region in regions:
        loops = [[_vector(vertex) for vertex in loop] for loop in loops_of(region)]
        layers.append([step for loop in loops for step in zip(loop, loop[1:] + loop[:1], strict=True)])
    found: list[Polygon] = []
    for layer in simplified(layers, radius):
        found += polygons_of_region(region_of_loops(loops_of_edges(layer)))
    return polygons_shape(found) if found else None


def _vector(point: Any) -> Vector:
    return point.x(), point.y(), point.z()


def _place(vector: Vector) -> Place:
    return place_of(s2.S2Point_FromRaw(*vector))


FUNCTIONS: Mapping[str, ScalarFunction] = MappingProxyType(
    {
        "geo_line_simplify": geo_line_simplify,
        "geo_polygon_simplify": geo_polygon_simplify,
        "geo_simplify_polygons_array": geo_simplify_polygons_array,
    }
)
"""The functions of this module."""
