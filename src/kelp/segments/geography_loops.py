"""Edges put together to loops that have their inside on the left, none of which comes to a vertex twice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from kelp.segments.geography_vectors import Vector, cross, dot, unit

Edge: TypeAlias = tuple[Vector, Vector]


def loops_of_edges(edges: Iterable[Edge]) -> list[list[Vector]]:
    """Return the vertices of each loop, in the order in which their first edges come.

    Edges that go forth and back between the same vertices cancel out. Where several leave a vertex, a loop goes on with
    the one that is leftmost. A loop begins after the latest of its edges. Edges that lead nowhere are left out.
    """
    left = _uncancelled(edges)
    leaving: dict[Vector, list[int]] = {}
    for number, (start, _) in enumerate(left):
        leaving.setdefault(start, []).append(number)
    loops = []
    for number in range(len(left)):
        if number in leaving.get(left[number][0], ()):
            loops += _walk(number, left, leaving)
    loops.sort(key=min)
    return [[left[number][0] for number in _turned(loop)] for loop in loops]


def _uncancelled(edges: Iterable[Edge]) -> list[Edge]:
    """Return the edges, each once, that lead from a vertex to another and have none that leads back."""
    distinct = dict.fromkeys(edge for edge in edges if edge[0] != edge[1])
    return [edge for edge in distinct if edge[::-1] not in distinct]


def _walk(number: int, edges: Sequence[Edge], leaving: dict[Vector, list[int]]) -> list[list[int]]:
    """Follow an edge until it comes back, and return the loops on the way as numbers of edges, which are used up."""
    loops: list[list[int]] = []
    path = [number]
    leaving[edges[number][0]].remove(number)
    places = {edges[number][0]: 0}
    while path:
        before, place = edges[path[-1]]
        if place in places:
            begin = places[place]
            loops.append(path[begin:])
            for used in path[begin:]:
                places.pop(edges[used][0])
            del path[begin:]
            if not path:
                break
            before, _ = edges[path[-1]]
        if not leaving.get(place):
            break
        following = min(leaving[place], key=lambda other: _turn(before, place, edges[other][1]))
        leaving[place].remove(following)
        places[place] = len(path)
        path.append(following)
    return loops


def _turn(before: Vector, place: Vector, after: Vector) -> float:
    """Return the angle from the way back to the way on, clockwise around a place, above 0 up to a whole turn."""
    back = unit(cross(place, cross(before, place)))
    aside = cross(place, back)
    angle = -math.atan2(dot(after, aside), dot(after, back)) % (2 * math.pi)
    return angle or 2 * math.pi


def _turned(loop: Sequence[int]) -> list[int]:
    """Return a loop of numbers so that the last of those that are highest is its end."""
    end = loop.index(max(loop)) + 1
    return [*loop[end:], *loop[:end]]
