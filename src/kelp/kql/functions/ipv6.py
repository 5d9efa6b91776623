"""Functions over IPv6 addresses and ranges written as text.

An IPv4 address is taken as the IPv6 address it maps to.
"""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, repeated
from kelp.kql.types import ScalarType as T

_TEXT = Accepts.TEXT

FUNCTIONS: tuple[Function, ...] = (
    function("parse_ipv6", (_TEXT,), T.STRING),
    function("parse_ipv6_mask", (_TEXT, T.LONG), T.STRING),
    function("ipv6_compare", (_TEXT, _TEXT, optional(T.LONG)), T.LONG),
    function("ipv6_is_match", (_TEXT, _TEXT, optional(T.LONG)), T.BOOL),
    function("ipv6_is_in_range", (_TEXT, _TEXT), T.BOOL),
    function("ipv6_is_in_any_range", (_TEXT, repeated(Accepts.ANY)), T.BOOL),
)
