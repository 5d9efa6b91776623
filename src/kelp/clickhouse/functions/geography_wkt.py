"""Shapes in well-known text (rule GEO-10).

The engine's own readers fail on what is none, so the text is matched as a whole, and then rewritten to JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.geojson import shape
from kelp.clickhouse.functions.json_text import bind_once, json_array
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_PLACE = rf"{_NUMBER}\s+{_NUMBER}"


def _listed(item: str) -> str:
    return rf"\(\s*{item}(?:\s*,\s*{item})*\s*\)"


_ENCLOSED_PLACE = rf"\(\s*{_PLACE}\s*\)"
_PLACES = _listed(_PLACE)
_PATHS = _listed(_PLACES)
_MEMBER = r"(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*\([-+0-9.eE\s,()]*\)"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of shape: its name in GeoJSON and, in capitals, in text, how it is written, how deep its arrays go."""

    name: str
    written: str
    depth: int

    @property
    def pattern(self) -> str:
        return rf"(?i)^\s*{self.name}\s*{self.written}\s*$"


_KINDS = (
    _Kind("Point", _ENCLOSED_PLACE, 2),
    _Kind("LineString", _PLACES, 2),
    _Kind("Polygon", _PATHS, 3),
    _Kind("MultiPoint", f"(?:{_PLACES}|{_listed(_ENCLOSED_PLACE)})", 2),
    _Kind("MultiLineString", _PATHS, 3),
    _Kind("MultiPolygon", _listed(_PATHS), 4),
)
_REWRITTEN = (
    (rf"({_NUMBER})\s+({_NUMBER})", r"[\1,\2]"),
    (r"[+\s]", ""),
    (r"([\[,-])\.", r"\10."),
    (r"\.([\],eE])", r".0\1"),
    (r"([\[,-])0+([0-9])", r"\1\2"),
)
"""What makes JSON of the text from its first parenthesis on, but for the parentheses: numbers are more strict there."""


def _coordinates(text: SqlExpression, kind: _Kind) -> SqlExpression:
    body: SqlExpression = call("replaceRegexpOne", text, r"^[^(]*", "")
    if kind.name == "MultiPoint":
        body = call("concat", "(", call("replaceRegexpAll", body, "[()]", ""), ")")
    for pattern, replacement in _REWRITTEN:
        body = call("replaceRegexpAll", body, pattern, replacement)
    json = call("translate", body, "()", "[]")
    numbers = "Float64"
    for _ in range(kind.depth):
        numbers = f"Array({numbers})"
    read = call("JSONExtract", json, numbers)
    return call("toString", call("arrayElement", read, 1) if kind.name == "Point" else read)


def _shape(text: SqlExpression) -> SqlExpression:
    """Return the GeoJSON of one shape that is no collection; the empty text for anything else."""
    parts: list[SqlExpression] = []
    for kind in _KINDS:
        parts += [call("match", text, kind.pattern), shape(kind.name, _coordinates(text, kind))]
    return SqlCall("multiIf", (*parts, call("toString", "")))


def _from_wkt(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Null for what is no shape, has other than two coordinates a place, or is a collection of collections."""

    def read(text: SqlExpression) -> SqlExpression:
        is_collection = call("match", text, rf"(?i)^\s*GEOMETRYCOLLECTION\s*{_listed(_MEMBER)}\s*$")
        members = call("arrayMap", SqlLambda(("m",), _shape(SqlColumn("", "m"))), _members(text))
        return call("if", is_collection, bind_once((members,), collection), _shape(text))

    def collection(members: SqlExpression) -> SqlExpression:
        made = call("concat", '{"type":"GeometryCollection","geometries":', json_array(members), "}")
        return call("if", call("has", members, ""), "", made)

    return as_text(bind_once((arguments[0].sql,), read), bound_call.type)


def _members(text: SqlExpression) -> SqlExpression:
    """Return the texts of the shapes of a collection: of numbers and signs, each ends in its last parenthesis."""
    inside = call("replaceRegexpOne", text, r"(?is)^\s*GEOMETRYCOLLECTION\s*\((.*)\)\s*$", r"\1")
    return call("extractAll", inside, f"(?i){_MEMBER}")


SPELLINGS: dict[str, Spelling] = {"geo_from_wkt": _from_wkt}
