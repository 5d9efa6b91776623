"""Arithmetic on places as unit vectors: tuples one by one, and arrays of many."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

Vector: TypeAlias = tuple[float, float, float]


def dot(left: Vector, right: Vector) -> float:
    """Return the scalar product."""
    return left[0] * right[0] + left[1] * right[1] + left[2] * right[2]


def cross(left: Vector, right: Vector) -> Vector:
    """Return the vector product."""
    return (
        left[1] * right[2] - left[2] * right[1],
        left[2] * right[0] - left[0] * right[2],
        left[0] * right[1] - left[1] * right[0],
    )


def difference(left: Vector, right: Vector) -> Vector:
    """Return the way from `right` to `left`."""
    return left[0] - right[0], left[1] - right[1], left[2] - right[2]


def scaled(vector: Vector, factor: float) -> Vector:
    """Return a vector made longer or shorter."""
    return vector[0] * factor, vector[1] * factor, vector[2] * factor


def total(left: Vector, right: Vector) -> Vector:
    """Return the sum."""
    return left[0] + right[0], left[1] + right[1], left[2] + right[2]


def unit(vector: Vector) -> Vector:
    """Return the vector of length one in that direction; one without direction stays as it is."""
    length = math.sqrt(dot(vector, vector))
    return scaled(vector, 1 / length) if length else vector


def normal(start: Vector, end: Vector) -> Vector:
    """Return the unit vector on the left of an edge, exact for short edges too."""
    return unit(cross(total(start, end), difference(end, start)))


def angle(left: Vector, right: Vector) -> float:
    """Return the angle between two unit vectors in radians."""
    way = difference(left, right)
    return 2 * math.asin(min(math.sqrt(dot(way, way)) / 2, 1.0))


def side(start: Vector, end: Vector, place: Vector) -> int:
    """Return 1 where a place is on the left of an edge, -1 on the right, 0 on neither."""
    across = dot(cross(difference(end, start), difference(place, start)), start)
    return (across > 0) - (across < 0)


def angles_to(places: Any, place: Vector) -> Any:
    """Return the angles of many places with one."""
    return 2 * np.arcsin(np.minimum(np.linalg.norm(places - np.array(place), axis=1) / 2, 1.0))


def angles_to_edge(places: Any, start: Vector, end: Vector) -> Any:
    """Return the angles of many places with what is nearest to them on an edge."""
    nearest = np.minimum(angles_to(places, start), angles_to(places, end))
    if start == end:
        return nearest
    left = np.array(normal(start, end))
    is_beside = (places @ np.cross(left, start) > 0) & (places @ np.cross(left, end) < 0)
    across = np.arcsin(np.minimum(np.abs(places @ left), 1.0))
    return np.where(is_beside, np.minimum(nearest, across), nearest)
