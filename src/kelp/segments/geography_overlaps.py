"""What lines and polygons have in common, and their unions (rules GEO-7, GEO-12, GEO-13 and GEO-14).

Both are closed: shapes have a place in common where they only touch in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import s2geometry as s2

from kelp.segments.geography_chains import chains_of, distinct_edges
from kelp.segments.geography_shapes import (
    collection,
    lines_of,
    lines_shape,
    polygons_of,
    polygons_shape,
    read_items,
    read_lines,
    read_polygons,
    texts_of_rows,
)
from kelp.segments.geography_sphere import (
    common,
    path_of,
    place_of,
    point_of,
    polygons_of_region,
    polyline_of,
    region_of,
    region_of_all,
    united,
    vectors_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from kelp.segments.geography_chains import Edge
    from kelp.segments.geography_shapes import Column, Path, Place, Polygon
    from kelp.segments.table import ScalarFunction

_CLEAR = 1e-14
"""A determinant of unit vectors beyond this has the right sign."""
_PAIRS = 1 << 20
"""How many pairs of edges are looked at in one step."""


# --- functions -------------------------------------------------------------------------------------------------------


def geo_union_polygons_array(arguments: Sequence[Column]) -> pa.Array:
    """Return the union of the polygons of an array."""
    return texts_of_rows(arguments, _polygons_union)


def geo_union_lines_array(arguments: Sequence[Column]) -> pa.Array:
    """Return the union of the lines of an array: what several share counts once."""
    return texts_of_rows(arguments, _lines_union)


def geo_intersection_2lines(arguments: Sequence[Column]) -> pa.Array:
    """Return what two lines have in common."""
    return texts_of_rows(arguments, _lines_overlap)


def geo_intersection_2polygons(arguments: Sequence[Column]) -> pa.Array:
    """Return what two polygons have in common."""
    return texts_of_rows(arguments, _polygons_overlap)


def geo_intersection_line_with_polygon(arguments: Sequence[Column]) -> pa.Array:
    """Return what a line and a polygon have in common."""
    return texts_of_rows(arguments, _line_polygon_overlap)


# --- unions ----------------------------------------------------------------------------------------------------------


def _polygons_union(text: str | None) -> object:
    regions = []
    for item in read_items(text) or ():
        polygons = polygons_of(item)
        if polygons is None:
            return None
        for polygon in polygons:
            region = region_of(polygon)
            if region is None:
                return None
            regions.append(region)
    found = polygons_of_region(united(regions)) if regions else []
    return polygons_shape(found) if found else None


def _lines_union(text: str | None) -> object:
    edges: list[Edge] = []
    for item in read_items(text) or ():
        lines = lines_of(item)
        if lines is None:
            return None
        edges.extend(_edges(lines))
    chains = chains_of(distinct_edges(edges))
    return lines_shape(chains) if chains else None


# --- overlaps --------------------------------------------------------------------------------------------------------


def _lines_overlap(text: str | None, other_text: str | None) -> object:
    lines, others = read_lines(text), read_lines(other_text)
    if lines is None or others is None:
        return None
    edges, other_edges = distinct_edges(_edges(lines)), distinct_edges(_edges(others))
    shared = _shared(edges, other_edges)
    points = set(_crossings(edges, other_edges)) | _places(edges) & _places(other_edges)
    return collection(_sorted(points - _places(shared)), chains_of(shared), [])


def _polygons_overlap(text: str | None, other_text: str | None) -> object:
    polygons, others = read_polygons(text), read_polygons(other_text)
    if polygons is None or others is None:
        return None
    region, other = region_of_all(polygons), region_of_all(others)
    if region is None or other is None:
        return None
    found = polygons_of_region(common(region, other))
    within = _boundary(found)
    edges, other_edges = (_boundary(polygons_of_region(whole)) for whole in (region, other))
    touched = _others(_shared(edges, other_edges), within)
    points = _places(edges) & _places(other_edges) - _places(within) - _places(touched)
    return collection(_sorted(points), chains_of(touched), found)


def _line_polygon_overlap(text: str | None, polygon_text: str | None) -> object:
    lines, polygons = read_lines(text), read_polygons(polygon_text)
    if lines is None or polygons is None:
        return None
    region = region_of_all(polygons)
    if region is None:
        return None
    boundary = _boundary(polygons_of_region(region))
    own: list[Edge] = []
    within: list[Edge] = []
    for line in lines:
        polyline = polyline_of(line)
        own += _edges([path_of(polyline)])
        within += _edges(path_of(piece) for piece in region.IntersectWithPolyline(polyline))
    edges = distinct_edges(within + _others(_shared(own, boundary), within))
    points = _places(own) & _places(boundary) - _places(edges)
    return collection(_sorted(points), chains_of(edges), [])


# --- edges -----------------------------------------------------------------------------------------------------------


def _edges(paths: Iterable[Path]) -> list[Edge]:
    """Return the edges of paths that lead from a place to another."""
    return [(start, end) for path in paths for start, end in pairwise(path) if start != end]


def _boundary(polygons: Iterable[Polygon]) -> list[Edge]:
    return [edge for polygon in polygons for edge in _edges(polygon)]


def _places(edges: Iterable[Edge]) -> set[Place]:
    return {place for edge in edges for place in edge}


def _shared(edges: Iterable[Edge], others: Iterable[Edge]) -> list[Edge]:
    """Return the edges that are among the others, whichever way they lead."""
    known = {frozenset(edge) for edge in others}
    return [edge for edge in edges if frozenset(edge) in known]


def _others(edges: Iterable[Edge], known: Iterable[Edge]) -> list[Edge]:
    """Return the edges that are not among the known ones, whichever way they lead."""
    found = {frozenset(edge) for edge in known}
    return [edge for edge in edges if frozenset(edge) not in found]


def _sorted(places: Iterable[Place]) -> list[Place]:
    """Return places in the order of S2 cells."""
    return sorted(places, key=lambda place: s2.S2CellId(point_of(place)).id())


# --- crossings -------------------------------------------------------------------------------------------------------


def _crossings(edges: Sequence[Edge], others: Sequence[Edge]) -> list[Place]:
    """Return the places in which edges cross others between their ends."""
    starts, ends = (vectors_of([edge[side] for edge in others]) for side in (0, 1))
    normals = np.cross(starts, ends)
    found = []
    step = max(1, _PAIRS // max(1, len(others)))
    for first in range(0, len(edges), step):
        some = edges[first : first + step]
        from_, to = (vectors_of([edge[side] for edge in some]) for side in (0, 1))
        own = np.cross(from_, to)
        may_cross = _may_part(own, starts, ends) & _may_part(normals, from_, to).T
        for row, column in zip(*np.nonzero(may_cross), strict=True):
            corners = [point_of(place) for place in (*some[row], *others[column])]
            if s2.CrossingSign(*corners) > 0:
                found.append(place_of(s2.GetIntersection(*corners)))
    return found


def _may_part(normals: Any, starts: Any, ends: Any) -> Any:
    """Return for each plane and each edge whether the plane may lie between the ends of the edge."""
    return (normals @ starts.T) * (normals @ ends.T) <= _CLEAR


FUNCTIONS: Mapping[str, ScalarFunction] = MappingProxyType(
    {
        "geo_union_polygons_array": geo_union_polygons_array,
        "geo_union_lines_array": geo_union_lines_array,
        "geo_intersection_2lines": geo_intersection_2lines,
        "geo_intersection_2polygons": geo_intersection_2polygons,
        "geo_intersection_line_with_polygon": geo_intersection_line_with_polygon,
    }
)
"""The functions of this module."""
