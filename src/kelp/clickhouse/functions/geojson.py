"""GeoJSON text: writing shapes. Coordinates are longitude and latitude, in degrees (rule GEO-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import json_array
from kelp.clickhouse.functions.spelling import call
from kelp.clickhouse.sql import SqlColumn, SqlLambda

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression


def position(longitude: SqlExpression, latitude: SqlExpression) -> SqlExpression:
    """Return the text of one place."""
    return call("concat", "[", call("toString", longitude), ",", call("toString", latitude), "]")


def positions(pairs: SqlExpression) -> SqlExpression:
    """Return the text of an engine array of tuples of longitude and latitude."""
    pair = SqlColumn("", "p")
    text = position(call("tupleElement", pair, 1), call("tupleElement", pair, 2))
    return json_array(call("arrayMap", SqlLambda(("p",), text), pairs))


def shape(kind: str, coordinates: SqlExpression) -> SqlExpression:
    """Return the shape of that type with the text of its coordinates."""
    return call("concat", f'{{"type":"{kind}","coordinates":', coordinates, "}")


def point(longitude: SqlExpression, latitude: SqlExpression) -> SqlExpression:
    """Return a Point."""
    return shape("Point", position(longitude, latitude))


def polygon(pairs: SqlExpression) -> SqlExpression:
    """Return a Polygon of one ring, an engine array of tuples whose last one is its first."""
    return shape("Polygon", call("concat", "[", positions(pairs), "]"))
