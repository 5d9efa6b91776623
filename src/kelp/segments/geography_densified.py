"""Edges that are straight in longitude and latitude, as chains of edges of great circles (rule GEO-15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from kelp.segments.geography_shapes import (
    lines_shape,
    polygons_shape,
    read_lines,
    read_polygons,
    texts_of_rows,
)
from kelp.segments.geography_sphere import EARTH_RADIUS_METERS, vectors_of

if TYPE_CHECKING:
    import pyarrow as pa

    from kelp.segments.geography_shapes import Column, Path
    from kelp.segments.table import ScalarFunction

_TOLERANCE_METERS = 10.0
_LEAST_TOLERANCE_METERS = 0.1
_MOST_TOLERANCE_METERS = 10_000.0
_MOST_PLACES = 10_485_760
_SHARE = 0.31215691082248312
"""How far from either end of an edge the two ways are compared: S2 found them farthest apart there."""
_SAFETY = 0.83829992569888509
"""How much of the tolerance they may be apart there, so that they are nowhere farther apart than all of it."""
_WHOLE_TURN = 360.0


def geo_line_densify(arguments: Sequence[Column]) -> pa.Array:
    """Return lines with places added, by a tolerance in meters, and whether edges go the shorter way around."""
    return texts_of_rows(arguments, _line)


def geo_polygon_densify(arguments: Sequence[Column]) -> pa.Array:
    """Return polygons with places added, by a tolerance in meters, and whether edges go the shorter way around."""
    return texts_of_rows(arguments, _polygon)


def _line(text: str | None, *options: float | None) -> object:
    lines, settings = read_lines(text), _settings(options)
    if lines is None or settings is None:
        return None
    tolerance, wraps = settings
    made = [densified(line, tolerance, wraps=wraps) for line in lines]
    return lines_shape(made) if sum(map(len, made)) <= _MOST_PLACES else None


def _polygon(text: str | None, *options: float | None) -> object:
    polygons, settings = read_polygons(text), _settings(options)
    if polygons is None or settings is None:
        return None
    tolerance, wraps = settings
    made = [[densified(ring, tolerance, wraps=wraps) for ring in polygon] for polygon in polygons]
    places = sum(len(ring) for polygon in made for ring in polygon)
    return polygons_shape(made) if places <= _MOST_PLACES else None


def _settings(options: Sequence[float | None]) -> tuple[float, bool] | None:
    """Return the tolerance and whether edges go the shorter way around; None where one of them is none."""
    given: list[float | None] = [_TOLERANCE_METERS, False]
    given[: len(options)] = options
    tolerance, wraps = given
    if tolerance is None or wraps is None:
        return None
    is_valid = _LEAST_TOLERANCE_METERS <= tolerance <= _MOST_TOLERANCE_METERS
    return (tolerance, bool(wraps)) if is_valid else None


def densified(path: Path, tolerance_meters: float, *, wraps: bool) -> Path:
    """Return a path with edges halved until none leaves the straight one by more than the tolerance.

    An edge between longitudes farther apart than half a turn crosses the meridian of ±180 degrees where `wraps`, and
    that of 0 degrees where not.
    """
    places = np.array(path, dtype=np.float64)
    starts, ends = places[:-1], places[1:].copy()
    if wraps:
        turns = np.round((ends[:, 0] - starts[:, 0]) / _WHOLE_TURN)
        ends[:, 0] -= _WHOLE_TURN * turns
    order = np.arange(len(starts), dtype=np.float64)
    width = np.ones(len(starts))
    limit = _SAFETY * tolerance_meters / EARTH_RADIUS_METERS
    done: list[Any] = []
    while len(starts):
        is_far = _largest_gap(starts, ends) > limit
        done.append((order[~is_far], ends[~is_far]))
        starts, ends, order, width = starts[is_far], ends[is_far], order[is_far], width[is_far] / 2
        middles = (starts + ends) / 2
        starts, ends = np.concatenate((starts, middles)), np.concatenate((middles, ends))
        order, width = np.concatenate((order, order + width)), np.concatenate((width, width))
    keys, reached = (np.concatenate(parts) for parts in zip(*done, strict=True))
    reached = reached[np.argsort(keys, kind="stable")]
    reached[:, 0] -= _WHOLE_TURN * (np.abs(reached[:, 0]) > _WHOLE_TURN / 2) * np.sign(reached[:, 0])
    return [path[0], *((east, north) for east, north in reached.tolist())]


def _largest_gap(starts: Any, ends: Any) -> Any:
    """Return for each edge how far, in radians, the straight one and that of a great circle are apart."""
    first, last = vectors_of(starts), vectors_of(ends)
    arc = _angles(first, last)
    gaps = []
    for share in (_SHARE, 1 - _SHARE):
        with np.errstate(divide="ignore", invalid="ignore"):
            before = np.where(arc > 0, np.sin((1 - share) * arc) / np.sin(arc), 1 - share)
            after = np.where(arc > 0, np.sin(share * arc) / np.sin(arc), share)
        on_circle = before[:, None] * first + after[:, None] * last
        gaps.append(_angles(on_circle, vectors_of(starts + share * (ends - starts))))
    is_long = np.sum(first * last, axis=1) < 0
    return np.where(is_long, np.inf, np.maximum(*gaps))


def _angles(left: Any, right: Any) -> Any:
    chords = np.linalg.norm(left - right, axis=1)
    return 2 * np.arcsin(np.minimum(chords / 2, 1.0))


FUNCTIONS: Mapping[str, ScalarFunction] = MappingProxyType(
    {"geo_line_densify": geo_line_densify, "geo_polygon_densify": geo_polygon_densify}
)
"""The functions of this module."""
