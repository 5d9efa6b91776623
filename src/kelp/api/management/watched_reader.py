"""Finds the shape of a document by watching what reads it, so that the two can't differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from kelp.api.management.reader import DocumentReader
from kelp.resources.shape import (
    Anything,
    Choice,
    Entries,
    Items,
    Moment,
    Number,
    Record,
    Shape,
    Text,
    Truth,
    Whole,
)

E = TypeVar("E", bound=StrEnum)
_TAGS = Entries(Text())


def watch(read: Callable[[DocumentReader], object]) -> Record:
    """Return the shape of the documents that a function reads: every member that it asks for, of what kind.

    The function is given an empty document, and one of each object in arrays. It must get to its end: what it finds
    wrong it reports, and raises nothing.
    """
    reader = WatchedReader()
    read(reader)
    return reader.shape()


class WatchedReader(DocumentReader):
    """The reader of an empty document that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__({})
        self._members: dict[str, Shape] = {}
        self._sections: dict[str, tuple[Callable[[Shape], Shape], WatchedReader]] = {}

    def shape(self) -> Record:
        """Return what was asked for until now."""
        inner = {name: wrap(reader.shape()) for name, (wrap, reader) in self._sections.items()}
        return Record(self._members | inner)

    def section(self, name: str) -> DocumentReader:
        return self._inside(name, lambda shape: shape)

    def sections(self, name: str) -> list[DocumentReader]:
        return [self._inside(name, Items)]

    def named_sections(self, name: str) -> list[tuple[str, DocumentReader]]:
        return [("name", self._inside(name, Entries))]

    def text(self, name: str, default: str = "") -> str:
        self._note(name, Text())
        return default

    def find_text(self, name: str) -> str | None:
        self._note(name, Text())
        return None

    def find_integer(self, name: str) -> int | None:
        self._note(name, Whole())
        return None

    def find_number(self, name: str) -> float | None:
        self._note(name, Number())
        return None

    def find_boolean(self, name: str) -> bool | None:
        self._note(name, Truth())
        return None

    def find_moment(self, name: str) -> datetime | None:
        self._note(name, Moment())
        return None

    def choice(self, name: str, default: E) -> E:
        self._note(name, Choice(tuple(member.value for member in type(default))))
        return default

    def texts(self, name: str) -> tuple[str, ...]:
        self._note(name, Items(Text()))
        return ()

    def tags(self) -> dict[str, str]:
        self._note("tags", _TAGS)
        return {}

    def shaped(self, name: str, shape: Record) -> dict[str, Any]:
        self._note(name, shape)
        return {}

    def free(self, name: str) -> dict[str, Any]:
        self._note(name, Entries(Anything()))
        return {}

    def json_text(self, name: str) -> str:
        self._note(name, Entries(Anything()))
        return "{}"

    def find_any(self, name: str) -> Any:
        self._note(name, Anything())
        return None

    def _note(self, name: str, shape: Shape) -> None:
        """Remember a member, which is absent."""
        self._members.setdefault(name, shape)

    def _inside(self, name: str, wrap: Callable[[Shape], Shape]) -> WatchedReader:
        return self._sections.setdefault(name, (wrap, WatchedReader()))[1]
