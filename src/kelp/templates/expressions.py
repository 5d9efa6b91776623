"""Finds expressions and texts in values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kelp.templates.errors import ExpressionError
from kelp.templates.evaluation import COPY, read_count
from kelp.templates.parser import is_expression
from kelp.templates.scope import Scope


def iter_expressions(
    value: Any, scope: Scope, path: str, *, is_nested: bool = False
) -> Iterator[tuple[str, str, Scope]]:
    """Yield path, text and scope of every expression below a value, each turn of a loop by itself.

    Those in the template of a nested deployment are that deployment's, and left out.
    """
    match value:
        case str() if is_expression(value):
            yield path, value, scope
        case list():
            for position, item in enumerate(value):
                yield from iter_expressions(item, scope, f"{path}[{position}]")
        case dict():
            for name, member in value.items():
                if is_nested and name == "properties":
                    rest = (
                        {key: one for key, one in member.items() if key != "template"}
                        if isinstance(member, dict)
                        else {}
                    )
                    yield from iter_expressions(rest, scope, f"{path}.{name}")
                elif name == COPY and isinstance(member, list):
                    yield from _iter_loops(member, scope, f"{path}.{name}")
                else:
                    yield from iter_expressions(name, scope, path)
                    yield from iter_expressions(member, scope, f"{path}.{name}")


def _iter_loops(loops: list[Any], scope: Scope, path: str) -> Iterator[tuple[str, str, Scope]]:
    for position, loop in enumerate(loops):
        here = f"{path}[{position}]"
        if not isinstance(loop, Mapping) or not {"name", "count", "input"} <= loop.keys():
            yield from iter_expressions(loop, scope, here)
            continue
        yield from iter_expressions(loop["count"], scope, f"{here}.count")
        try:
            turns = range(read_count(loop["count"], scope))
        except ExpressionError:
            continue  # found where the count itself is checked
        for index in turns:
            yield from iter_expressions(
                loop["input"], scope.in_loop(str(loop["name"]), index), f"{here}.input"
            )


def iter_texts(value: Any) -> Iterator[str]:
    """Yield every text below a value; names of members are none."""
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from iter_texts(item)
        case dict():
            for item in value.values():
                yield from iter_texts(item)
