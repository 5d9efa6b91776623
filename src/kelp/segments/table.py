"""Where each segment function is: its module in this package, which is imported when it is first called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import pyarrow as pa

    from kelp.plan.segment_operations import TabularOperation

    ScalarFunction = Callable[[Sequence[pa.Array]], pa.Array]
    TabularFunction = Callable[[TabularOperation, Sequence[pa.Table]], pa.Table]

SCALAR_TOPICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "addresses": ("geo_info_from_ip_address",),
        "compression": (
            "gzip_compress_to_base64_string",
            "gzip_decompress_from_base64_string",
            "zlib_compress_to_base64_string",
            "zlib_decompress_from_base64_string",
        ),
        "distributions": ("beta_cdf", "beta_inv", "welch_test"),
        "geography_buffers": ("geo_line_buffer", "geo_point_buffer", "geo_polygon_buffer"),
        "geography_coverings": ("geo_line_to_s2cells", "geo_polygon_to_h3cells", "geo_polygon_to_s2cells"),
        "geography_densified": ("geo_line_densify", "geo_polygon_densify"),
        "geography_overlaps": (
            "geo_intersection_2lines",
            "geo_intersection_2polygons",
            "geo_intersection_line_with_polygon",
            "geo_union_lines_array",
            "geo_union_polygons_array",
        ),
        "geography_simplified": ("geo_line_simplify", "geo_polygon_simplify", "geo_simplify_polygons_array"),
        "punycode": (
            "punycode_domain_from_string",
            "punycode_domain_to_string",
            "punycode_from_string",
            "punycode_to_string",
        ),
        "schemas": ("$shape_of", "$schema_of"),
        "series_decomposition": ("$series_decompose",),
        "series_fits": ("$series_fit_2lines", "$series_fit_poly"),
        "series_periods": ("$series_periods_detect", "$series_periods_validate"),
        "series_transforms": ("$series_fft", "$series_ifft"),
        "user_agents": ("parse_user_agent",),
        "xml": ("parse_xml",),
    }
)
"""The scalar functions that each module has in its `FUNCTIONS`."""

TABULAR_TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "FindBaskets": "pattern_tables",
        "FindClusters": "pattern_tables",
        "FindDifferences": "pattern_tables",
        "FindTextDifferences": "text_patterns",
        "FindTextPatterns": "text_patterns",
        "MarkComponents": "graph_components",
        "MatchGraph": "graph_match",
        "ReadExternalData": "external_data",
    }
)
"""The module of each other operation, by the name of its class; it has a function `compute`."""


def find_scalar(name: str) -> ScalarFunction | None:
    """Return the function of that name: arrays of as many values, to one."""
    topic = next((topic for topic, names in SCALAR_TOPICS.items() if name in names), None)
    if topic is None:
        return None
    functions: Mapping[str, ScalarFunction] = import_module(f"kelp.segments.{topic}").FUNCTIONS
    return functions.get(name)


def find_tabular(operation: TabularOperation) -> TabularFunction | None:
    """Return the function that computes such operations: the operation and its inputs, to a table."""
    topic = TABULAR_TOPICS.get(type(operation).__name__)
    return cast("TabularFunction", import_module(f"kelp.segments.{topic}").compute) if topic else None
