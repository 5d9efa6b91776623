"""Chains of snapped edges replaced with single edges, where these keep near enough to all of them (rule GEO-19).

From the first vertex of a chain, directions are left in which an edge passes within the radius of each vertex that the
chain comes by, and on the same side of each site that it doesn't go to. As long as the next vertex lies in such a
direction, the edge reaches on to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kelp.segments.geography_snapping import Snapping
from kelp.segments.geography_vectors import Vector, angle, cross, dot, side, unit

_TURN = 2 * math.pi
_QUARTER = math.pi / 2
_LONGEST_SHARE = 1.1


@dataclass(slots=True)
class _Window:
    """The directions left from a place: from `low` on to the left by `width`."""

    place: Vector
    low: float = 0.0
    width: float = _TURN
    is_open: bool = True
    waiting: list[tuple[float, float, bool]] = field(default_factory=list)

    def direction(self, target: Vector) -> float:
        """Return the direction of a place, in radians."""
        ahead = cross(self.place, _some_axis(self.place))
        across = cross(self.place, unit(ahead))
        return math.atan2(dot(target, across), dot(target, unit(ahead)))

    def is_left(self, target: Vector) -> bool:
        """Return whether an edge may lead to a place."""
        direction = self.direction(target)
        is_avoided = any(_offset(direction, low) <= width for low, width, _ in self.waiting)
        return _offset(direction, self.low) <= self.width and not is_avoided

    def pass_by(self, target: Vector, radius: float) -> bool:
        """Leave the directions that pass within a radius of a place; tell whether there are some."""
        half = self._half_width(target, radius)
        if half < math.pi:
            self._narrow(self.direction(target) - half, 2 * half)
            for low, width, is_on_left in self.waiting:
                self._cut(low, width, is_on_left=is_on_left)
            self.waiting.clear()
        return self.width >= 0

    def avoid(self, site: Vector, radius: float, *, is_on_left: bool) -> bool:
        """Leave the directions that pass a site on its side, and not within a radius; tell whether there are some."""
        half = self._half_width(site, radius)
        if half >= math.pi:
            self.width = -1.0
            return False
        left, right = (_QUARTER, half) if is_on_left else (half, _QUARTER)
        low, width = self.direction(site) - right, left + right
        if self.is_open:
            self.waiting.append((low, width, is_on_left))
        else:
            self._cut(low, width, is_on_left=is_on_left)
        return self.width >= 0

    def _half_width(self, target: Vector, radius: float) -> float:
        distance = angle(self.place, target)
        return math.pi if distance <= radius else math.asin(math.sin(radius) / math.sin(distance))

    def _cut(self, low: float, width: float, *, is_on_left: bool) -> None:
        """Take directions away, with those beyond them on the side where the site is."""
        before = _offset(low, self.low)
        if before + width <= self.width:
            if is_on_left:
                self.width = before
            else:
                self.low, self.width = low + width, self.width - before - width
        else:
            self._narrow(low + width, _TURN - width)

    def _narrow(self, low: float, width: float) -> None:
        """Leave the directions that are among the given ones too."""
        if self.is_open:
            self.low, self.width, self.is_open = low, width, False
            return
        before = _offset(low, self.low)
        kept = [(0.0, before + width - _TURN), (before, before + width)]
        parts = [(start, min(end, self.width)) for start, end in kept if start <= min(end, self.width)]
        start, end = max(parts, key=lambda part: part[1] - part[0], default=(0.0, -1.0))
        self.low, self.width = self.low + start, end - start


def _offset(direction: float, low: float) -> float:
    """Return how far to the left of another a direction is, from 0 to a whole turn."""
    return (direction - low) % _TURN


def _some_axis(place: Vector) -> Vector:
    """Return an axis that is far from a place."""
    least = min(range(3), key=lambda index: abs(place[index]))
    return (float(least == 0), float(least == 1), float(least == 2))


@dataclass(frozen=True, slots=True)
class Chord:
    """An edge between sites, the layer it is in, and the first input edge that it stands for."""

    start: int
    end: int
    layer: int
    first: int


class Simplification:
    """Snapped edges by their sites, while chains of them are replaced."""

    def __init__(self, snapping: Snapping, layers: Sequence[int]) -> None:
        """Take snapped edges and the layer that each belongs to."""
        self._snapping = snapping
        edges = []
        self._targets: list[list[int]] = [[] for _ in snapping.sites]
        for number, chain in enumerate(snapping.chains):
            start, end = snapping.edges[number]
            self._targets[chain[0]].append(start)
            if len(chain) > 1:
                self._targets[chain[-1]].append(end)
            steps = pairwise(chain)
            edges += [Chord(first, last, layers[number], number) for first, last in steps]
        self._edges = sorted(edges, key=lambda edge: (edge.start, edge.end, edge.layer, edge.first))
        self._used = [False] * len(edges)
        self._by_ends: dict[tuple[int, int], list[int]] = {}
        self._around: dict[int, list[int]] = {}
        for number, edge in enumerate(self._edges):
            self._by_ends.setdefault((edge.start, edge.end), []).append(number)
            self._around.setdefault(edge.start, []).append(number)
            self._around.setdefault(edge.end, []).append(number)
        self._inner = {site for site in self._around if self._is_inner(site)}
        self._done: list[Chord] = []

    def run(self) -> list[Chord]:
        """Return the edges that are left, in the order of the input edges that they stand for."""
        for must_be_end in (True, False):
            for number, edge in enumerate(self._edges):
                if not self._used[number] and not (must_be_end and edge.start in self._inner):
                    for chain in self._simplified(edge.start, edge.end):
                        self._replace(chain)
        return sorted(self._done, key=lambda chord: chord.first)

    def _is_inner(self, site: int) -> bool:
        """Tell whether edges only lead through a site: in each layer as many from one other site to another as back."""
        layers: dict[int, dict[int, list[int]]] = {}
        others = set()
        for number in self._around[site]:
            edge = self._edges[number]
            is_leaving = edge.start == site
            other = edge.end if is_leaving else edge.start
            others.add(other)
            counts = layers.setdefault(edge.layer, {}).setdefault(other, [0, 0])
            counts[is_leaving] += 1
        if len(others) != 2:
            return False
        return all(
            len(counts) == 2 and [first[1], first[0]] == second
            for counts in layers.values()
            for first, second in [tuple(counts.values()) if len(counts) == 2 else ([0, 0], [1, 1])]
        )

    def _simplified(self, start: int, end: int) -> Iterator[list[int]]:
        """Follow a chain from an edge on, and give the parts of it that one edge each can stand for."""
        sites, first = self._snapping.sites, start
        while True:
            window = _Window(sites[start])
            chain = [start]
            self._avoid_sites(window, start, start, end)
            previous, current = start, end
            while True:
                chain.append(current)
                if current not in self._inner or current == first:
                    yield chain
                    return
                following = self._following(previous, current)
                previous, current = current, following
                if not (
                    self._pass_by_inputs(window, previous)
                    and self._avoid_sites(window, chain[0], previous, current)
                    and angle(sites[chain[0]], sites[current]) <= _QUARTER
                    and window.is_left(sites[current])
                ):
                    break
            yield chain
            start, end = previous, current

    def _following(self, previous: int, site: int) -> int:
        """Return the other of the two sites to which edges lead from an inner one."""
        around = (self._edges[number] for number in self._around[site])
        return next(
            other for edge in around for other in (edge.start, edge.end) if other not in (previous, site)
        )

    def _pass_by_inputs(self, window: _Window, site: int) -> bool:
        """Keep within the radius of each vertex that was snapped to a site."""
        snapping = self._snapping
        vertices = (snapping.vertices[number] for number in self._targets[site])
        return all(window.pass_by(vertex, snapping.radius) for vertex in vertices)

    def _avoid_sites(self, window: _Window, origin: int, start: int, end: int) -> bool:
        """Keep away from the sites near an edge, which the chain from `origin` goes on with."""
        snapping = self._snapping
        sites = snapping.sites
        near, far = angle(sites[origin], sites[start]), angle(sites[origin], sites[end])
        longest = 2 * math.acos(
            min(1.0, math.sin(snapping.radius) / math.sin(_LONGEST_SHARE * snapping.radius))
        )
        if far < near or far >= longest:
            return False
        both_ways = (*self._by_ends.get((start, end), ()), *self._by_ends.get((end, start), ()))
        nearby = min((snapping.edge_sites[self._edges[number].first] for number in both_ways), key=len)
        for number in nearby:
            if number in (origin, start, end):
                continue
            site = sites[number]
            if not near < angle(sites[origin], site) < far:
                continue
            is_on_left = (
                side(sites[start], sites[end], site) > 0
                if start == origin
                else _is_ordered(sites[origin], sites[end], site, sites[start])
            )
            if not window.avoid(site, snapping.separation, is_on_left=is_on_left):
                return False
        return True

    def _replace(self, chain: Sequence[int]) -> None:
        """Put one edge in the place of each edge along a chain, either way and in each layer."""
        for path in (chain, chain[::-1]):
            firsts: dict[int, list[int]] = {}
            for step in pairwise(path):
                for rank, number in enumerate(self._by_ends.get(step, ())):
                    self._used[number] = True
                    firsts.setdefault(rank, []).append(number)
            for numbers in firsts.values():
                first = min(self._edges[number].first for number in numbers)
                self._done.append(Chord(path[0], path[-1], self._edges[numbers[0]].layer, first))


def _is_ordered(first: Vector, second: Vector, third: Vector, center: Vector) -> bool:
    """Tell whether three places come in this order around another, leftwards."""
    turns = [
        side(second, center, first) >= 0,
        side(third, center, second) >= 0,
        side(first, center, third) > 0,
    ]
    return sum(turns) >= 2
