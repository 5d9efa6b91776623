"""`parse_xml`: XML as a dynamic value (rules XML-1 to XML-3).

Nothing is looked up and no entity is expanded but XML's own five: a document that declares one gives null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from xml.parsers import expat

import msgspec
import pyarrow as pa

from kelp.segments.distinct import map_distinct

if TYPE_CHECKING:
    from kelp.segments.table import ScalarFunction

MAXIMUM_BYTES = 1024 * 1024
MAXIMUM_DEPTH = 200
_TEXT = "#text"

Value: TypeAlias = "str | None | dict[str, Value | list[Value]]"


class _NotRead(Exception):
    """The document is not one that is read."""


@dataclass(slots=True)
class _Element:
    """An element whose end was not yet seen: its parts by name, in the order they came, and text so far."""

    name: str
    parts: dict[str, list[Value]]
    text: list[str] = field(default_factory=list)

    def end_text(self) -> None:
        """XML-2: text is taken without the white space around it; white space alone is none."""
        text = "".join(self.text).strip()
        self.text.clear()
        if text:
            self.parts.setdefault(_TEXT, []).append(text)

    def value(self) -> Value:
        """XML-1: nothing is null, text alone is itself; what stands several times is an array."""
        self.end_text()
        if not self.parts:
            return None
        texts = self.parts.get(_TEXT, [])
        if len(self.parts) == 1 and len(texts) == 1:
            return texts[0]
        return {name: found[0] if len(found) == 1 else found for name, found in self.parts.items()}


class _Reader:
    """Builds the value while the parser goes through the document."""

    def __init__(self) -> None:
        self._open = [_Element("", {})]
        self._parser = expat.ParserCreate(encoding="utf-8")
        self._parser.buffer_text = True
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._take_text
        self._parser.EntityDeclHandler = self._refuse_entity

    def read(self, text: str) -> Value:
        """Return the document's value. Raises `expat.ExpatError`, `_NotRead`."""
        self._parser.Parse(text.encode(), True)
        return self._open[0].value()

    def _start(self, name: str, attributes: list[str]) -> None:
        if len(self._open) > MAXIMUM_DEPTH:
            raise _NotRead
        self._open[-1].end_text()
        pairs = zip(attributes[::2], attributes[1::2], strict=True)
        self._open.append(_Element(name, {f"@{key}": [value] for key, value in pairs}))

    def _end(self, name: str) -> None:
        element = self._open.pop()
        self._open[-1].parts.setdefault(name, []).append(element.value())

    def _take_text(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _refuse_entity(self, *declaration: object) -> None:
        raise _NotRead


def _parse(text: str) -> str:
    """XML-3: what is no XML, declares entities, is longer than 1 MiB or deeper than 200 elements gives null."""
    text = text.strip()
    if not text or len(text.encode()) > MAXIMUM_BYTES:
        return ""
    try:
        value = _Reader().read(text)
    except (expat.ExpatError, _NotRead):
        return ""
    return msgspec.json.encode(value).decode()


def _parse_xml(arguments: Sequence[pa.Array]) -> pa.Array:
    return map_distinct(_parse, arguments[0])


FUNCTIONS: Mapping[str, ScalarFunction] = {"parse_xml": _parse_xml}
