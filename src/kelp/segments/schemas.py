"""The shape of documents: what `buildschema` gives (rule AGG-14).

A shape is `{"types": [...], "parts": {...} | null}`: the types of the scalars that stand in a place, and, where bags or
arrays stand there, the shapes of their properties. The items of arrays are a property of that name `_ITEMS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kelp.segments.distinct import map_distinct

if TYPE_CHECKING:
    from kelp.segments.table import ScalarFunction

_ITEMS = "`indexer`"
_NAMES = {bool: "bool", int: "long", float: "double", str: "string"}
_ORDER = tuple(_NAMES.values())


@dataclass(slots=True)
class _Shape:
    types: set[str] = field(default_factory=set)
    parts: dict[str, _Shape] | None = None

    def add(self, value: Any) -> None:
        """Admit a value; null is admitted anyway."""
        if isinstance(value, dict):
            self._add_parts(value.items())
        elif isinstance(value, list):
            self._add_parts((_ITEMS, item) for item in value)
        elif value is not None:
            self.types.add(_NAMES[type(value)])

    def _add_parts(self, parts: Iterable[tuple[str, Any]]) -> None:
        self.parts = {} if self.parts is None else self.parts
        for name, value in parts:
            self.parts.setdefault(name, _Shape()).add(value)

    def merge(self, written: Mapping[str, Any]) -> None:
        """Admit what another shape does."""
        self.types.update(written["types"])
        if written["parts"] is not None:
            self.parts = {} if self.parts is None else self.parts
            for name, part in written["parts"].items():
                self.parts.setdefault(name, _Shape()).merge(part)

    def written(self) -> dict[str, Any]:
        """Return the shape to be merged later."""
        parts = None if self.parts is None else {name: part.written() for name, part in self.parts.items()}
        return {"types": sorted(self.types), "parts": parts}

    def schema(self) -> Any:
        """Return the schema as KQL shows it: a type, or an array of several; nothing where only nulls stand."""
        kinds: list[Any] = [name for name in _ORDER if name in self.types]
        if self.parts is not None:
            shown = ((name, part.schema()) for name, part in self.parts.items())
            kinds.append({name: schema for name, schema in shown if schema is not None})
        return kinds[0] if len(kinds) == 1 else kinds or None


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _shape_of(text: str) -> str:
    shape = _Shape()
    shape.add(_read(text))
    return json.dumps(shape.written(), ensure_ascii=False, separators=(",", ":"))


def _schema_of(shapes: str) -> str:
    """Return the schema of shapes, which come in any order: sorted, so that the same ones give the same."""
    merged = _Shape()
    for shape in sorted(_read(shapes) or ()):
        merged.merge(json.loads(shape))
    schema = merged.schema()
    return "" if schema is None else json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def _of_each(function: Callable[[str], str]) -> ScalarFunction:
    def compute(arguments: Sequence[pa.Array]) -> pa.Array:
        return map_distinct(function, arguments[0])

    return compute


FUNCTIONS: Mapping[str, ScalarFunction] = {
    "$shape_of": _of_each(_shape_of),
    "$schema_of": _of_each(_schema_of),
}
