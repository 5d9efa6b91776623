"""Conversions between scalar types; a value that does not convert gives null."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("tobool", (Accepts.ANY,), T.BOOL, aliases=("toboolean",)),
    function("toint", (Accepts.ANY,), T.INT),
    function("tolong", (Accepts.ANY,), T.LONG),
    function("toreal", (Accepts.ANY,), T.REAL, aliases=("todouble",)),
    function("todecimal", (Accepts.ANY,), T.DECIMAL),
    function("tostring", (Accepts.ANY,), T.STRING),
    function("todatetime", (Accepts.ANY,), T.DATETIME),
    function("totimespan", (Accepts.ANY,), T.TIMESPAN, aliases=("totime",)),
    function("toguid", (Accepts.ANY,), T.GUID),
    function("todynamic", (Accepts.ANY,), T.DYNAMIC, aliases=("parse_json", "parsejson", "toobject")),
)

CONVERSION_TO: dict[T, str] = {
    T.BOOL: "tobool",
    T.INT: "toint",
    T.LONG: "tolong",
    T.REAL: "toreal",
    T.DECIMAL: "todecimal",
    T.STRING: "tostring",
    T.DATETIME: "todatetime",
    T.TIMESPAN: "totimespan",
    T.GUID: "toguid",
    T.DYNAMIC: "todynamic",
}
"""The function that converts to each type."""

CONVERSIONS = frozenset(CONVERSION_TO.values())
"""Their names. A conversion to the type that a value has already is the value itself."""
