"""Edges snapped to sites: vertices no two of which are nearer to each other than a radius (rule GEO-19).

Sites are vertices, taken in the order of S2 cells. An edge becomes the chain of the sites that are the nearest
somewhere along it. Where a chain would come nearer to another site than half of the radius, a site more on the edge
keeps it away. This is what S2 does in its builder, whose results the documentation shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import s2geometry as s2

from kelp.segments.geography_vectors import (
    Vector,
    angle,
    angles_to,
    angles_to_edge,
    cross,
    difference,
    dot,
    normal,
    scaled,
    side,
    total,
    unit,
)

_DEVIATION = 1.1
"""How far a chain may lead from its edge, in radii."""
_LEAST = 1e-14
"""How far apart, in radians, two places are that are not the same."""
_SEPARATION = 0.5
"""How near an edge may come to a site that it does not go to, in radii."""


@dataclass(slots=True)
class Snapping:
    """Edges between vertices, by their numbers, and the sites that they are snapped to.

    `edge_sites` has the sites near each edge, by distance from its start; `chains` those that it is snapped to.
    """

    vertices: Sequence[Vector]
    edges: Sequence[tuple[int, int]]
    radius: float
    sites: list[Vector] = field(default_factory=list)
    edge_sites: list[list[int]] = field(default_factory=list)
    chains: list[list[int]] = field(default_factory=list)

    @property
    def separation(self) -> float:
        """How near an edge may come to a site that it does not go to, in radians."""
        return _SEPARATION * self.radius


def snapped(vertices: Sequence[Vector], edges: Sequence[tuple[int, int]], radius: float) -> Snapping:
    """Return edges snapped to sites."""
    snapping = Snapping(vertices, edges, radius)
    _choose_sites(snapping)
    places = np.array(snapping.sites)
    for start, end in edges:
        distances = angles_to_edge(places, vertices[start], vertices[end])
        near = np.nonzero(distances <= (_DEVIATION + _SEPARATION) * radius)[0].tolist()
        snapping.edge_sites.append(_by_distance(snapping, near, vertices[start]))
    _add_sites(snapping)
    snapping.chains = [chain_of(snapping, number) for number in range(len(edges))]
    return snapping


def _choose_sites(snapping: Snapping) -> None:
    """Take each vertex as a site that no site is near to."""
    points = [s2.S2Point_FromRaw(*vertex) for vertex in snapping.vertices]
    order = sorted(range(len(points)), key=lambda number: s2.S2CellId(points[number]).id())
    places = np.empty((len(order), 3))
    for number in order:
        count = len(snapping.sites)
        if not np.any(angles_to(places[:count], snapping.vertices[number]) <= snapping.radius):
            places[count] = snapping.vertices[number]
            snapping.sites.append(snapping.vertices[number])


def _by_distance(snapping: Snapping, sites: Sequence[int], place: Vector) -> list[int]:
    return sorted(sites, key=lambda number: angle(snapping.sites[number], place))


# --- chains ----------------------------------------------------------------------------------------------------------


def chain_of(snapping: Snapping, edge: int) -> list[int]:
    """Return the sites that an edge is snapped to."""
    start, end = (snapping.vertices[number] for number in snapping.edges[edge])
    chain: list[int] = []
    candidates = snapping.edge_sites[edge]
    distances = angles_to_edge(np.array([snapping.sites[number] for number in candidates]), start, end)
    for number, distance in zip(candidates, distances.tolist(), strict=True):
        if distance > snapping.radius:
            continue
        while chain and (verdict := _compared(snapping, chain, number, start, end)) is _FIRST_GOES:
            chain.pop()
        if not chain or verdict is not _NEW_GOES:
            chain.append(number)
    return chain


_FIRST_GOES, _NEW_GOES, _BOTH_STAY = "first", "new", "both"


def _compared(snapping: Snapping, chain: Sequence[int], new: int, start: Vector, end: Vector) -> str:
    """Return which of the last site of a chain and a new one has no part of the edge, if any."""
    last_site, new_site = snapping.sites[chain[-1]], snapping.sites[new]
    if angle(last_site, new_site) >= 2 * snapping.radius:
        return _BOTH_STAY
    if angle(last_site, end) < angle(new_site, end):
        return _NEW_GOES
    left = normal(start, end)
    low, high = _covered(last_site, start, left, snapping.radius)
    new_low, new_high = _covered(new_site, start, left, snapping.radius)
    if new_low <= low and high <= new_high:
        return _FIRST_GOES
    if low <= new_low and new_high <= high:
        return _NEW_GOES
    if len(chain) == 1:
        return _BOTH_STAY
    before = snapping.sites[chain[-2]]
    if angle(before, new_site) >= 2 * snapping.radius:
        return _BOTH_STAY
    last_side = side(start, end, last_site)
    if side(before, last_site, new_site) == last_side:
        return _BOTH_STAY
    return _FIRST_GOES if _circumcenter_side(left, before, last_site, new_site) == last_side else _BOTH_STAY


def _covered(site: Vector, start: Vector, left: Vector, radius: float) -> tuple[float, float]:
    """Return from where to where along an edge places are within the radius of a site, as angles from its start."""
    middle = math.atan2(dot(site, cross(left, start)), dot(site, start))
    across = dot(site, left)
    width = math.asin(math.sqrt(max(0.0, (math.sin(radius) ** 2 - across**2) / (1 - across**2))))
    return middle - width, middle + width


def _circumcenter_side(left: Vector, first: Vector, second: Vector, third: Vector) -> int:
    """Return on which side of an edge the place lies that is as far from each of three."""
    center = cross(difference(second, first), difference(third, first))
    across = dot(center, left) if dot(center, first) > 0 else -dot(center, left)
    return (across > 0) - (across < 0)


# --- sites more ------------------------------------------------------------------------------------------------------


def _add_sites(snapping: Snapping) -> None:
    """Add sites until no chain comes too near to one."""
    for last in range(len(snapping.edges)):
        waiting = [last]
        while waiting:
            edge = waiting.pop()
            site = _missing_site(snapping, edge)
            if site is not None:
                waiting += [number for number in _place_site(snapping, site) if number <= last]


def _missing_site(snapping: Snapping, edge: int) -> Vector | None:
    """Return a place on an edge that keeps its chain away from a site; None where none is needed."""
    chain = chain_of(snapping, edge)
    reached = 0
    for number in snapping.edge_sites[edge]:
        if number == chain[reached]:
            reached += 1
            if reached == len(chain):
                break
        elif reached:
            start, end = (snapping.sites[chain[reached - 1]], snapping.sites[chain[reached]])
            avoided = snapping.sites[number]
            if angles_to_edge(np.array([avoided]), start, end)[0] < snapping.separation:
                site = _separating(snapping, avoided, (start, end), edge)
                is_new = all(angle(site, known) > _LEAST for known in (start, end, avoided))
                return site if is_new else None
    return None


def _separating(
    snapping: Snapping, avoided: Vector, snapped_edge: tuple[Vector, Vector], edge: int
) -> Vector:
    """Return the place on an edge nearest to a site, between the parts that the ends of its snapped edge cover."""
    start, end = (snapping.vertices[number] for number in snapping.edges[edge])
    left = normal(start, end)
    along = cross(left, start)
    _, low = _covered(snapped_edge[0], start, left, snapping.radius)
    high, _ = _covered(snapped_edge[1], start, left, snapping.radius)
    way = min(max(math.atan2(dot(avoided, along), dot(avoided, start)), low), high)
    way = min(max(way, 0.0), angle(start, end))
    return unit(total(scaled(start, math.cos(way)), scaled(along, math.sin(way))))


def _place_site(snapping: Snapping, site: Vector) -> list[int]:
    """Add a site, and return the edges that are near to it."""
    number = len(snapping.sites)
    snapping.sites.append(site)
    place: Any = np.array([site])
    near = []
    for edge, (start, end) in enumerate(snapping.edges):
        first, last = snapping.vertices[start], snapping.vertices[end]
        if angles_to_edge(place, first, last)[0] <= (_DEVIATION + _SEPARATION) * snapping.radius:
            near.append(edge)
            snapping.edge_sites[edge] = _by_distance(snapping, [*snapping.edge_sites[edge], number], first)
    return near
