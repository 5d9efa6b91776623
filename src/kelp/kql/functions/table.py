"""All functions by name, gathered from the topic modules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kelp.kql.functions import (
    aggregates,
    arrays,
    bags,
    conversions,
    datetimes,
    dynamics,
    encodings,
    geography,
    hashes,
    ipv4,
    ipv6,
    mathematics,
    operators,
    parsers,
    regexes,
    schemas,
    series,
    sets,
    sketches,
    strings,
    terms,
    units,
    unsupported,
    windows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kelp.kql.functions.signature import Function

SCALAR_TOPICS = (
    operators,
    terms,
    strings,
    regexes,
    parsers,
    encodings,
    hashes,
    ipv4,
    ipv6,
    conversions,
    datetimes,
    mathematics,
    dynamics,
    arrays,
    bags,
    sets,
    series,
    geography,
    units,
    sketches,
    schemas,
)
AGGREGATE_TOPICS = (aggregates,)
WINDOW_TOPICS = (windows,)


@dataclass(frozen=True, slots=True)
class FunctionTable:
    """Functions by every name they answer to. `unsupported` are names that KQL has and Kelp refuses, and why."""

    scalars: Mapping[str, Function]
    aggregates: Mapping[str, Function]
    windows: Mapping[str, Function]
    unsupported: Mapping[str, str]
    segments: Mapping[str, Function]
    """The scalar functions that the engine can't compute, by their canonical name."""

    def names(self) -> Iterable[str]:
        """Yield every name, for the nearest-name hint."""
        yield from self.scalars
        yield from self.aggregates
        yield from self.windows


def _by_name(functions: Iterable[Function]) -> dict[str, Function]:
    return {name: found for found in functions for name in (found.name, *found.aliases)}


@cache
def function_table() -> FunctionTable:
    """Return the table; built once."""
    scalars = _by_name(row for topic in SCALAR_TOPICS for row in topic.FUNCTIONS)
    return FunctionTable(
        scalars=scalars,
        aggregates=_by_name(row for topic in AGGREGATE_TOPICS for row in topic.FUNCTIONS),
        windows=_by_name(row for topic in WINDOW_TOPICS for row in topic.FUNCTIONS),
        unsupported=unsupported.REASONS,
        segments={row.name: row for row in scalars.values() if row.is_segment},
    )
