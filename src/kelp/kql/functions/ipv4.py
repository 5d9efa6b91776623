"""Functions over IPv4 addresses and ranges written as text."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, repeated
from kelp.kql.types import ScalarType as T

_TEXT = Accepts.TEXT

FUNCTIONS: tuple[Function, ...] = (
    function("parse_ipv4", (_TEXT,), T.LONG),
    function("parse_ipv4_mask", (_TEXT, T.LONG), T.LONG),
    function("format_ipv4", (Accepts.ANY, optional(T.LONG)), T.STRING),
    function("format_ipv4_mask", (Accepts.ANY, optional(T.LONG)), T.STRING),
    function("ipv4_is_private", (_TEXT,), T.BOOL),
    function("ipv4_netmask_suffix", (_TEXT,), T.LONG),
    function("ipv4_compare", (_TEXT, _TEXT, optional(T.LONG)), T.LONG),
    function("ipv4_is_match", (_TEXT, _TEXT, optional(T.LONG)), T.BOOL),
    function("ipv4_is_in_range", (_TEXT, _TEXT), T.BOOL),
    function("ipv4_is_in_any_range", (_TEXT, repeated(Accepts.ANY)), T.BOOL),
    function("ipv4_range_to_cidr_list", (_TEXT, _TEXT), T.DYNAMIC),
    function("has_ipv4", (_TEXT, _TEXT), T.BOOL),
    function("has_ipv4_prefix", (_TEXT, _TEXT), T.BOOL),
    function("has_any_ipv4", (_TEXT, repeated(Accepts.ANY)), T.BOOL),
    function("has_any_ipv4_prefix", (_TEXT, repeated(Accepts.ANY)), T.BOOL),
)
