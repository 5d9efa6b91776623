"""All functions over places on Earth, gathered from the modules that spell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions import (
    geography_geohash,
    geography_h3,
    geography_lines,
    geography_meetings,
    geography_points,
    geography_polygons,
    geography_s2,
    geography_wkt,
)

if TYPE_CHECKING:
    from kelp.clickhouse.functions.spelling import Spelling

SPELLINGS: dict[str, Spelling] = {
    **geography_points.SPELLINGS,
    **geography_geohash.SPELLINGS,
    **geography_h3.SPELLINGS,
    **geography_lines.SPELLINGS,
    **geography_polygons.SPELLINGS,
    **geography_meetings.SPELLINGS,
    **geography_s2.SPELLINGS,
    **geography_wkt.SPELLINGS,
}
