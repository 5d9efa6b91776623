"""What an expression says: a tree of calls, literals and accesses. Positions count characters of its text from 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, assert_never


@dataclass(frozen=True, slots=True)
class Literal:
    """A text in quotes or a whole number."""

    value: str | int
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; `name` may be `namespace.function`."""

    name: str
    arguments: tuple[Expression, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Member:
    """`target.name`, or `target.?name`, which is null where there is none."""

    target: Expression
    name: str
    is_safe: bool
    at: int


@dataclass(frozen=True, slots=True)
class Index:
    """`target[index]`, or `target[?index]`."""

    target: Expression
    index: Expression
    is_safe: bool
    at: int


Expression: TypeAlias = Literal | Call | Member | Index


def iter_calls(expression: Expression) -> Iterator[Call]:
    """Yield every call in the tree, outer ones first."""
    match expression:
        case Literal():
            return
        case Call(arguments=arguments):
            yield expression
            for argument in arguments:
                yield from iter_calls(argument)
        case Member(target=target):
            yield from iter_calls(target)
        case Index(target=target, index=index):
            yield from iter_calls(target)
            yield from iter_calls(index)
        case _ as unreachable:
            assert_never(unreachable)


def print_expression(expression: Expression) -> str:
    """Return a text that reads as the same tree, without the brackets around it."""
    match expression:
        case Literal(value=str(text)):
            return "'" + text.replace("'", "''") + "'"
        case Literal(value=number):
            return str(number)
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(print_expression, arguments))})"
        case Member(target=target, name=name, is_safe=is_safe):
            return f"{print_expression(target)}{'.?' if is_safe else '.'}{name}"
        case Index(target=target, index=index, is_safe=is_safe):
            return f"{print_expression(target)}[{'?' if is_safe else ''}{print_expression(index)}]"
        case _ as unreachable:
            assert_never(unreachable)
