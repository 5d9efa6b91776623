"""Shapes on the sphere: what holds of any shape, over shapes drawn by chance."""

from __future__ import annotations

import json
import math
import random

import pyarrow as pa
import pytest

from kelp.segments.geography_buffers import buffered_lines, reach_of
from kelp.segments.geography_densified import densified
from kelp.segments.geography_overlaps import geo_intersection_2polygons, geo_union_polygons_array
from kelp.segments.geography_shapes import Path, polygons_shape, read_lines, read_polygons
from kelp.segments.geography_simplified import geo_line_simplify, geo_polygon_simplify
from kelp.segments.geography_sphere import (
    EARTH_RADIUS_METERS,
    point_of,
    polygons_of_region,
    polyline_of,
    region_of,
    region_of_all,
)


def draw_ring(seed: int, places: int, width: float = 0.5) -> Path:
    chance = random.Random(seed)
    turns = [2 * math.pi * number / places for number in range(places)]
    reaches = [width * (1 + 0.05 * chance.random() + 0.2 * math.sin(5 * turn)) for turn in turns]
    ring = [
        (10 + reach * math.cos(turn), 20 + reach * math.sin(turn))
        for reach, turn in zip(reaches, turns, strict=True)
    ]
    return [*ring, ring[0]]


def as_text(*rings: Path) -> str:
    return json.dumps(polygons_shape([[ring] for ring in rings]))


def area_of(text: str) -> float:
    region = region_of_all(read_polygons(text) or [])
    assert region is not None
    area: float = region.GetArea()
    return area


def meters_between(ring: Path) -> float:
    points = [point_of(place) for place in ring[:-1]]
    return min(
        math.dist((one.x(), one.y(), one.z()), (other.x(), other.y(), other.z())) * EARTH_RADIUS_METERS
        for index, one in enumerate(points)
        for other in points[:index]
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("tolerance", [200.0, 2000.0, 20_000.0])
def test_a_simplified_polygon_keeps_near_and_has_no_vertices_close_together(
    seed: int, tolerance: float
) -> None:
    ring = draw_ring(seed, 200)
    text = geo_polygon_simplify([pa.array([as_text(ring)]), pa.array([tolerance])])[0].as_py()
    ((shell,),) = read_polygons(text) or []
    assert len(shell) < len(ring)
    assert meters_between(shell) >= tolerance * (1 - 1e-9)
    boundary = polyline_of(shell)
    for place in ring:
        point = point_of(place)
        nearest = boundary.Project(point)[0]
        gap = math.dist((point.x(), point.y(), point.z()), (nearest.x(), nearest.y(), nearest.z()))
        assert gap * EARTH_RADIUS_METERS <= 1.1 * tolerance
    assert region_of([shell]) is not None


def test_a_simplified_line_keeps_its_ends_where_nothing_is_near_to_them() -> None:
    line = [(number / 10, math.sin(number / 3) / 100) for number in range(60)]
    text = json.dumps({"type": "LineString", "coordinates": line})
    (simplified,) = read_lines(geo_line_simplify([pa.array([text]), pa.array([5000.0])])[0].as_py()) or []
    assert len(simplified) == 2
    assert simplified[0] == pytest.approx(line[0])
    assert simplified[-1] == pytest.approx(line[-1])


@pytest.mark.parametrize("seed", range(6))
def test_a_union_and_what_is_in_common_have_the_area_of_both(seed: int) -> None:
    one, other = draw_ring(seed, 40), [(x + 0.2, y + 0.1) for x, y in draw_ring(seed + 9, 30)]
    shared = geo_intersection_2polygons([pa.array([as_text(one)]), pa.array([as_text(other)])])[0].as_py()
    pair = f"[{as_text(one)},{as_text(other)}]"
    united = geo_union_polygons_array([pa.array([pair])])[0].as_py()
    apart = area_of(as_text(one)) + area_of(as_text(other))
    assert area_of(united) + area_of(shared) == pytest.approx(apart, rel=1e-9)


def test_a_densified_edge_keeps_to_the_straight_one() -> None:
    path = densified([(0.0, 60.0), (40.0, 70.0)], 100.0, wraps=False)
    chain = polyline_of(path)
    for number in range(1, 1000):
        point = point_of((40.0 * number / 1000, 60.0 + 10.0 * number / 1000))
        nearest = chain.Project(point)[0]
        gap = math.dist((point.x(), point.y(), point.z()), (nearest.x(), nearest.y(), nearest.z()))
        assert gap * EARTH_RADIUS_METERS <= 100.0


@pytest.mark.parametrize(("radius", "tolerance"), [(5000.0, 1.0), (100_000.0, 1000.0), (4_000_000.0, 500.0)])
def test_a_line_s_buffer_reaches_as_far_as_it_should(radius: float, tolerance: float) -> None:
    line = [(-30.0, 50.0), (20.0, 55.0), (21.0, 40.0)]
    reach = reach_of(radius, tolerance)
    assert reach is not None
    ((shell, *_),) = polygons_of_region(buffered_lines([line], reach))
    ridge = polyline_of(line)
    for place in shell:
        point = point_of(place)
        nearest = ridge.Project(point)[0]
        gap = math.dist((point.x(), point.y(), point.z()), (nearest.x(), nearest.y(), nearest.z()))
        distance = 2 * math.asin(gap / 2) * EARTH_RADIUS_METERS
        assert radius - 0.001 <= distance <= radius + tolerance


def test_opposite_neighbours_make_no_line() -> None:
    texts = [
        json.dumps({"type": "LineString", "coordinates": line})
        for line in ([[0, 5], [180, -5]], [[3, 90], [7, -90]])
    ]
    assert [read_lines(text) for text in texts] == [None, None]


def test_equal_rows_are_computed_alike() -> None:
    texts = pa.array([as_text(draw_ring(1, 20)), None, as_text(draw_ring(1, 20)), "", "[", "1"])
    answers = geo_polygon_simplify([texts]).to_pylist()
    assert answers[0] == answers[2]
    assert answers[1] == answers[3] == answers[4] == answers[5] == ""
