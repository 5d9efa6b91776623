"""What a document may hold, as values: for kinds that are kept as documents until something works with them.

`read_shape` gives back what a document says, in canonical spelling, and reports every fault by its path. Members
that no shape names are kept as they came, so that nothing is lost that a later version may understand; those that
only the service fills in are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, assert_never
from uuid import UUID

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.errors import Problem

_DURATION = re.compile(r"P(?!$)(\d+D)?(?:T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `pattern` is told to the caller as `rule`."""

    maximum: int = 65_536
    minimum: int = 0
    pattern: str | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words, in any case."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds."""

    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and time in ISO 8601."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in ISO 8601, such as `PT5M`."""


@dataclass(frozen=True, slots=True)
class Guid:
    """A GUID."""


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address."""


@dataclass(frozen=True, slots=True)
class Url:
    """An address that begins with http or https."""


@dataclass(frozen=True, slots=True)
class Path:
    """A resource id, of one of `types` if any are named."""

    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """An array."""

    of: Shape
    minimum: int = 0
    maximum: int = 1000


@dataclass(frozen=True, slots=True)
class Entries:
    """An object whose members have names of their own and one shape."""

    of: Shape


@dataclass(frozen=True, slots=True)
class Record:
    """An object of `members`; `defaults` stand for absent ones, `read_only` ones are dropped."""

    members: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    read_only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value."""


@dataclass(frozen=True, slots=True)
class Nullable:
    """A value, or null."""

    of: Shape


@dataclass(frozen=True, slots=True)
class Named:
    """A shape with a name, by which the published description of the API refers to it."""

    name: str
    of: Shape


Shape: TypeAlias = (
    Text | Choice | Whole | Number | Truth | Moment | Duration | Guid | Email | Url | Path | Items | Entries
    | Record | Anything | Nullable | Named
)  # fmt: skip


def read_shape(shape: Shape, value: Any, target: str, problems: list[Problem]) -> Any:
    """Return what the value says, faults and unknown members left out; what is wrong is added to `problems`."""
    match shape:
        case Record():
            return _read_record(shape, value, target, problems)
        case Items():
            return _read_items(shape, value, target, problems)
        case Entries():
            if not isinstance(value, Mapping):
                return _report(problems, target, "must be an object")
            read = {
                name: read_shape(shape.of, member, f"{target}.{name}", problems)
                for name, member in value.items()
                if member is not None
            }
            return {name: member for name, member in read.items() if member is not None}
        case Anything():
            return value
        case Nullable() | Named():
            return None if value is None else read_shape(shape.of, value, target, problems)
        case Text() | Choice() | Moment() | Duration() | Guid() | Email() | Url() | Path():
            if not isinstance(value, str):
                return _report(problems, target, "must be a string")
            return _read_text(shape, value, target, problems)
        case Whole() | Number() | Truth():
            return _read_number(shape, value, target, problems)
        case _:
            assert_never(shape)


def _read_record(shape: Record, value: Any, target: str, problems: list[Problem]) -> Any:
    if not isinstance(value, Mapping):
        return _report(problems, target, "must be an object")
    known = {*shape.members, *shape.read_only}
    others = {name: given for name, given in value.items() if name not in known and given is not None}
    read = {**shape.defaults, **others}
    for name, member in shape.members.items():
        given = value.get(name)
        if given is not None:
            found = read_shape(member, given, f"{target}.{name}" if target else name, problems)
            if found is not None:
                read[name] = found
        elif name in shape.required:
            _report(problems, f"{target}.{name}" if target else name, "is required")
    return read


def _read_items(shape: Items, value: Any, target: str, problems: list[Problem]) -> Any:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return _report(problems, target, "must be an array")
    if len(value) < shape.minimum:
        _report(
            problems,
            target,
            f"must have at least {shape.minimum} {'item' if shape.minimum == 1 else 'items'}",
        )
    if len(value) > shape.maximum:
        return _report(problems, target, f"has {len(value)} items, and at most {shape.maximum} are allowed")
    read = [read_shape(shape.of, item, f"{target}[{index}]", problems) for index, item in enumerate(value)]
    return [item for item in read if item is not None]


def _read_number(shape: Whole | Number | Truth, value: Any, target: str, problems: list[Problem]) -> Any:
    if isinstance(shape, Truth):
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return value if isinstance(value, bool) else _report(problems, target, "must be true or false")
    kinds = int if isinstance(shape, Whole) else int | float
    if isinstance(value, bool) or not isinstance(value, kinds):
        return _report(problems, target, f"must be a {'whole ' if isinstance(shape, Whole) else ''}number")
    if (shape.minimum is not None and value < shape.minimum) or (
        shape.maximum is not None and value > shape.maximum
    ):
        bounds = (
            f"{shape.minimum} to {shape.maximum}" if shape.maximum is not None else f"{shape.minimum} or more"
        )
        return _report(problems, target, f"must be {bounds}, not {value}")
    return value


def _read_text(
    shape: Text | Choice | Moment | Duration | Guid | Email | Url | Path,
    value: str,
    target: str,
    problems: list[Problem],
) -> Any:
    shown = value if len(value) <= 80 else value[:80] + "..."
    match shape:
        case Text():
            if not shape.minimum <= len(value) <= shape.maximum:
                bounds = f"{shape.minimum} to {shape.maximum}"
                return _report(problems, target, f"must have {bounds} characters, not {len(value)}")
            if shape.pattern is not None and not re.fullmatch(shape.pattern, value):
                return _report(problems, target, f"is {shape.rule}, not '{shown}'")
            return value
        case Choice():
            words = {word.lower(): word for word in shape.words}
            if value.lower() not in words:
                return _report(problems, target, f"is one of {', '.join(shape.words)}, not '{shown}'")
            return words[value.lower()]
        case Path():
            return _read_path(shape, value, target, problems)
        case Moment() | Duration() | Guid() | Email() | Url():
            if not _fits(shape, value):
                return _report(problems, target, f"'{shown}' is no {_WORDS[type(shape)]}")
            return value
        case _:
            assert_never(shape)


def _read_path(shape: Path, value: str, target: str, problems: list[Problem]) -> Any:
    try:
        parsed = ResourceId.parse(value)
    except ServiceError as error:
        return _report(problems, target, error.message)
    if shape.types and parsed.type.lower() not in {one.lower() for one in shape.types}:
        return _report(
            problems, target, f"must be the id of a {' or '.join(shape.types)}, not of a {parsed.type}"
        )
    return value


_WORDS: Mapping[type, str] = {
    Moment: "date and time",
    Duration: "duration such as PT5M",
    Guid: "GUID",
    Email: "e-mail address",
    Url: "address that begins with http or https",
}


def _fits(shape: Moment | Duration | Guid | Email | Url, value: str) -> bool:
    match shape:
        case Duration():
            return _DURATION.fullmatch(value) is not None
        case Email():
            return _EMAIL.fullmatch(value) is not None
        case Url():
            return _URL.fullmatch(value) is not None
        case Moment() | Guid():
            try:
                datetime.fromisoformat(value) if isinstance(shape, Moment) else UUID(value)
            except ValueError:
                return False
            return True
        case _:
            assert_never(shape)


def _report(problems: list[Problem], target: str, fault: str) -> Any:
    """Add a problem. Return None, which stands for what could not be read."""
    text = fault if fault.startswith("'") and not fault.startswith(f"'{target}'") else f"'{target}' {fault}"
    problems.append(Problem(target, text if text.endswith(".") else f"{text}."))
    return None
