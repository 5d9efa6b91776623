"""Where addresses are, by a file in MaxMind's format that the installation names (rule IP-7). None is shipped."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from functools import cache
from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import maxminddb
import pyarrow as pa

from kelp.segments.distinct import map_distinct
from kelp.segments.errors import SegmentRefused
from kelp.segments.framing import ADDRESS_FILE_VARIABLE

if TYPE_CHECKING:
    from kelp.segments.table import ScalarFunction

_COMPACT = (",", ":")


def geo_info_from_ip_address(arguments: Sequence[pa.Array]) -> pa.Array:
    """Return where each address is; nothing is known of any without a file."""
    (texts,) = arguments
    path = os.environ.get(ADDRESS_FILE_VARIABLE)
    if not path:
        return pa.repeat(pa.scalar(""), len(texts))
    file = _open(path)

    def find(text: str | None) -> str:
        try:
            found = file.get(ip_address((text or "").strip()))
        except ValueError:
            return ""
        return (
            json.dumps(_place(found), ensure_ascii=False, separators=_COMPACT)
            if isinstance(found, dict)
            else ""
        )

    return map_distinct(find, texts.cast(pa.utf8()).fill_null(""))


@cache
def _open(path: str) -> Any:
    try:
        return maxminddb.open_database(path)
    except (OSError, maxminddb.InvalidDatabaseError) as failure:
        raise SegmentRefused(
            f"The file of addresses can't be read ({type(failure).__name__}): set segments.address_file to another."
        ) from failure


def _place(found: Mapping[str, Any]) -> dict[str, object]:
    """Return the names that a record has, in English, and its coordinates if it has some."""
    subdivisions = found.get("subdivisions") or [{}]
    place: dict[str, object] = {
        "country": _name(found.get("country")),
        "state": _name(subdivisions[0]),
        "city": _name(found.get("city")),
    }
    location = found.get("location") or {}
    return place | {name: location[name] for name in ("latitude", "longitude") if name in location}


def _name(part: Mapping[str, Any] | None) -> str:
    return str((part or {}).get("names", {}).get("en", ""))


FUNCTIONS: Mapping[str, ScalarFunction] = MappingProxyType(
    {"geo_info_from_ip_address": geo_info_from_ip_address}
)
"""The functions of this module."""
