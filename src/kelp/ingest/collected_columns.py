"""Which columns the properties of undeclared records go to: the naming rules of the HTTP Data Collector API. Pure.

Cf. "HTTP Data Collector API", record types and properties. A value goes to a column that exists where it converts;
else to a new one with the suffix of its own kind, so that no column ever changes its type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.collected import SUFFIX_TYPES, CollectedProperty
from kelp.kql.types import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kelp.kql.types import ScalarType

MAXIMUM_NAME_CHARACTERS = 45
MAXIMUM_TABLE_COLUMNS = 500

_OTHER_CHARACTERS = re.compile(r"[^A-Za-z0-9_]")
_SUFFIX_OF_KIND = {
    "number": "d",
    "truth": "b",
    "date": "t",
    "guid": "g",
    "text": "s",
    "number text": "s",
    "truth text": "s",
    "container": "s",
}
_ALSO_TAKEN_BY = {"number text": "d", "truth text": "b", "date": "s", "guid": "s"}
"""A column that takes values of a kind though it is not the kind's own."""
_VALUES_OF_NOTHING = frozenset({"null", "empty"})


@dataclass(frozen=True, slots=True)
class Untaken:
    """A property that no column takes, in how many records it stands, and why."""

    name: str
    records: int
    reason: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where properties go."""

    properties: tuple[CollectedProperty, ...]
    untaken: tuple[Untaken, ...]


def assign_columns(kinds: Mapping[str, Mapping[str, int]], existing: Mapping[str, ScalarType]) -> Assignment:
    """Decide about each property of some records by the kinds of its values and the table's present columns."""
    room = MAXIMUM_TABLE_COLUMNS - len(existing)
    taken: list[CollectedProperty] = []
    untaken: list[Untaken] = []
    bases: set[str] = set()
    for name in sorted(kinds):
        present = {kind: count for kind, count in kinds[name].items() if kind not in _VALUES_OF_NOTHING}
        if not present:
            continue
        base = _OTHER_CHARACTERS.sub("_", name)
        columns = _choose_columns(base, present, existing)
        added = sum(column.name not in existing for column in columns)
        reason = _find_obstacle(name, base, bases, is_too_many=added > room)
        if reason:
            untaken.append(Untaken(name, sum(present.values()), reason))
            continue
        room -= added
        bases.add(base)
        taken.append(CollectedProperty(name, columns))
    return Assignment(tuple(taken), tuple(untaken))


def _find_obstacle(name: str, base: str, bases: Iterable[str], *, is_too_many: bool) -> str:
    if len(name) > MAXIMUM_NAME_CHARACTERS:
        return f"its name is longer than {MAXIMUM_NAME_CHARACTERS} characters"
    if not base:
        return "its name is empty"
    if base in bases:
        return f"its columns would be those of another property, '{base}'"
    if is_too_many:
        return f"the table would have more than {MAXIMUM_TABLE_COLUMNS} columns"
    return ""


def _choose_columns(
    base: str, kinds: Iterable[str], existing: Mapping[str, ScalarType]
) -> tuple[Column, ...]:
    present = set(kinds)
    suffixes = {suffix for suffix in SUFFIX_TYPES if f"{base}_{suffix}" in existing}
    # What is no string has a column of its own kind, and text that nothing else takes has one for text.
    suffixes |= {_SUFFIX_OF_KIND[kind] for kind in present & {"number", "truth", "container", "text"}}
    for kind in ("number text", "truth text", "date", "guid"):
        if kind in present and not suffixes & {_SUFFIX_OF_KIND[kind], _ALSO_TAKEN_BY[kind]}:
            suffixes.add(_SUFFIX_OF_KIND[kind])
    return tuple(
        Column(f"{base}_{suffix}", existing.get(f"{base}_{suffix}", kind))
        for suffix, kind in SUFFIX_TYPES.items()
        if suffix in suffixes and _takes_any(suffix, present, suffixes)
    )


def _takes_any(suffix: str, present: set[str], suffixes: set[str]) -> bool:
    """Tell whether any of the kinds goes to the column; one that stays empty need not be filled."""
    own = {kind for kind in present if _SUFFIX_OF_KIND[kind] == suffix}
    others = {kind for kind in present if _ALSO_TAKEN_BY.get(kind) == suffix}
    if suffix == "s":
        own = {kind for kind in own if _ALSO_TAKEN_BY.get(kind) not in suffixes}
        others = {kind for kind in others if _SUFFIX_OF_KIND[kind] not in suffixes}
    return bool(own or others)
