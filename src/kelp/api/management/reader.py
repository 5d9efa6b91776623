"""Reading Azure's documents: every member that has the wrong shape is reported, by its path, not only the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from kelp.base.clock import parse_moment
from kelp.resources.errors import InvalidDocument, Problem
from kelp.resources.shape import Record, read_shape

E = TypeVar("E", bound=StrEnum)


class DocumentReader:
    """One object of a document. Members of null count as absent; unknown and read-only ones are not looked at.

    Problems are collected in one list for the whole document. `reporting` raises them, together with what the
    resource layer finds in what could be read.
    """

    def __init__(
        self, document: Mapping[str, Any], path: str = "", problems: list[Problem] | None = None
    ) -> None:
        self.problems: list[Problem] = [] if problems is None else problems
        self._document = document
        self._path = path

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Raise `InvalidDocument` at the end of the block with all problems, the block's own included.

        What the block finds wrong with a member that could not be read is left out: its value was made up.
        """
        try:
            yield
        except InvalidDocument as found:
            unread = {problem.target for problem in self.problems}
            others = [problem for problem in found.problems if problem.target not in unread]
            raise InvalidDocument([*dict.fromkeys(self.problems), *others]) from found
        if self.problems:
            raise InvalidDocument(list(dict.fromkeys(self.problems)))

    @property
    def path(self) -> str:
        """Where the object lies in the document; empty for the document itself."""
        return self._path

    def section(self, name: str) -> DocumentReader:
        """Return the reader of an object; of an empty one when it is absent."""
        value = self._find(name, dict, "an object")
        return DocumentReader(value or {}, self._at(name), self.problems)

    def sections(self, name: str) -> list[DocumentReader]:
        """Return a reader for each object of an array."""
        readers = []
        for index, item in enumerate(self._find(name, list, "an array") or ()):
            path = f"{self._at(name)}[{index}]"
            if isinstance(item, dict):
                readers.append(DocumentReader(item, path, self.problems))
            else:
                self._report(path, f"'{path}' must be an object.")
        return readers

    def named_sections(self, name: str) -> list[tuple[str, DocumentReader]]:
        """Return name and reader of each member of an object whose members are objects."""
        readers = []
        for key, item in (self._find(name, dict, "an object") or {}).items():
            path = f"{self._at(name)}.{key}"
            if isinstance(item, dict):
                readers.append((key, DocumentReader(item, path, self.problems)))
            else:
                self._report(path, f"'{path}' must be an object.")
        return readers

    def text(self, name: str, default: str = "") -> str:
        """Return a string."""
        value = self._find(name, str, "a string")
        return default if value is None else value

    def find_text(self, name: str) -> str | None:
        """Return a string; None when it is absent."""
        value: str | None = self._find(name, str, "a string")
        return value

    def find_integer(self, name: str) -> int | None:
        """Return a whole number; None when it is absent."""
        value = self._document.get(name)
        if isinstance(value, bool) or (value is not None and not isinstance(value, int)):
            self._report(self._at(name), f"'{self._at(name)}' must be a whole number.")
            return None
        return value

    def find_number(self, name: str) -> float | None:
        """Return a number; None when it is absent."""
        value = self._document.get(name)
        if isinstance(value, bool) or (value is not None and not isinstance(value, int | float)):
            self._report(self._at(name), f"'{self._at(name)}' must be a number.")
            return None
        return value

    def find_boolean(self, name: str) -> bool | None:
        """Return a truth value; None when it is absent. Clients of older SDKs send it as text."""
        value = self._document.get(name)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        found: bool | None = self._find(name, bool, "true or false")
        return found

    def find_moment(self, name: str) -> datetime | None:
        """Return a time, in UTC unless it says otherwise; None when it is absent."""
        text = self.find_text(name)
        if text is None:
            return None
        try:
            return parse_moment(text)
        except ValueError:
            self.refuse(name, f"'{text}' is no time such as 2026-03-01T00:00:00Z.")
            return None

    def choice(self, name: str, default: E) -> E:
        """Return a member of the default's enumeration, named in any case."""
        value = self._find(name, str, "a string")
        if value is None:
            return default
        kinds = {member.value.lower(): member for member in type(default)}
        if value.lower() not in kinds:
            allowed = ", ".join(member.value for member in type(default))
            self._report(
                self._at(name), f"'{value}' is not allowed for '{self._at(name)}'; allowed: {allowed}."
            )
            return default
        return kinds[value.lower()]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an array of strings."""
        values = self._find(name, list, "an array") or []
        for index, value in enumerate(values):
            if not isinstance(value, str):
                path = f"{self._at(name)}[{index}]"
                self._report(path, f"'{path}' must be a string.")
        return tuple(value for value in values if isinstance(value, str))

    def tags(self) -> dict[str, str]:
        """Return the `tags` of a resource."""
        tags = {}
        for key, value in (self._find("tags", dict, "an object") or {}).items():
            if isinstance(value, str):
                tags[key] = value
            elif value is not None:
                self._report(f"tags.{key}", f"The value of tag '{key}' must be a string.")
        return tags

    def shaped(self, name: str, shape: Record) -> dict[str, Any]:
        """Return an object that is read by its shape, faults left out; an absent one is read as empty."""
        given = self._document.get(name)
        read = read_shape(shape, {} if given is None else given, self._at(name), self.problems)
        return read if isinstance(read, dict) else {}

    def free(self, name: str) -> dict[str, Any]:
        """Return an object as it came."""
        return dict(self._find(name, dict, "an object") or {})

    def json_text(self, name: str) -> str:
        """Return an object as JSON text, as it came."""
        return msgspec.json.encode(self._find(name, dict, "an object") or {}).decode()

    def find_any(self, name: str) -> Any:
        """Return a member of whatever type; None when it is absent."""
        return self._document.get(name)

    def refuse(self, name: str, message: str, code: str = "InvalidParameter") -> None:
        """Report a problem with a member."""
        self._report(self._at(name), message, code)

    def names(self) -> tuple[str, ...]:
        """Return the names of all members that are not null."""
        return tuple(name for name, value in self._document.items() if value is not None)

    def _find(self, name: str, kind: type, expected: str) -> Any:
        value = self._document.get(name)
        if value is not None and not isinstance(value, kind):
            self._report(self._at(name), f"'{self._at(name)}' must be {expected}.")
            return None
        return value

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _report(self, path: str, message: str, code: str = "InvalidParameter") -> None:
        self.problems.append(Problem(path, message, code))
