"""Records without a declaration: each property goes to the columns named after it and the kinds of its values. Pure.

Cf. "HTTP Data Collector API", record types and properties: `_s` text, `_d` number, `_b` truth, `_t` time, `_g` GUID.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from kelp.clickhouse.record_search import DATE_TIME_PATTERN, GUID_PATTERN, NUMBER_PATTERN, TRUTH_PATTERN
from kelp.clickhouse.record_texts import (
    SIZE,
    compile_records,
    limit_text,
    read_text,
    require_fit,
    scan_texts,
    text_of,
    time_within,
    with_size,
)
from kelp.kql import bound
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIX_TYPES: Mapping[str, ScalarType] = MappingProxyType(
    {
        "d": ScalarType.REAL,
        "b": ScalarType.BOOL,
        "t": ScalarType.DATETIME,
        "g": ScalarType.GUID,
        "s": ScalarType.STRING,
    }
)
"""The type of columns by the letter that their names end with, in the order in which a value is offered to them."""

_PATTERNS = {"d": NUMBER_PATTERN, "b": TRUTH_PATTERN, "t": DATE_TIME_PATTERN, "g": GUID_PATTERN}


@dataclass(frozen=True, slots=True)
class CollectedProperty:
    """A property of the records, and the columns that its values go to; these end with a letter of `SUFFIX_TYPES`."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """What to make of records: the properties to take, besides `constants`, of which the first is the time.

    `time_property` tells when a record was made; it is believed from the first to the last of `time_limits` (ticks).
    `size` is the last output column: how many bytes the others count for.
    """

    properties: tuple[CollectedProperty, ...]
    constants: tuple[tuple[Column, bound.Literal], ...]
    text_limit_bytes: int
    time_property: str = ""
    time_limits: tuple[int, int] = (0, 0)
    size: Column = field(default=SIZE)

    @property
    def output(self) -> tuple[Column, ...]:
        """The columns that are filled, in order."""
        own = (column for one in self.properties for column in one.columns)
        return (*(column for column, _ in self.constants), *own, self.size)

    @property
    def input(self) -> tuple[str, ...]:
        """The properties that are read."""
        names = [one.name for one in self.properties]
        return tuple(dict.fromkeys([*names, self.time_property] if self.time_property else names))


def compile_collection(collection: Collection, *, is_checked: bool) -> str:
    """Return a SELECT over the relation `source` that gives the output columns by position.

    Checked, it fails where a text may have to be cut, and where a column of another type than its suffix says does not
    take a value.
    """
    outputs = [bound.Output(column.name, value) for column, value in collection.constants]
    if collection.time_property:
        told = read_text(text_of(collection.time_property), ScalarType.DATETIME)
        time = outputs[0]
        outputs[0] = bound.Output(time.name, time_within(told, collection.time_limits, time.value))
    outputs += [
        bound.Output(column.name, _value(one, column, collection.text_limit_bytes, is_checked=is_checked))
        for one in collection.properties
        for column in one.columns
    ]
    schema = RowSchema(tuple(Column(output.name, output.value.type) for output in outputs))
    operator = bound.Project(scan_texts(collection.input), tuple(outputs), schema)
    limit_bytes = collection.text_limit_bytes if is_checked else None
    return compile_records(
        with_size(operator, collection.size, limit_bytes), collection.input, collection.output
    )


def _value(
    one: CollectedProperty, column: Column, text_limit_bytes: int, *, is_checked: bool
) -> bound.Expression:
    """Return the value of a column: of one that is alone anything that converts, else what looks like its kind."""
    suffix, others = column.name[-1], {other.name[-1] for other in one.columns}
    text = text_of(one.name)
    if column.type is ScalarType.STRING:
        rest = text if is_checked else limit_text(text, text_limit_bytes)
        taken = [_looks_like(text, other) for other in _PATTERNS if other in others]
        return _value_where(bound.Call("none_of", tuple(taken), ScalarType.BOOL), rest) if taken else rest
    value = read_text(text, column.type)
    if is_checked and column.type is not SUFFIX_TYPES[suffix]:
        value = require_fit(text, value)
    return value if len(others) == 1 else _value_where(_looks_like(text, suffix), value)


def _looks_like(text: bound.Expression, suffix: str) -> bound.Expression:
    pattern = bound.Literal(ScalarType.STRING, _PATTERNS[suffix])
    return bound.Call("text_matches", (text, pattern), ScalarType.BOOL)


def _value_where(condition: bound.Expression, value: bound.Expression) -> bound.Expression:
    return bound.Call("value_where", (condition, value), value.type)
