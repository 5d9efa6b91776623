"""Lines and polygons as cells of S2 and of H3 (rules GEO-17 and GEO-18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import h3
import s2geometry as s2

from kelp.segments.geography_buffers import Reach, buffered_lines, buffered_region, reach_of
from kelp.segments.geography_shapes import read_lines, read_polygons, texts_of_rows
from kelp.segments.geography_sphere import polygons_of_region, polyline_of, region_of_all

if TYPE_CHECKING:
    import pyarrow as pa

    from kelp.segments.geography_shapes import Column, Polygon
    from kelp.segments.table import ScalarFunction

_S2_LEVEL = 11
_MOST_S2_LEVEL = 30
_MOST_S2_CELLS = 65_536
_H3_RESOLUTION = 6
_MOST_H3_RESOLUTION = 15
_MOST_H3_CELLS = 61_680
_TOLERANCE_SHARE = 0.01
"""How exactly a shape is widened, as a part of the radius."""


# --- functions -------------------------------------------------------------------------------------------------------


def geo_line_to_s2cells(arguments: Sequence[Column]) -> pa.Array:
    """Return the S2 cells of a level that cover a line and the places within a radius in meters of it."""
    return texts_of_rows(arguments, _line_to_s2cells)


def geo_polygon_to_s2cells(arguments: Sequence[Column]) -> pa.Array:
    """Return the S2 cells of a level that cover a polygon and the places within a radius in meters of it."""
    return texts_of_rows(arguments, _polygon_to_s2cells)


def geo_polygon_to_h3cells(arguments: Sequence[Column]) -> pa.Array:
    """Return the H3 cells of a resolution with centers in a polygon, or within a radius in meters of it."""
    return texts_of_rows(arguments, _polygon_to_h3cells)


def _line_to_s2cells(text: str | None, level: int | None = _S2_LEVEL, radius: float | None = 0.0) -> object:
    lines = read_lines(text)
    if lines is None or level is None or radius is None or not _is_valid(level, _MOST_S2_LEVEL, radius):
        return None
    if radius == 0:
        return s2_cells([polyline_of(line) for line in lines], level)
    reach = _outer_reach(radius)
    return None if reach is None else s2_cells([buffered_lines(lines, reach)], level)


def _polygon_to_s2cells(
    text: str | None, level: int | None = _S2_LEVEL, radius: float | None = 0.0
) -> object:
    polygons = read_polygons(text)
    if polygons is None or level is None or radius is None or not _is_valid(level, _MOST_S2_LEVEL, radius):
        return None
    region = _widened(polygons, radius)
    return None if region is None else s2_cells([region], level)


def _polygon_to_h3cells(
    text: str | None, resolution: int | None = _H3_RESOLUTION, radius: float | None = 0.0
) -> object:
    polygons = read_polygons(text)
    if polygons is None or resolution is None or radius is None:
        return None
    if not _is_valid(resolution, _MOST_H3_RESOLUTION, radius):
        return None
    if radius > 0:
        region = _widened(polygons, radius)
        polygons = [] if region is None else polygons_of_region(region)
    return h3_cells(polygons, resolution) if polygons else None


def _is_valid(level: int, most: int, radius: float) -> bool:
    return 0 <= level <= most and radius >= 0


def _widened(polygons: list[Polygon], radius: float) -> Any | None:
    region = region_of_all(polygons)
    if region is None or radius == 0:
        return region
    reach = _outer_reach(radius)
    return None if reach is None else buffered_region(region, reach)


def _outer_reach(radius_meters: float) -> Reach | None:
    """Return a reach whose buffer has all places within the radius: it may end before by its tolerance."""
    widened = radius_meters / (1 - _TOLERANCE_SHARE)
    return reach_of(widened, widened * _TOLERANCE_SHARE)


# --- cells -----------------------------------------------------------------------------------------------------------


def s2_cells(regions: Sequence[Any], level: int) -> list[str] | None:
    """Return the tokens of the cells of a level that cover regions, in their order; None of too many.

    Coarser cells are counted first, of which there are never more, so that far too many are never made.
    """
    coverer = s2.S2RegionCoverer()
    for coarser in range(min(level, _first_level(regions, level)), level + 1):
        coverer.set_fixed_level(coarser)
        cells = {cell.id(): cell for region in regions for cell in coverer.GetCovering(region)}
        if len(cells) > _MOST_S2_CELLS:
            return None
    return [cells[number].ToToken() for number in sorted(cells)]


def _first_level(regions: Sequence[Any], level: int) -> int:
    """Return a level at which the cells of all regions together are surely not too many."""
    area = sum(region.GetCapBound().GetRectBound().Area() for region in regions)
    most = level
    while most > 0 and area / s2.S2Cell.AverageArea(most) + len(regions) > _MOST_S2_CELLS:
        most -= 1
    return most


def h3_cells(polygons: Sequence[Polygon], resolution: int) -> list[str] | None:
    """Return the cells of a resolution whose centers lie in polygons, whose edges are straight; None of too many.

    Coarser cells are counted first: each has seven of the next resolution, so that far too many are never made.
    """
    shapes = []
    for shell, *holes in polygons:
        outer, *inner = ([(north, east) for east, north in ring] for ring in (shell, *holes))
        shapes.append(h3.LatLngPoly(outer, *inner))
    found: dict[str, None] = {}
    for coarser in range(resolution + 1):
        try:
            found = {cell: None for shape in shapes for cell in h3.h3shape_to_cells(shape, coarser)}
        except h3.H3BaseException:
            # A polygon around a pole or so wide that it has no inside on a flat map.
            return None
        if len(found) > _MOST_H3_CELLS:
            return None
    return list(found)


FUNCTIONS: Mapping[str, ScalarFunction] = MappingProxyType(
    {
        "geo_line_to_s2cells": geo_line_to_s2cells,
        "geo_polygon_to_s2cells": geo_polygon_to_s2cells,
        "geo_polygon_to_h3cells": geo_polygon_to_h3cells,
    }
)
"""The functions of this module."""
