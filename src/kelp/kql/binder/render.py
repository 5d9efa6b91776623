"""`render`: what the result should look like. It changes no row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import syntax
from kelp.kql.bound import Visualization

if TYPE_CHECKING:
    from collections.abc import Iterable


def bind_visualization(node: syntax.Render) -> Visualization:
    """Return the kind and properties: names in lower case, values text, numbers or truth values, lists tuples."""
    return Visualization(
        node.visualization.lower(), {o.name.lower(): _value(o.value) for o in node.properties}
    )


def _value(node: syntax.Expression) -> str | tuple[str, ...] | bool | float | None:
    match node:
        case syntax.Literal(value=value):
            return value
        case syntax.NameExpression(name=name):
            return name
        case syntax.Call(arguments=arguments):
            return tuple(_texts(argument.value for argument in arguments))
        case _:
            return None


def _texts(nodes: Iterable[syntax.Expression]) -> Iterable[str]:
    return (str(_value(node)) for node in nodes)
