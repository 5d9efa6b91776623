"""`parse-kv`: columns from the pairs of keys and values in a text (rules KV-1 to KV-5).

It is `extend`: each column is a search of its key among the pairs, converted to the column's type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.project import extend_columns
from kelp.kql.binder.scope import Scope
from kelp.kql.diagnostics import DUPLICATE_NAME, WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

VALUE_FUNCTION = "parse_kv value"
"""Takes the text, the key, both delimiters, quotes, escapes, a regular expression (each may be empty), and greed."""

_TEXTS = ("pair_delimiter", "kv_delimiter", "regex")
_QUOTE_SIZES = (1, 2)


def bind_parse_kv(
    context: BindContext, node: syntax.ParseKv, source: bound.Operator, names: NameScope
) -> bound.Extend:
    """Return the input with a column a key; null or empty where the text lacks the key."""
    subject = convert(
        expressions.bind_expression(context, node.subject, Scope(names, source.schema)), ScalarType.STRING
    )
    options = _read_options(context, node, names)
    outputs: list[bound.Output] = []
    for column in node.columns:
        if any(output.name == column.name for output in outputs):
            raise refusal(DUPLICATE_NAME, f"the key '{column.name}' is given twice", column.span)
        arguments = (subject, _text(column.name), *options)
        value = bound.Call(VALUE_FUNCTION, arguments, ScalarType.STRING, column.span)
        outputs.append(bound.Output(column.name, convert(value, column.type)))
    return extend_columns(source, tuple(outputs))


def _text(value: str) -> bound.Literal:
    return bound.Literal(ScalarType.STRING, value)


def _read_options(
    context: BindContext, node: syntax.ParseKv, names: NameScope
) -> tuple[bound.Expression, ...]:
    texts: dict[str, str] = {}
    quotes: list[str] = []
    escapes: list[str] = []
    is_greedy = False
    for option in node.options:
        value = expressions.bind_expression(context, option.value, Scope(names))
        constant = value.value if isinstance(value, bound.Literal) else None
        match option.name:
            case "greedy" if isinstance(constant, bool):
                is_greedy = constant
            case "quote" if isinstance(constant, str) and len(constant) in _QUOTE_SIZES:
                quotes.append(constant if len(constant) > 1 else constant * 2)
            case "escape" if isinstance(constant, str) and len(constant) == 1:
                escapes.append(constant)
            case name if name in _TEXTS and isinstance(constant, str) and constant:
                texts[name] = constant
            case name:
                raise refusal(
                    WRONG_ARGUMENTS,
                    f"'{name}' is no option of 'parse-kv', or not with this value",
                    option.span,
                )
    if ("pair_delimiter" in texts) != ("kv_delimiter" in texts):
        raise refusal(WRONG_ARGUMENTS, "'parse-kv' takes pair_delimiter and kv_delimiter together", node.span)
    return (
        *(_text(texts.get(name, "")) for name in _TEXTS[:2]),
        _text("".join(quotes)),
        _text("".join(escapes)),
        _text(texts.get("regex", "")),
        bound.Literal(ScalarType.BOOL, value=is_greedy),
    )
