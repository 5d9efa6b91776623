"""Shapes on the sphere: paths of coordinates to the types of the S2 library and back (rules GEO-1, GEO-7 and GEO-9).

S2 is what the documented results come from. Its types have no annotations: they are `Any` here, and stay within the
modules over places.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

import numpy as np
import s2geometry as s2

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kelp.segments.geography_shapes import Path, Place, Polygon
    from kelp.segments.geography_vectors import Vector

EARTH_RADIUS_METERS = 6_371_010.0


def point_of(place: Place) -> Any:
    """Return a place as a unit vector."""
    east, north = place
    return s2.S2LatLng.FromDegrees(north, east).ToPoint()


def place_of(point: Any) -> Place:
    """Return the place to which a vector points."""
    place = s2.S2LatLng(point)
    return place.lng().degrees(), place.lat().degrees()


def vectors_of(places: Sequence[Place]) -> Any:
    """Return places as an array of unit vectors, which may differ from those of S2 in the last digits."""
    degrees = np.radians(np.array(places, dtype=np.float64).reshape(-1, 2))
    east, north = degrees[:, 0], degrees[:, 1]
    return np.stack((np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)), axis=1)


def polyline_of(line: Path) -> Any:
    """Return a line as a polyline."""
    polyline = s2.S2Polyline()
    polyline.InitFromS2Points([point_of(place) for place in line])
    return polyline


def path_of(polyline: Any) -> Path:
    """Return a polyline as a line."""
    return [place_of(polyline.vertex(index)) for index in range(polyline.num_vertices())]


def region_of(polygon: Polygon) -> Any | None:
    """Return a polygon of rings as a polygon of loops; None where rings cross themselves or another."""
    loops = []
    for ring in polygon:
        loop = s2.S2Loop([point_of(place) for place in ring[:-1]])
        if not loop.IsValid():
            return None
        loop.Normalize()
        loops.append(loop)
    region = s2.S2Polygon()
    region.InitNested(loops)
    return region if region.IsValid() else None


def region_of_all(polygons: Sequence[Polygon]) -> Any | None:
    """Return several polygons as one that has the places of all; None where one of them is none."""
    regions = []
    for polygon in polygons:
        region = region_of(polygon)
        if region is None:
            return None
        regions.append(region)
    return united(regions)


def united(regions: Sequence[Any]) -> Any:
    """Return one region that has the places of all, of which there is at least one.

    The two smallest are joined until there is only one: the order decides where rings of the result begin.
    """
    waiting = [(region.num_vertices(), index, region) for index, region in enumerate(regions)]
    heapq.heapify(waiting)
    made = len(waiting)
    while len(waiting) > 1:
        size, _, region = heapq.heappop(waiting)
        other_size, _, other = heapq.heappop(waiting)
        joined = s2.S2Polygon()
        joined.InitToUnion(region, other)
        heapq.heappush(waiting, (size + other_size, made, joined))
        made += 1
    return waiting[0][2]


def common(region: Any, other: Any) -> Any:
    """Return the region that two have in common, without edges and corners in which they only touch."""
    result = s2.S2Polygon()
    operation = s2.S2BooleanOperation(s2.S2BooleanOperation.OpType_INTERSECTION, s2.S2PolygonLayer(result))
    first, second = s2.MutableS2ShapeIndex(), s2.MutableS2ShapeIndex()
    first.Add(region.Clone())
    second.Add(other.Clone())
    operation.Build(first, second)
    return result


def region_of_loops(loops: Iterable[Sequence[Vector]]) -> Any:
    """Return the region that loops bound: each encloses less than half of the sphere, and a hole is within another."""
    made = []
    for vertices in loops:
        loop = s2.S2Loop([s2.S2Point_FromRaw(*vertex) for vertex in vertices])
        if loop.IsValid():
            loop.Normalize()
            made.append(loop)
    region = s2.S2Polygon()
    region.InitNested(made)
    return region


def loops_of(region: Any) -> list[list[Any]]:
    """Return the vertices of each loop of a region, which is always on their left."""
    loops = []
    for index in range(region.num_loops()):
        loop = region.loop(index)
        vertices = [loop.vertex(number) for number in range(loop.num_vertices())]
        loops.append(vertices[::-1] if loop.is_hole() else vertices)
    return loops


def polygons_of_region(region: Any) -> list[Polygon]:
    """Return a region as polygons of rings; none where it is empty or the whole sphere."""
    polygons: list[Polygon] = []
    for index, vertices in enumerate(loops_of(region)):
        if len(vertices) <= 1:
            return []
        ring = [place_of(vertex) for vertex in vertices]
        ring.append(ring[0])
        if region.loop(index).is_hole():
            polygons[-1].append(ring)
        else:
            polygons.append([ring])
    return polygons
