"""Functions over places on Earth: coordinates, cells of geohash and H3, and shapes in GeoJSON."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, segment_function
from kelp.kql.types import ScalarType as T

_PLACE = (T.REAL, T.REAL)
"""Longitude and latitude, in degrees."""

FUNCTIONS: tuple[Function, ...] = (
    function("geo_distance_2points", (*_PLACE, *_PLACE, optional(Accepts.CONSTANT)), T.REAL),
    function("geo_azimuth", (*_PLACE, *_PLACE), T.REAL),
    function("geo_angle", (*_PLACE, *_PLACE, *_PLACE), T.REAL),
    function("geo_point_in_circle", (*_PLACE, *_PLACE, T.REAL), T.BOOL),
    function("geo_point_to_geohash", (*_PLACE, optional(Accepts.INTEGER)), T.STRING),
    function("geo_geohash_to_central_point", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_geohash_to_polygon", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_geohash_neighbors", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_point_to_h3cell", (*_PLACE, optional(Accepts.INTEGER)), T.STRING),
    function("geo_h3cell_to_central_point", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_h3cell_to_polygon", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_h3cell_level", (Accepts.TEXT,), T.INT),
    function("geo_h3cell_parent", (Accepts.TEXT, optional(Accepts.INTEGER)), T.STRING),
    function("geo_h3cell_children", (Accepts.TEXT, optional(Accepts.INTEGER)), T.DYNAMIC),
    function("geo_h3cell_neighbors", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_h3cell_rings", (Accepts.TEXT, Accepts.INTEGER), T.DYNAMIC),
    function("geo_line_length", (T.DYNAMIC,), T.REAL),
    function("geo_line_centroid", (T.DYNAMIC,), T.DYNAMIC),
    function("geo_line_interpolate_point", (T.DYNAMIC, T.REAL), T.DYNAMIC),
    function("geo_line_locate_point", (T.DYNAMIC, *_PLACE, optional(Accepts.CONSTANT)), T.REAL),
    function("geo_distance_point_to_line", (*_PLACE, T.DYNAMIC), T.REAL),
    function("geo_closest_point_on_line", (*_PLACE, T.DYNAMIC), T.DYNAMIC),
    function("geo_point_in_polygon", (*_PLACE, T.DYNAMIC), T.BOOL),
    function("geo_polygon_area", (T.DYNAMIC,), T.REAL),
    function("geo_polygon_perimeter", (T.DYNAMIC,), T.REAL),
    function("geo_polygon_centroid", (T.DYNAMIC,), T.DYNAMIC),
    function("geo_distance_point_to_polygon", (*_PLACE, T.DYNAMIC), T.REAL),
    function("geo_closest_point_on_polygon", (*_PLACE, T.DYNAMIC), T.DYNAMIC),
    function("geo_from_wkt", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_point_to_s2cell", (*_PLACE, optional(Accepts.INTEGER)), T.STRING),
    function("geo_s2cell_to_central_point", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_s2cell_to_polygon", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_s2cell_neighbors", (Accepts.TEXT,), T.DYNAMIC),
    function("geo_intersects_2lines", (T.DYNAMIC, T.DYNAMIC), T.BOOL),
    function("geo_intersects_2polygons", (T.DYNAMIC, T.DYNAMIC), T.BOOL),
    function("geo_intersects_line_with_polygon", (T.DYNAMIC, T.DYNAMIC), T.BOOL),
    *(
        segment_function(name, (T.DYNAMIC, T.DYNAMIC), T.DYNAMIC)
        for name in (
            "geo_intersection_2lines",
            "geo_intersection_2polygons",
            "geo_intersection_line_with_polygon",
        )
    ),
    segment_function("geo_info_from_ip_address", (Accepts.TEXT,), T.DYNAMIC),
    segment_function("geo_union_lines_array", (T.DYNAMIC,), T.DYNAMIC),
    segment_function("geo_union_polygons_array", (T.DYNAMIC,), T.DYNAMIC),
    segment_function("geo_point_buffer", (*_PLACE, T.REAL, optional(T.REAL)), T.DYNAMIC),
    *(
        segment_function(name, (T.DYNAMIC, T.REAL, optional(T.REAL)), T.DYNAMIC)
        for name in ("geo_line_buffer", "geo_polygon_buffer")
    ),
    *(
        segment_function(name, (T.DYNAMIC, optional(T.REAL)), T.DYNAMIC)
        for name in ("geo_line_simplify", "geo_polygon_simplify", "geo_simplify_polygons_array")
    ),
    *(
        segment_function(
            name,
            (T.DYNAMIC, optional(T.REAL), optional(T.BOOL)),
            T.DYNAMIC,
            # A number in place of a truth value.
            ((T.DYNAMIC, T.REAL, T.REAL), T.DYNAMIC),
        )
        for name in ("geo_line_densify", "geo_polygon_densify")
    ),
    *(
        segment_function(name, (T.DYNAMIC, optional(Accepts.INTEGER), optional(T.REAL)), T.DYNAMIC)
        for name in ("geo_line_to_s2cells", "geo_polygon_to_s2cells", "geo_polygon_to_h3cells")
    ),
)
